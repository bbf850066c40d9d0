/**
 * A process that sends prepared requests over keep-alive connections and tells how long each took. Told what to do as one line of
 * JSON on its input; answers one line on its output. Speaks HTTP/1.1 over bare sockets, so that it takes as little as can be of
 * the processor the shop and the database share with it.
 */
import type { LoadOrder, LoadReport } from './send-load.ts'

const order = (await Bun.stdin.json()) as LoadOrder
const { hostname, port, host } = new URL(order.origin)
const report: { tookMs: number; latenciesMs: number[]; statuses: Record<string, number>; bodies: string[] } = {
  tookMs: 0,
  latenciesMs: [],
  statuses: {},
  bodies: [],
}
let next = 0

const bytesOf = ({ method, path, headers, body }: LoadOrder['requests'][number]): Buffer => {
  const lines = Object.entries({ host, 'content-length': String(Buffer.byteLength(body)), ...headers }).map(
    ([name, value]) => `${name}: ${value}\r\n`,
  )
  return Buffer.from(`${method} ${path} HTTP/1.1\r\n${lines.join('')}\r\n${body}`)
}

/** One connection: sends the next request, reads its answer whole, and goes on until none is left. */
async function connection(): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  let beganMs = 0
  let seen = Buffer.alloc(0)
  const sendNext = (socket: Bun.Socket): void => {
    const request = order.requests[next++]
    if (request === undefined) return void socket.end()
    beganMs = performance.now()
    socket.write(bytesOf(request))
  }
  await Bun.connect({
    hostname,
    port: Number(port),
    socket: {
      open: sendNext,
      data(socket, chunk) {
        seen = seen.length === 0 ? Buffer.from(chunk) : Buffer.concat([seen, chunk])
        const end = seen.indexOf('\r\n\r\n')
        if (end < 0) return
        const head = seen.subarray(0, end).toString('latin1')
        const length = Number(/\r\ncontent-length: (\d+)/i.exec(head)?.[1] ?? Number.NaN)
        if (Number.isNaN(length)) return reject(new Error(`an answer without a length:\n${head}`))
        if (seen.length < end + 4 + length) return
        report.latenciesMs.push(performance.now() - beganMs)
        const status = head.slice(9, 12)
        report.statuses[status] = (report.statuses[status] ?? 0) + 1
        if (order.keepsBodies) report.bodies.push(seen.subarray(end + 4).toString('utf8'))
        seen = Buffer.alloc(0)
        sendNext(socket)
      },
      close: () => resolve(),
      error: (_, error) => reject(error),
    },
  })
  await promise
}

const began = performance.now()
await Promise.all(Array.from({ length: order.connections }, connection))
report.tookMs = performance.now() - began
process.stdout.write(JSON.stringify(report satisfies LoadReport))
