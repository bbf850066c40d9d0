import type { CloseReason } from './close-codes.ts'
import type { Hub } from './hub.ts'
import type { Visit } from './watch.ts'

// A reader this far behind is treated like a slow socket.
const highWaterBytes = 16 * 1024

/**
 * An answer of server-sent events that lasts as long as its reader: the hub's channels for networks that let no WebSocket through.
 * The visit's frames must be messages of `text/event-stream`. Refuses like an upgrade.
 */
export function eventStream(hub: Hub, visit: Visit): Response {
  const encoder = new TextEncoder()
  let handle: ReturnType<Hub['stream']> | undefined
  let sent = 0
  const body = new ReadableStream<Uint8Array>(
    {
      start(controller) {
        handle = hub.stream(visit, {
          send(frame) {
            controller.enqueue(encoder.encode(frame))
            sent += 1
            return (controller.desiredSize ?? 0) > 0
          },
          buffered: () => Math.max(0, highWaterBytes - (controller.desiredSize ?? 0)),
          end(_reason: CloseReason) {
            controller.close()
            handle?.end()
          },
        })
      },
      pull() {
        if (sent > 0) handle?.drained()
      },
      cancel() {
        handle?.end()
      },
    },
    { highWaterMark: highWaterBytes, size: (chunk) => chunk?.byteLength ?? 0 },
  )
  return new Response(body, {
    headers: { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-store', 'x-accel-buffering': 'no' },
  })
}
