/**
 * Keeps the shop readable without a network: pages everybody gets alike are kept as they are opened, and shown again when nothing else
 * can be had. Pages of one visitor are never kept: phones are shared.
 */
/// <reference lib="webworker" />
const worker = self as unknown as ServiceWorkerGlobalScope

const shelf = 'shop-1'
const offlinePages = ['/offline', '/sw/offline']
const mostPages = 40

worker.addEventListener('install', (event) => {
  event.waitUntil(caches.open(shelf).then((cache) => cache.addAll(offlinePages)))
  void worker.skipWaiting()
})

worker.addEventListener('activate', (event) => {
  const tidy = async (): Promise<void> => {
    for (const name of await caches.keys()) if (name !== shelf) await caches.delete(name)
    await worker.clients.claim()
  }
  event.waitUntil(tidy())
})

worker.addEventListener('fetch', (event) => {
  const { request } = event
  const url = new URL(request.url)
  if (request.method !== 'GET' || url.origin !== location.origin) return
  if (request.mode === 'navigate') event.respondWith(page(request))
  // Named by their content, so what is kept is right for ever.
  else if (/^\/(assets|media)\//.test(url.pathname)) event.respondWith(kept(request))
})

async function page(request: Request): Promise<Response> {
  const cache = await caches.open(shelf)
  try {
    const answer = await fetch(request)
    if (answer.ok && (answer.headers.get('cache-control') ?? '').startsWith('public')) {
      await cache.put(request, answer.clone())
      await trim(cache)
    }
    return answer
  } catch (error) {
    const offline = new URL(request.url).pathname.startsWith('/sw') ? '/sw/offline' : '/offline'
    const known = (await cache.match(request, { ignoreVary: true })) ?? (await cache.match(offline, { ignoreVary: true }))
    if (known === undefined) throw error
    return known
  }
}

async function kept(request: Request): Promise<Response> {
  const cache = await caches.open(shelf)
  const known = await cache.match(request, { ignoreVary: true })
  if (known !== undefined) return known
  const answer = await fetch(request)
  if (answer.ok) await cache.put(request, answer.clone())
  return answer
}

/** Forgets the oldest pages and pictures: a cheap phone has little room. */
async function trim(cache: Cache): Promise<void> {
  const keys = await cache.keys()
  const pages = keys.filter(({ url }) => !/\/(assets|media)\//.test(new URL(url).pathname) && !url.endsWith('/offline'))
  for (const old of pages.slice(0, Math.max(0, pages.length - mostPages))) await cache.delete(old)
  const pictures = keys.filter(({ url }) => new URL(url).pathname.startsWith('/media/'))
  for (const old of pictures.slice(0, Math.max(0, pictures.length - 4 * mostPages))) await cache.delete(old)
}
