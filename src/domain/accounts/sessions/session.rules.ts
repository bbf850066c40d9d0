import { staffRoles } from '../../../lib/actor.ts'
import { days, hours, minutes } from '../../../lib/time.ts'
import type { AccessConfig } from '../../../platform/access.config.ts'

/** How long a session may live at most, and how long without being used. In milliseconds. */
export interface SessionLife {
  readonly wholeMs: number
  readonly idleMs: number
}

/** A shopper's session lasts weeks; one that may move other people's money lasts a shift (design: reliability.md, V7). */
export const sessionLife = (access: AccessConfig, roles: readonly string[]): SessionLife =>
  staffRoles.some((role) => roles.includes(role))
    ? { wholeMs: hours(access.staffSessionHours), idleMs: minutes(access.staffIdleMinutes) }
    : { wholeMs: days(access.sessionDays), idleMs: days(access.sessionIdleDays) }

/** How long a cookie may be kept by a browser: as long as the longest session; the server decides earlier. */
export const cookieAgeS = (access: AccessConfig): number => days(access.sessionDays) / 1_000
