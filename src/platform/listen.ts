import type { Server, WebSocketHandler } from 'bun'

/** What answers requests; undefined when the request became a WebSocket. */
export type Answer = (request: Request, address: string) => Promise<Response | undefined>

/** Where and how to listen. */
export interface ListenOptions<Data> {
  readonly port: number
  readonly bindAddress: string
  readonly answer: Answer
  readonly websocket: WebSocketHandler<Data>
}

/** A listening server that can be drained. */
export interface Listener<Data> {
  readonly server: Server<Data>
  /** Takes no new connections, lets running requests end for at most `waitMs`, then cuts what is left. */
  drain(waitMs: number): Promise<void>
}

/**
 * Listens. Throws when the port is taken: sharing it with a forgotten process, which is the default on Linux, would answer every
 * other request with old code (design: stack.md section 3.5).
 */
export function listen<Data>(options: ListenOptions<Data>): Listener<Data> {
  const server = Bun.serve<Data>({
    port: options.port,
    hostname: options.bindAddress,
    reusePort: false,
    development: false,
    idleTimeout: 30,
    // Above every limit of a route, which say more clearly what is too large.
    maxRequestBodySize: 6 * 1024 * 1024,
    websocket: options.websocket,
    fetch: async (request, self) => (await options.answer(request, self.requestIP(request)?.address ?? '')) as Response,
  })
  return {
    server,
    async drain(waitMs) {
      const { promise, resolve } = Promise.withResolvers<void>()
      const timer = setTimeout(resolve, waitMs)
      await Promise.race([server.stop(false), promise])
      clearTimeout(timer)
      await server.stop(true)
    },
  }
}
