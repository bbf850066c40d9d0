import {
  createEventEnvelope,
  createStackParser,
  dsnFromString,
  type ErrorEvent,
  getEnvelopeEndpointWithUrlEncodedAuth,
  serializeEnvelope,
} from '@sentry/core'
import { nodeStackLineParser } from '@sentry/core/server'
import { systemClock } from '../lib/clock.ts'
import { requestScope } from './http/request-scope.ts'
import { createCircuits } from './circuit.ts'
import { describeError, type Log } from './log.ts'
import { createOutgoing } from './outgoing.ts'

/** Tells a Sentry server of errors. Never throws and never waits: what cannot be told is counted in the log. */
export interface ErrorReports {
  /** Queues one report: kind, redacted text, stack, request id and route. No body, no header, no address, no person. */
  report(error: unknown, message: string): void
  /** Waits until what was queued is sent or given up. */
  flush(): Promise<void>
}

/** What the reports need. */
export interface ErrorReportsOptions {
  readonly dsn: string
  readonly environment: string
  readonly release: string
  /** A log that does not report its own errors here. */
  readonly log: Log
}

// An error in a loop must not become a flood at the other end, where every report costs money.
const mostAMinute = 30

const parseStack = createStackParser(nodeStackLineParser())

/**
 * Makes the reporter. The library gives Sentry's wire format; what goes into a report is written here and nowhere else, from the same
 * redacted description the log gets, because the library's own collectors would take along requests, cookies and addresses.
 */
export function createErrorReports(options: ErrorReportsOptions): ErrorReports {
  const dsn = dsnFromString(options.dsn)
  if (dsn === undefined) throw new Error('SENTRY_DSN cannot be read')
  const url = getEnvelopeEndpointWithUrlEncodedAuth(dsn)
  const { log } = options
  const clock = systemClock
  const outgoing = createOutgoing({ allowedHosts: [new URL(url).host], circuits: createCircuits({ clock }), log, clock })
  const underway = new Set<Promise<void>>()
  let minute = 0
  let sentThisMinute = 0

  async function send(event: ErrorEvent): Promise<void> {
    const envelope = serializeEnvelope(createEventEnvelope(event, dsn))
    try {
      await outgoing.call({
        method: 'POST',
        url,
        text: {
          type: 'application/x-sentry-envelope',
          value: typeof envelope === 'string' ? envelope : new TextDecoder().decode(envelope),
        },
        takesText: true,
        totalTimeoutMs: 5_000,
        purpose: 'error report',
      })
    } catch (error) {
      log.warn({ cause: describeError(error) }, 'an error report could not be sent')
    }
  }

  return {
    report(failure, message) {
      const now = clock.now()
      const thisMinute = Math.floor(now.getTime() / 60_000)
      if (thisMinute !== minute) [minute, sentThisMinute] = [thisMinute, 0]
      if (++sentThisMinute > mostAMinute) return
      const work: Promise<void> = send(eventOf(failure, message, now, options)).finally(() => underway.delete(work))
      underway.add(work)
    },
    flush: async () => void (await Promise.all(underway)),
  }
}

function eventOf(error: unknown, message: string, now: Date, { environment, release }: ErrorReportsOptions): ErrorEvent {
  const described = describeError(error)
  const { code } = described
  const scope = requestScope()
  return {
    type: undefined,
    event_id: crypto.randomUUID().replaceAll('-', ''),
    timestamp: now.getTime() / 1_000,
    platform: 'node',
    level: 'error',
    environment,
    release,
    logger: message,
    exception: {
      values: [
        {
          type: textOf(described['type']),
          value: textOf(described['message']),
          stacktrace: { frames: parseStack(textOf(described['stack']), 1) },
        },
      ],
    },
    tags: {
      ...(scope === undefined ? {} : { requestId: scope.requestId, route: scope.route ?? 'none' }),
      ...(typeof code === 'string' ? { code } : {}),
    },
  }
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '')
