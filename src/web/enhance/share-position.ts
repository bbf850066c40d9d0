/** The rider's page, sharing where the rider is: over the same socket that watchers use, as long as this page is open. */
import { socketUrl, trackDelivery, type TrackingClient } from './tracking-client.ts'

// Until the server says how to send: it passes one position in five seconds on; more would only cost battery and data.
const sendMs = 5_000
// A phone that lies still tells nothing new; the rider must not look lost for it.
const stillMs = 20_000

for (const button of document.querySelectorAll<HTMLButtonElement>('button[data-share]')) {
  if (!('geolocation' in navigator)) continue
  button.hidden = false
  button.addEventListener('click', () => (stop(button) ? undefined : start(button)))
}

interface Sharing {
  readonly clients: readonly TrackingClient[]
  readonly watch: number
  release(): void
}

const sharings = new Map<HTMLButtonElement, Sharing>()

function start(button: HTMLButtonElement): void {
  const status = document.querySelector<HTMLElement>('[data-share-status]')
  const tell = (text: string): void => {
    if (status !== null) status.textContent = text
  }
  let everyMs = sendMs
  const clients = [...document.querySelectorAll<HTMLElement>('[data-share-socket]')].map((each) =>
    trackDelivery({
      url: socketUrl(each.dataset['shareSocket'] ?? '', location.origin),
      plan: (wish) => (everyMs = wish.intervalMs),
      refused: (error) =>
        tell(
          error === 'forbidden' ? 'One delivery is not yours any more. Load this page again.' : `The last position was refused (${error}).`,
        ),
      link: (state) =>
        tell(
          state === 'live'
            ? 'Your place is shared. Keep this page open.'
            : state === 'over'
              ? 'Sharing has ended.'
              : 'No connection. Your place is sent when it is back.',
        ),
    }),
  )
  let sentAt = 0
  let last: GeolocationCoordinates | undefined
  const send = (coords: GeolocationCoordinates): void => {
    sentAt = Date.now()
    const { latitude: lat, longitude: lng, accuracy, speed, heading } = coords
    const more = { ...(speed === null ? {} : { spd: speed }), ...(heading === null || Number.isNaN(heading) ? {} : { brg: heading }) }
    // With its time, so that what was made without signal finds its place in the trail.
    for (const client of clients) client.sendPosition({ lat, lng, acc: Math.round(accuracy), ts: sentAt, ...more })
  }
  const still = setInterval(() => last !== undefined && Date.now() - sentAt >= Math.max(stillMs, everyMs) && send(last), sendMs)
  const watch = navigator.geolocation.watchPosition(
    ({ coords }) => {
      last = coords
      if (Date.now() - sentAt >= everyMs) send(coords)
    },
    ({ code }) =>
      tell(
        code === 1
          ? 'Your phone does not allow this page to see your place. Change it in the settings of the browser.'
          : 'Your phone does not know where it is.',
      ),
    { enableHighAccuracy: true, maximumAge: 2_000 },
  )
  const release = keepAwake()
  sharings.set(button, {
    clients,
    watch,
    release() {
      clearInterval(still)
      release()
    },
  })
  button.setAttribute('aria-pressed', 'true')
  button.textContent = 'Stop sharing my place'
  window.addEventListener('online', () => clients.forEach((client) => client.retry()))
}

function stop(button: HTMLButtonElement): boolean {
  const sharing = sharings.get(button)
  if (sharing === undefined) return false
  navigator.geolocation.clearWatch(sharing.watch)
  sharing.clients.forEach((client) => client.close())
  sharing.release()
  sharings.delete(button)
  button.setAttribute('aria-pressed', 'false')
  button.textContent = 'Share my place'
  return true
}

/** Keeps the screen on while sharing: a dark screen stops a web page's fixes. The lock ends when the page is hidden, so it is taken again. */
function keepAwake(): () => void {
  let lock: { release(): Promise<void> } | undefined
  const take = async (): Promise<void> => {
    if (document.visibilityState !== 'visible' || !('wakeLock' in navigator)) return
    lock = await navigator.wakeLock.request('screen').catch(() => undefined)
  }
  void take()
  const again = (): void => void take()
  document.addEventListener('visibilitychange', again)
  return () => {
    document.removeEventListener('visibilitychange', again)
    void lock?.release()
  }
}
