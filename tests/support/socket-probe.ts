/** One WebSocket of a test: every frame it got, and promises for what is awaited. Nothing here waits for a time. */
export interface SocketProbe {
  readonly frames: string[]
  readonly socket: WebSocket
  send(frame: unknown): void
  /** The frames once there are at least `count`. */
  atLeast(count: number): Promise<string[]>
  /** The first frame, seen or still to come, that fits. */
  find(fits: (frame: Record<string, unknown>) => boolean): Promise<Record<string, unknown>>
  /** Code and reason of the close. */
  readonly closed: Promise<{ code: number; reason: string }>
  close(): Promise<void>
}

/** Opens a socket; resolves once it is open, rejects when the server refuses the upgrade. */
export async function openSocket(url: string, headers: Record<string, string> = {}): Promise<SocketProbe> {
  const socket = new WebSocket(url.replace(/^http/, 'ws'), { headers } as unknown as string[])
  const frames: string[] = []
  const waiting = new Set<() => void>()
  let end: { code: number; reason: string } | undefined
  const closed = new Promise<{ code: number; reason: string }>((resolve) =>
    socket.addEventListener('close', ({ code, reason }) => {
      end = { code, reason }
      resolve(end)
      for (const look of waiting) look()
    }),
  )
  socket.addEventListener('message', ({ data }) => {
    frames.push(String(data))
    for (const look of waiting) look()
  })
  const until = <Found>(look: () => Found | undefined): Promise<Found> =>
    new Promise((resolve, reject) => {
      const check = (): void => {
        const found = look()
        if (found === undefined && end === undefined) return
        waiting.delete(check)
        if (found === undefined) reject(new Error(`closed with ${end?.code} ${end?.reason} after ${JSON.stringify(frames)}`))
        else resolve(found)
      }
      waiting.add(check)
      check()
    })
  await new Promise<void>((resolve, reject) => {
    socket.addEventListener('open', () => resolve(), { once: true })
    socket.addEventListener('close', () => reject(new Error('the upgrade was refused')), { once: true })
  })
  return {
    frames,
    socket,
    closed,
    send: (frame) => socket.send(typeof frame === 'string' ? frame : JSON.stringify(frame)),
    atLeast: (count) => until(() => (frames.length >= count ? frames : undefined)),
    find: (fits) => until(() => frames.map((frame) => JSON.parse(frame) as Record<string, unknown>).find(fits)),
    close: async () => {
      socket.close()
      await closed
    },
  }
}
