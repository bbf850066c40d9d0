import { formatDay, formatTime, nairobiDay } from '../../lib/time.ts'
import { frameWords } from './frame.words.ts'
import { spokenLang } from './words.ts'

// The names in full: Swahili has no short ones that people read at a glance.
const swahiliDay = new Intl.DateTimeFormat('sw-KE', { timeZone: 'Africa/Nairobi', weekday: 'long', day: 'numeric', month: 'short' })

/** "Tue 24 Nov", "Jumanne 24 Nov"; the day in Nairobi. */
export const dayText = (moment: Date): string => (spokenLang() === 'sw' ? swahiliDay.format(moment).replace(',', '') : formatDay(moment))

/** "Tue 24 Nov, 15:21". Hours as on a phone's clock: spoken Swahili counts them from dawn, which a bare number would not tell. */
export const momentText = (moment: Date): string => `${dayText(moment)}, ${formatTime(moment)}`

/** When a parcel comes, as a date and not a speed: "Tue 24 Nov by 6 pm", "Tue 24 Nov to Thu 26 Nov by 6 pm". */
export function promiseText(from: Date, to: Date): string {
  const words = frameWords()
  return `${nairobiDay(from) === nairobiDay(to) ? '' : `${dayText(from)} ${words.to} `}${dayText(to)} ${words.bySix}`
}
