/** What the hub has done since the start, for metrics. Counts only grow. */
export class HubCounters {
  opened = 0
  refused = 0
  framesIn = 0
  framesRefused = 0
  eventsPublished = 0
  positionsPublished = 0
  duplicatesDropped = 0
  sheds = 0
  resyncs = 0
  rechecks = 0
  rechecksFailed = 0
  busErrors = 0
  workFailed = 0
  workDropped = 0
  readonly closed = new Map<number, number>()

  countClose(code: number): void {
    this.closed.set(code, (this.closed.get(code) ?? 0) + 1)
  }
}
