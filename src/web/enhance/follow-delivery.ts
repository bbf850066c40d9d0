/** The track page, alive: the dot moves, states change, and without a socket the page is fetched again from time to time. */
import { smoother } from './smooth-position.ts'
import { socketUrl, trackDelivery } from './tracking-client.ts'

const pollMs = 10_000
const redrawMs = 60_000
const silentAfterMs = 120_000

const main = document.querySelector<HTMLElement>('[data-follow]')
if (main !== null) follow(main)

function follow(page: HTMLElement): void {
  const sockets = page.querySelectorAll<HTMLElement>('[data-socket]')
  // Before there is a delivery there is no channel to listen to.
  let isPolling =
    sockets.length === 0 &&
    ['awaiting_payment', 'paid'].includes(page.querySelector<HTMLElement>('[data-part=order]')?.dataset['status'] ?? '')
  let drawnAt = Date.now()
  for (const section of sockets) {
    const smooth = smoother()
    const client = trackDelivery({
      url: socketUrl(section.dataset['socket'] ?? '', location.origin),
      position(fix) {
        const name = section.dataset['part'] ?? ''
        const { lat, lng } = smooth(fix)
        const isDrawn = moveDot(name, lat, lng)
        tellAge(name, fix.ts)
        // Times of arrival are the server's to say.
        if (!isDrawn || Date.now() - drawnAt > redrawMs) void redraw()
      },
      state: ({ status }) => {
        if (status !== part(section.dataset['part'] ?? '')?.dataset['status']) void redraw()
      },
      link(state) {
        isPolling = state === 'down'
        if (state === 'over') void redraw()
      },
    })
    window.addEventListener('online', () => client.retry())
    document.addEventListener('visibilitychange', () => {
      if (document.visibilityState === 'visible') client.retry()
    })
  }

  async function redraw(): Promise<void> {
    drawnAt = Date.now()
    const fresh = await fetchPage()
    if (fresh === undefined) return
    // A delivery was made in the meantime: the page has another shape now.
    if (namesOf(fresh) !== namesOf(document)) return location.reload()
    for (const old of page.querySelectorAll<HTMLElement>('[data-part]')) {
      const next = [...fresh.querySelectorAll<HTMLElement>('[data-part]')].find((each) => each.dataset['part'] === old.dataset['part'])
      if (next === undefined || next.outerHTML === old.outerHTML) continue
      // A map somebody has opened stays open.
      const isOpen = old.querySelector('details')?.open === true
      old.replaceWith(document.adoptNode(next))
      const details = next.querySelector('details')
      if (details !== null) details.open = isOpen
    }
    const headline = fresh.querySelector('[data-headline]')?.textContent ?? ''
    const shown = document.querySelector('[data-headline]')
    // Set only when it changed: a screen reader speaks every change of this line.
    if (shown !== null && headline !== '' && shown.textContent !== headline) shown.textContent = headline
  }

  setInterval(() => {
    if (isPolling && document.visibilityState === 'visible') void redraw()
    for (const age of document.querySelectorAll<HTMLElement>('[data-fixed-at]')) writeAge(age)
  }, pollMs)
}

const namesOf = (page: Document): string =>
  [...page.querySelectorAll<HTMLElement>('[data-part]')].map((each) => each.dataset['part']).join()

const part = (name: string): HTMLElement | undefined =>
  [...document.querySelectorAll<HTMLElement>('[data-part]')].find((each) => each.dataset['part'] === name)

/** The same page again, parsed by the browser; undefined when it could not be had. */
function fetchPage(): Promise<Document | undefined> {
  // XMLHttpRequest, because it alone gives a document without handing text to a parser, which the page's policy forbids.
  return new Promise((resolve) => {
    const request = new XMLHttpRequest()
    request.open('GET', location.href)
    request.responseType = 'document'
    request.onload = () => resolve(request.status === 200 ? (request.responseXML ?? undefined) : undefined)
    request.onerror = () => resolve(undefined)
    request.send()
  })
}

/** Moves the rider on the drawing. False when it lies outside of it, so that it has to be drawn again. */
function moveDot(name: string, lat: number, lng: number): boolean {
  const drawing = part(name)?.querySelector<SVGSVGElement>('svg[data-box]')
  const dot = drawing?.querySelector<SVGElement>('[data-rider]')
  if (drawing === null || drawing === undefined || dot === null || dot === undefined) return false
  const [west = 0, south = 0, east = 0, north = 0] = (drawing.dataset['box'] ?? '').split(',').map(Number)
  if (lng < west || lng > east || lat < south || lat > north) return false
  const { width, height } = drawing.viewBox.baseVal
  dot.setAttribute(
    'transform',
    `translate(${(((lng - west) / (east - west)) * width).toFixed(1)} ${(((north - lat) / (north - south)) * height).toFixed(1)})`,
  )
  return true
}

function tellAge(name: string, ts: number): void {
  const age = part(name)?.querySelector<HTMLElement>('[data-fixed-at]')
  if (age === null || age === undefined) return
  age.dataset['fixedAt'] = String(ts)
  writeAge(age)
}

function writeAge(age: HTMLElement): void {
  const ms = Math.max(0, Date.now() - Number(age.dataset['fixedAt']))
  const isSilent = ms > silentAfterMs
  age.textContent = (age.dataset[isSilent ? 'silent' : 'seen'] ?? '').replace('{n}', String(Math.round(ms / (isSilent ? 60_000 : 1_000))))
}
