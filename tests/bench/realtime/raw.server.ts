/** The limit: Bun's own fan-out with nothing around it. */
import { frameOf, reportSelf, takePosition, welcome } from './position.work.ts'

interface Peer {
  readonly channels: readonly string[]
  readonly isDriver: boolean
}

const server = Bun.serve<Peer>({
  port: 0,
  hostname: '0.0.0.0',
  fetch(request, self) {
    const url = new URL(request.url)
    if (url.pathname === '/self') {
      if (url.searchParams.has('gc')) Bun.gc(true)
      return Response.json(reportSelf())
    }
    const data = { channels: (url.searchParams.get('channel') ?? '').split(','), isDriver: url.pathname === '/drive' }
    return self.upgrade(request, { data }) ? undefined : new Response('', { status: 426 })
  },
  websocket: {
    idleTimeout: 960,
    backpressureLimit: 512 * 1024,
    open(socket) {
      if (!socket.data.isDriver) for (const channel of socket.data.channels) socket.subscribe(channel)
      socket.sendText(welcome)
    },
    message(socket, message) {
      const facts = takePosition(String(message))
      if (facts !== undefined) server.publish(socket.data.channels[0] ?? '', frameOf(facts))
    },
  },
})
process.stdout.write(`${JSON.stringify({ port: server.port })}\n`)
