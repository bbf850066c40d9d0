import { collectDefaultMetrics, Counter, Histogram, type Metric, Registry } from 'prom-client'

/** What a request was, for the metrics: the route's template and never its address, which holds numbers and tokens. */
export interface MeasuredRequest {
  readonly method: string
  /** `/api/v1/orders/:number`; undefined when no route was found. */
  readonly route: string | undefined
  readonly status: number
  readonly tookMs: number
}

/** A value, with the labels that tell it from its siblings. */
export interface Reading {
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

/** One figure that is read when somebody asks for the metrics. `kind` counter: it only ever grows while the process lives. */
export interface ReadingSource {
  readonly name: string
  readonly help: string
  readonly kind?: 'gauge' | 'counter'
  read(): readonly Reading[] | Promise<readonly Reading[]>
}

/** The figures of this process, for Prometheus. */
export interface Metrics {
  observeRequest(request: MeasuredRequest): void
  /** Registers figures that are read at each scrape. */
  expose(...sources: readonly ReadingSource[]): void
  /** The exposition text and its media type. A source that fails is left out and counted in `shop_metrics_source_failures_total`. */
  render(): Promise<{ readonly type: string; readonly text: string }>
}

// Where a shopper on a slow phone begins to notice, and where a platform gives up.
const buckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]
// A client may send any method; only the known ones become a label, or a stranger could fill the memory with series.
const methods: ReadonlySet<string> = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])

/** Makes the metrics of a process: its requests, its event loop and memory, and whatever is exposed to them. */
export function createMetrics(): Metrics {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: 20 })
  const registers = [registry]
  const requests = new Histogram({
    name: 'http_request_duration_seconds',
    help: 'Time from the request line to the answer, by route template and status.',
    labelNames: ['method', 'route', 'status'],
    buckets,
    registers,
  })
  const failures = new Counter({
    name: 'shop_metrics_source_failures_total',
    help: 'Figures that could not be read for a scrape.',
    labelNames: ['name'],
    registers,
  })

  /** What the library asks of a metric of its own kinds, answered from a source. */
  const metricOf = (source: ReadingSource) => ({
    name: source.name,
    reset: () => {},
    async get() {
      const about = { name: source.name, help: source.help, type: source.kind ?? 'gauge', aggregator: 'sum' }
      try {
        return { ...about, values: await source.read() }
      } catch {
        // The scrape goes on without it, and the counter tells; the reason is in the log of whatever could not be reached.
        failures.inc({ name: source.name })
        return { ...about, values: [] }
      }
    },
  })

  return {
    observeRequest({ method, route, status, tookMs }) {
      requests.observe({ method: methods.has(method) ? method : 'other', route: route ?? 'none', status }, tookMs / 1_000)
    },
    expose(...sources) {
      // The library's type asks for one of its classes; it calls only `get`, `reset` and reads `name`.
      for (const source of sources) registry.registerMetric(metricOf(source) as unknown as Metric)
    },
    render: async () => ({ type: registry.contentType, text: await registry.metrics() }),
  }
}
