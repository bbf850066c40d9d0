/** A peer: Socket.IO with its rooms, over WebSocket only. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Server } from 'socket.io'
import { frameOf, reportSelf, takePosition, welcome } from './position.work.ts'

const http = createServer((request, response) => {
  if (request.url?.startsWith('/self') !== true) return
  response.setHeader('content-type', 'application/json')
  response.end(JSON.stringify(reportSelf()))
})
const io = new Server(http, { transports: ['websocket'], perMessageDeflate: false, serveClient: false, pingInterval: 600_000 })
io.on('connection', (socket) => {
  const { channel, drive } = socket.handshake.query
  const channels = String(channel).split(',')
  if (drive === '1') {
    socket.on('position', (text: string) => {
      const facts = takePosition(text)
      if (facts !== undefined) io.to(channels[0] ?? '').emit('position', frameOf(facts))
    })
  } else {
    void socket.join(channels)
  }
  socket.emit('welcome', welcome)
})
http.listen(0, '0.0.0.0', () => process.stdout.write(`${JSON.stringify({ port: (http.address() as AddressInfo).port })}\n`))
