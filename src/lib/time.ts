/** Durations in milliseconds, named so that a limit reads as what it is. */
export const seconds = (count: number): number => count * 1_000
export const minutes = (count: number): number => count * 60_000
export const hours = (count: number): number => count * 3_600_000
export const days = (count: number): number => count * 86_400_000

/** Kenya keeps UTC+3 all year; screens, day boundaries and M-Pesa timestamps use it. */
export const nairobi = 'Africa/Nairobi'

/** A moment later (or earlier) by milliseconds. */
export const after = (moment: Date, durationMs: number): Date => new Date(moment.getTime() + durationMs)

const offsetMs = hours(3)

/** Daraja's form of a moment: YYYYMMDDHHmmss in Nairobi time (design: payments.md 4.1). */
export const darajaTimestamp = (moment: Date): string => after(moment, offsetMs).toISOString().replace(/\D/g, '').slice(0, 14)

/** The Nairobi calendar day of a moment: 2026-11-24. */
export const nairobiDay = (moment: Date): string => after(moment, offsetMs).toISOString().slice(0, 10)

/** The instant at which a Nairobi day (`2026-11-24`) begins; undefined for anything that is no day. */
export function nairobiMidnight(day: string): Date | undefined {
  const instant = /^\d{4}-\d{2}-\d{2}$/.test(day) ? new Date(`${day}T00:00:00+03:00`) : new Date(Number.NaN)
  return Number.isNaN(instant.getTime()) || nairobiDay(instant) !== day ? undefined : instant
}

const dayFormat = new Intl.DateTimeFormat('en-GB', { timeZone: nairobi, weekday: 'short', day: 'numeric', month: 'short' })
const timeFormat = new Intl.DateTimeFormat('en-GB', { timeZone: nairobi, hour: '2-digit', minute: '2-digit', hour12: false })

/** "Tue 24 Nov" in Nairobi. */
export const formatDay = (moment: Date): string => dayFormat.format(moment).replace(',', '')

/** "15:21" in Nairobi. */
export const formatTime = (moment: Date): string => timeFormat.format(moment)
