import postgres from 'postgres'

/** The error and everything it was caused by, outermost first: drizzle wraps the driver's error as `cause`. */
export function* chain(error: unknown): Generator<Error> {
  for (let part = error, depth = 0; part instanceof Error && depth < 8; part = part.cause, depth++) yield part
}

const serverError = (error: unknown): postgres.PostgresError | undefined => {
  for (const part of chain(error)) if (part instanceof postgres.PostgresError) return part
  return undefined
}

/** The SQLSTATE the server answered with, or undefined when the error did not come from the server. */
export const sqlState = (error: unknown): string | undefined => serverError(error)?.code

/** The name of the constraint a statement violated, or undefined. */
export const constraintOf = (error: unknown): string | undefined => serverError(error)?.constraint_name

const lostCodes = new Set([
  'CONNECTION_CLOSED',
  'CONNECTION_ENDED',
  'CONNECTION_DESTROYED',
  'CONNECT_TIMEOUT',
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
])
// Shutdown, crash, starting up, too many connections.
const lostStates = new Set(['57P01', '57P02', '57P03', '53300'])

/**
 * True when the database could not be reached or went away. What a commit was doing at that moment is unknown: look the result up
 * by its key on a new connection, never repeat blindly (design: reliability.md section 3.2).
 */
export function isConnectionLoss(error: unknown): boolean {
  const state = sqlState(error)
  if (state !== undefined) return lostStates.has(state) || state.startsWith('08')
  for (const part of chain(error)) if ('code' in part && lostCodes.has(String(part.code))) return true
  return false
}

/** True for a failure that says "the whole transaction may simply be run again": serialization failure or deadlock. */
export const isRetryable = (error: unknown): boolean => ['40001', '40P01'].includes(sqlState(error) ?? '')

/**
 * Runs a whole transaction again after a serialization failure or a deadlock, at most three times in all, 10 to 50 ms apart. The
 * function must do nothing outside its transaction. Any other error, and the last one, is thrown as it came.
 */
export async function withRetry<Result>(run: () => Promise<Result>, random: () => number = Math.random): Promise<Result> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await run()
    } catch (error) {
      if (attempt === 3 || !isRetryable(error)) throw error
      await Bun.sleep(10 + random() * 40)
    }
  }
}
