/** A peer: the library `ws`, as its manual shows how to tell many. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type WebSocket, WebSocketServer } from 'ws'
import { frameOf, reportSelf, takePosition, welcome } from './position.work.ts'

const rooms = new Map<string, Set<WebSocket>>()
const http = createServer((_, response) => {
  response.setHeader('content-type', 'application/json')
  response.end(JSON.stringify(reportSelf()))
})
const sockets = new WebSocketServer({ server: http, perMessageDeflate: false })
sockets.on('connection', (socket, request) => {
  const url = new URL(request.url ?? '/', 'http://localhost')
  const channels = (url.searchParams.get('channel') ?? '').split(',')
  if (url.pathname === '/drive') {
    socket.on('message', (message: Buffer) => {
      const facts = takePosition(message.toString())
      if (facts === undefined) return
      const frame = frameOf(facts)
      for (const watcher of rooms.get(channels[0] ?? '') ?? []) watcher.send(frame)
    })
  } else {
    for (const channel of channels) {
      const room = rooms.get(channel) ?? new Set()
      rooms.set(channel, room.add(socket))
      socket.on('close', () => room.delete(socket))
    }
  }
  socket.send(welcome)
})
http.listen(0, '0.0.0.0', () => process.stdout.write(`${JSON.stringify({ port: (http.address() as AddressInfo).port })}\n`))
