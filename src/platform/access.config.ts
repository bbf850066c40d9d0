/** Who may enter, how often and for how long: the settings of accounts, throttles and overload, read through the readers of config.ts. */

/** The settings of accounts, throttles and overload. */
export interface AccessConfig {
  /** `required`: staff act as staff only in sessions in which a code of the second factor was given. */
  readonly staffSecondFactor: 'required' | 'optional'
  readonly sessionDays: number
  readonly sessionIdleDays: number
  readonly staffSessionHours: number
  readonly staffIdleMinutes: number
  /** How fresh a password or a code must be for refunds, payouts and rights. */
  readonly stepUpMinutes: number
  readonly throttles: boolean
  readonly rates: Rates
  /** Requests being answered at once; the least important are refused first. */
  readonly maxInFlight: number
  /** How late the event loop may be before the least important requests are refused; 0 switches the guard off. */
  readonly loopLagMs: number
  /** Other origins whose scripts may call the API, without cookies. */
  readonly corsOrigins: readonly string[]
}

/** How many requests a minute, unless the name says an hour. */
export interface Rates {
  readonly user: number
  readonly guest: number
  readonly pages: number
  readonly login: number
  readonly registerHourly: number
  readonly resetHourly: number
  readonly checkout: number
  readonly prompt: number
  readonly webhook: number
  readonly assistant: number
}

/** The readers of config.ts. */
export interface SettingReaders {
  readonly isProduction: boolean
  readonly mode: 'development' | 'test' | 'production'
  whole(name: string, fallback: number, least: number, most: number): number
  oneOf<Value extends string>(name: string, values: readonly Value[], fallback: Value): Value
  list(name: string): string[]
  refuse(line: string): void
}

/** Reads them. What would leave a door open in production is refused with a line of its own. */
export function readAccess({ isProduction, mode, whole, oneOf, list, refuse }: SettingReaders): AccessConfig {
  const staffSecondFactor = oneOf('STAFF_SECOND_FACTOR', ['required', 'optional'], isProduction ? 'required' : 'optional')
  // A test is many people at one address within a second; those about throttles switch them on.
  const throttles = oneOf('THROTTLES', ['on', 'off'], mode === 'test' ? 'off' : 'on')
  const sessionDays = whole('SESSION_DAYS', 30, 1, 365)
  const sessionIdleDays = whole('SESSION_IDLE_DAYS', 14, 1, 365)
  const corsOrigins = list('CORS_ORIGINS')
  if (isProduction && staffSecondFactor === 'optional') refuse('STAFF_SECOND_FACTOR must be required in production.')
  if (isProduction && throttles === 'off') refuse('THROTTLES must be on in production.')
  if (sessionIdleDays > sessionDays) refuse('SESSION_IDLE_DAYS may not be longer than SESSION_DAYS.')
  for (const origin of corsOrigins) {
    if (origin.includes('*')) refuse('CORS_ORIGINS may not hold a wildcard; list each origin.')
    else if (!URL.canParse(origin) || new URL(origin).origin !== origin)
      refuse('CORS_ORIGINS must hold origins such as https://app.rahim.co.ke, without a path.')
    else if (isProduction && !origin.startsWith('https:')) refuse('CORS_ORIGINS may hold only https:// origins in production.')
  }
  return {
    staffSecondFactor,
    sessionDays,
    sessionIdleDays,
    staffSessionHours: whole('STAFF_SESSION_HOURS', 12, 1, 168),
    staffIdleMinutes: whole('STAFF_IDLE_MINUTES', 30, 5, 1_440),
    stepUpMinutes: whole('STEP_UP_MINUTES', 10, 1, 240),
    throttles: throttles === 'on',
    rates: {
      user: whole('RATE_USER_PER_MINUTE', 120, 1, 1_000_000),
      guest: whole('RATE_GUEST_PER_MINUTE', 60, 1, 1_000_000),
      pages: whole('RATE_PAGES_PER_MINUTE', 600, 1, 1_000_000),
      login: whole('RATE_LOGIN_PER_MINUTE', 20, 1, 100_000),
      registerHourly: whole('RATE_REGISTER_PER_HOUR', 10, 1, 100_000),
      resetHourly: whole('RATE_RESET_PER_HOUR', 10, 1, 100_000),
      checkout: whole('RATE_CHECKOUT_PER_MINUTE', 10, 1, 100_000),
      prompt: whole('RATE_PROMPT_PER_MINUTE', 6, 1, 100_000),
      assistant: whole('RATE_ASSISTANT_PER_MINUTE', 20, 1, 100_000),
      webhook: whole('RATE_WEBHOOK_PER_MINUTE', 300, 1, 1_000_000),
    },
    maxInFlight: whole('MAX_IN_FLIGHT', 600, 10, 100_000),
    loopLagMs: whole('LOOP_LAG_MS', mode === 'test' ? 0 : 500, 0, 60_000),
    corsOrigins,
  }
}
