import pino, { type Logger } from 'pino'

/** The JSON log: one line an event, request id and noun ids in it, nothing secret. */
export type Log = Logger

// Redaction by key for what code hands in whole; by shape for what slips into text (design: payments.md section 10, last line).
const secretKeys = [
  'password',
  'passwordHash',
  'token',
  'tokenHash',
  'secret',
  'authorization',
  'cookie',
  'passkey',
  'securityCredential',
  'consumerSecret',
  'consumerKey',
  'clientSecret',
  'appSecret',
  'databaseUrl',
  'redisUrl',
  'email',
  'address',
  'landmark',
]
const secretShapes: readonly [RegExp, string][] = [
  [/\b(?:\+?254|0)[17]\d{8}\b/g, '[phone]'],
  [/\b[\w.+-]+@[\w-]+\.[\w.]+\b/g, '[email]'],
  [/\b(?:sk|rk|pk|whsec|rok)_[A-Za-z0-9_-]{6,}\b/g, '[key]'],
  [/\b(?:postgres(?:ql)?|rediss?):\/\/[^\s"]+/g, '[address]'],
  [/\bBearer\s+[\w.~+/-]+=*/gi, 'Bearer [token]'],
]

/** Removes what must never reach a log from free text: phones, e-mails, keys, connection strings, bearer tokens. */
export const redactText = (text: string): string => secretShapes.reduce((clean, [shape, word]) => clean.replace(shape, word), text)

/** Hears of every line that is logged as an error. */
export type ErrorListener = (error: unknown, message: string) => void

const errorLevel = 50

/** A JSON logger on standard output. Synchronous, so that the last lines before an exit are never lost. */
export function createLog(level: string, destination?: { write(line: string): void }, onError?: ErrorListener): Log {
  const options = {
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    redact: { paths: secretKeys.flatMap((key) => [key, `*.${key}`]), censor: '[redacted]' },
    serializers: { error: describeError, err: describeError },
    hooks: {
      logMethod(this: Logger, args: Parameters<pino.LogFn>, method: pino.LogFn, weight: number) {
        if (weight >= errorLevel && onError !== undefined) {
          const [about, says] = args as readonly unknown[]
          const message = typeof says === 'string' ? says : typeof about === 'string' ? about : 'error'
          onError(typeof about === 'object' && about !== null && 'error' in about ? about.error : new Error(message), message)
        }
        method.apply(this, args.map((part) => (typeof part === 'string' ? redactText(part) : part)) as Parameters<pino.LogFn>)
      },
    },
  }
  return destination === undefined ? pino(options, pino.destination({ dest: 1, sync: true })) : pino(options, destination)
}

/** An error for the log: kind, text, stack and cause, without a statement's parameters, which are people's data. */
export function describeError(error: unknown): Record<string, unknown> {
  if (!(error instanceof Error)) return { type: typeof error, message: redactText(String(error)) }
  const own = error as Error & { code?: unknown; query?: unknown; constraint_name?: unknown; severity?: unknown }
  // drizzle's message holds the statement followed by its parameters; the parameters are cut off.
  const message = error.message.replace(/\nparams:[\s\S]*$/, '')
  return {
    type: error.name,
    message: redactText(message),
    ...(own.code === undefined ? {} : { code: own.code }),
    ...(own.constraint_name === undefined ? {} : { constraint: own.constraint_name }),
    stack: redactText((error.stack ?? '').replace(/\nparams:[^\n]*/g, '').slice(0, 4_000)),
    ...(error.cause === undefined ? {} : { cause: describeError(error.cause) }),
  }
}
