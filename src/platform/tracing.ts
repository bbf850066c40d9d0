import { type Attributes, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api'

/**
 * Runs work inside a span. Without OTEL_EXPORTER_OTLP_ENDPOINT nothing is registered and the API's own spans, which do nothing,
 * cost next to nothing. Attributes hold templates, states and sizes, never a value a person typed.
 */
export function withSpan<Result>(name: string, attributes: Attributes, work: (span: SpanNotes) => Promise<Result>): Promise<Result> {
  return trace.getTracer('rahim-online').startActiveSpan(name, { kind: SpanKind.INTERNAL, attributes }, async (span) => {
    try {
      return await work({ rename: (better) => span.updateName(better), note: (more) => span.setAttributes(more) })
    } catch (error) {
      // The text of an error may hold a statement's values; its kind is enough to find the log line by the trace id.
      span.setStatus({ code: SpanStatusCode.ERROR, message: error instanceof Error ? error.name : typeof error })
      throw error
    } finally {
      span.end()
    }
  })
}

/** What work may add to its span. */
export interface SpanNotes {
  rename(name: string): void
  note(attributes: Attributes): void
}

/** The current trace's id, for log lines; undefined while traces are off. */
export function traceId(): string | undefined {
  const id = trace.getActiveSpan()?.spanContext().traceId
  return id === undefined || /^0+$/.test(id) ? undefined : id
}

/** Sends traces to an OTLP endpoint from now on; answers the function that sends the rest and stops. The packages are loaded only here. */
export async function startTracing(options: {
  readonly endpoint: string
  readonly environment: string
  readonly release: string
}): Promise<() => Promise<void>> {
  const [{ AsyncLocalStorageContextManager }, { OTLPTraceExporter }, { resourceFromAttributes }, sdk, { context }] = await Promise.all([
    import('@opentelemetry/context-async-hooks'),
    import('@opentelemetry/exporter-trace-otlp-http'),
    import('@opentelemetry/resources'),
    import('@opentelemetry/sdk-trace'),
    import('@opentelemetry/api'),
  ])
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
  const provider = new sdk.TracerProvider({
    resource: resourceFromAttributes({
      'service.name': 'rahim-online',
      'service.version': options.release,
      'deployment.environment.name': options.environment,
    }),
    spanProcessors: [new sdk.BatchSpanProcessor({ exporter: new OTLPTraceExporter({ url: `${options.endpoint}/v1/traces` }) })],
  })
  trace.setGlobalTracerProvider(provider)
  return async () => {
    await provider.shutdown()
    trace.disable()
    context.disable()
  }
}
