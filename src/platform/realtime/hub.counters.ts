/** What the hub has done since the start, for metrics. Counts only grow; every number of the object itself is one. */
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
  /** How it is now, beside what has been counted. */
  readonly gauges = {
    /** Milliseconds our last echo took through Redis and back. */
    busEchoMs: 0,
    /** Milliseconds the last pong took. */
    pongMs: 0,
    /** The most bytes one socket had not read when it was looked at. */
    bufferedMost: 0,
    /** Sockets positions are withheld from. */
    lagging: 0,
  }
  readonly closed = new Map<number, number>()

  countClose(code: number): void {
    this.closed.set(code, (this.closed.get(code) ?? 0) + 1)
  }
}
