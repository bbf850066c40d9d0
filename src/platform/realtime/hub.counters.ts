/** What the hub has done since the start, for metrics. Counts only grow. */
export class HubCounters {
  opened = 0
  refused = 0
  framesIn = 0
  framesOut = 0
  framesRefused = 0
  eventsPublished = 0
  positionsPublished = 0
  /** Positions replaced by a newer one before the tick told them. */
  positionsCoalesced = 0
  duplicatesDropped = 0
  /** Events that came too early, so that the truth had to be read. */
  gaps = 0
  /** Clients that came back and were told what they had missed, and those that had missed more than is told again. */
  resumesComplete = 0
  resumesIncomplete = 0
  sheds = 0
  resyncs = 0
  rechecks = 0
  rechecksFailed = 0
  busErrors = 0
  /** Milliseconds our last echo took through Redis and back. */
  busEchoMs = 0
  /** Milliseconds the last pong took. */
  pongMs = 0
  /** The most bytes one socket had not read when it was looked at. */
  bufferedMost = 0
  readonly closed = new Map<number, number>()

  countClose(code: number): void {
    this.closed.set(code, (this.closed.get(code) ?? 0) + 1)
  }
}

/** One figure for whoever exports metrics. */
export interface HubReading {
  /** snake_case, without a prefix. */
  readonly name: string
  readonly help: string
  readonly kind: 'counter' | 'gauge'
  readonly value: number
  readonly labels?: Readonly<Record<string, string>>
}

const helps: Readonly<Record<string, readonly [HubReading['kind'], string]>> = {
  opened: ['counter', 'Sockets and streams let in.'],
  refused: ['counter', 'Sockets and streams refused because there were too many.'],
  framesIn: ['counter', 'Frames received.'],
  framesOut: ['counter', 'Frames given to sockets and streams.'],
  framesRefused: ['counter', 'Frames dropped because their sender said too much.'],
  eventsPublished: ['counter', 'Events told from this process.'],
  positionsPublished: ['counter', 'Positions told from this process.'],
  positionsCoalesced: ['counter', 'Positions replaced by a newer one before they were told.'],
  duplicatesDropped: ['counter', 'Messages heard before.'],
  gaps: ['counter', 'Events that came before one that was missing.'],
  resumesComplete: ['counter', 'Clients that came back and were told all they had missed.'],
  resumesIncomplete: ['counter', 'Clients that came back and had missed more than is told again.'],
  sheds: ['counter', 'Sockets positions were withheld from.'],
  resyncs: ['counter', 'Times everything watched was read again.'],
  rechecks: ['counter', 'Rights to watch asked again.'],
  rechecksFailed: ['counter', 'Rights that could not be asked.'],
  busErrors: ['counter', 'Commands Redis refused or lost.'],
  busEchoMs: ['gauge', 'Milliseconds through Redis and back.'],
  pongMs: ['gauge', 'Milliseconds of the last pong.'],
  bufferedMost: ['gauge', 'Most bytes one socket had not read.'],
}

/** The counters as readings, closes by their code. */
export function readCounters(counters: HubCounters): HubReading[] {
  const plain = Object.entries(helps).map(([name, [kind, help]]) => ({
    name: `realtime_${name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)}`,
    help,
    kind,
    value: counters[name as keyof HubCounters] as number,
  }))
  const closes = [...counters.closed].map(([code, value]) => ({
    name: 'realtime_closed',
    help: 'Sockets closed, by code.',
    kind: 'counter' as const,
    value,
    labels: { code: String(code) },
  }))
  return [...plain, ...closes]
}
