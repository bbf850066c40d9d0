/** One WebSocket client by hand: counts frames without building them, and reads only those of a sampled peer. */
export interface Peer {
  readonly isSampled: boolean
  readonly ended: Promise<void>
  isEnded: boolean
  /** Called for what came in one read: how many frames, and the last one's text if this peer is sampled. */
  heard: (count: number, text: string | undefined) => void
  send(text: string): void
  /** Stops reading, so that the kernel's buffers fill and then the server's. */
  pause(): void
  resume(): void
  end(): void
}

/** Where to connect. */
export interface PeerAddress {
  readonly host: string
  readonly port: number
  readonly path: string
  readonly isSocketIo: boolean
  readonly isSampled: boolean
}

const encoder = new TextEncoder()
const decoder = new TextDecoder()
// All clients mask with the same key: it costs the same and says nothing.
const mask = [0x12, 0x34, 0x56, 0x78] as const

/** Connects; resolves once the server has said its first word. */
export async function openPeer({ host, port, path, isSocketIo, isSampled }: PeerAddress): Promise<Peer> {
  const opened = Promise.withResolvers<void>()
  const ended = Promise.withResolvers<void>()
  const reader = new FrameReader(isSampled || isSocketIo)
  let isUpgraded = false
  let isReady = false
  let head = ''
  const peer: Peer = {
    isSampled,
    ended: ended.promise,
    isEnded: false,
    heard: () => {},
    send: (text) => void socket.write(masked(0x81, encoder.encode(text))),
    pause: () => socket.pause(),
    resume: () => socket.resume(),
    end: () => socket.end(),
  }
  const finish = (error?: Error): void => {
    peer.isEnded = true
    ended.resolve()
    opened.reject(error ?? new Error(`closed before it was open: ${head.slice(0, 200)}`))
  }
  const socket = await Bun.connect({
    hostname: host,
    port,
    socket: {
      data(_, bytes) {
        let rest: Uint8Array = bytes
        if (!isUpgraded) {
          head += bytes.toString('latin1')
          const end = head.indexOf('\r\n\r\n')
          if (end < 0) return
          if (!head.startsWith('HTTP/1.1 101')) return finish()
          isUpgraded = true
          rest = Buffer.from(head.slice(end + 4), 'latin1')
        }
        const { count, text, pings } = reader.read(rest)
        if (pings > 0) socket.write(masked(0x8a, new Uint8Array(0)))
        if (count === 0) return
        if (isReady) return peer.heard(count, text)
        if (isSocketIo && text !== undefined && text.startsWith('0')) return peer.send('40')
        if (isSocketIo && text !== undefined && !text.startsWith('42')) return
        isReady = true
        opened.resolve()
      },
      error: (_, error) => finish(error),
      close: () => finish(),
    },
  })
  socket.write(
    `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n`,
  )
  await opened.promise
  return peer
}

/** Walks over the frames of a server, across the borders of reads. */
class FrameReader {
  readonly #keepsText: boolean
  #partial: Uint8Array = new Uint8Array(0)
  #skip = 0

  constructor(keepsText: boolean) {
    this.#keepsText = keepsText
  }

  read(bytes: Uint8Array): { count: number; text: string | undefined; pings: number } {
    let count = 0
    let pings = 0
    let text: string | undefined
    let at = 0
    let data = bytes
    if (this.#partial.length > 0) {
      data = Buffer.concat([this.#partial, bytes])
      this.#partial = new Uint8Array(0)
    }
    if (this.#skip > 0) {
      const skipped = Math.min(this.#skip, data.length)
      this.#skip -= skipped
      at = skipped
    }
    while (at < data.length) {
      const start = at
      const second = data[at + 1]
      const short = second === undefined ? 0 : second & 0x7f
      const headLength = short === 126 ? 4 : short === 127 ? 10 : 2
      if (second === undefined || data.length - at < headLength) {
        this.#partial = data.slice(start)
        break
      }
      const length =
        short === 126
          ? ((data[at + 2] ?? 0) << 8) | (data[at + 3] ?? 0)
          : short === 127
            ? Number(new DataView(data.buffer, data.byteOffset + at + 2, 8).getBigUint64(0))
            : short
      const code = (data[at] ?? 0) & 0x0f
      const end = at + headLength + length
      if (this.#keepsText && end > data.length) {
        this.#partial = data.slice(start)
        break
      }
      if (code === 1) {
        count += 1
        if (this.#keepsText) text = decoder.decode(data.subarray(at + headLength, end))
      } else if (code === 9) pings += 1
      if (end > data.length) this.#skip = end - data.length
      at = end
    }
    return { count, text, pings }
  }
}

function masked(first: number, payload: Uint8Array): Uint8Array {
  const headLength = payload.length < 126 ? 2 : 4
  const frame = new Uint8Array(headLength + 4 + payload.length)
  frame[0] = first
  if (headLength === 2) frame[1] = 0x80 | payload.length
  else {
    frame[1] = 0x80 | 126
    frame[2] = payload.length >> 8
    frame[3] = payload.length & 0xff
  }
  for (let index = 0; index < 4; index++) frame[headLength + index] = mask[index] ?? 0
  for (let index = 0; index < payload.length; index++)
    frame[headLength + 4 + index] = (payload[index] ?? 0) ^ (mask[(index % 4) as 0 | 1 | 2 | 3] ?? 0)
  return frame
}
