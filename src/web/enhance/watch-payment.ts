/**
 * Watches a payment: asks the server every few seconds and at once when the shopper comes back from the phone's own prompt, which
 * covers the browser. The page itself is drawn by the server; when the state has changed it is simply loaded anew.
 */
const section = document.querySelector<HTMLElement>('[data-pay]')
const left = document.querySelector<HTMLElement>('[data-left]')
const bar = document.querySelector<HTMLProgressElement>('progress')
const say = document.querySelector<HTMLElement>('[data-say]')
const state = new URL(location.href)
state.searchParams.set('state', '')

let isAsking = false
let failures = 0
let endsAtMs = Date.now() + Number(left?.dataset['left'] ?? 0) * 1_000

async function ask(): Promise<void> {
  if (isAsking || document.hidden || section?.dataset['open'] !== 'yes') return
  isAsking = true
  try {
    const answer = (await (await fetch(state, { cache: 'no-store' })).json()) as { key: string; leftS: number | null }
    if (failures >= 2 && say) {
      say.textContent = ''
      say.className = 'hush'
    }
    failures = 0
    if (answer.leftS !== null) endsAtMs = Date.now() + answer.leftS * 1_000
    if (answer.key !== section.dataset['pay']) location.reload()
  } catch {
    failures++
    // Paying on the phone works without this page; say so once and keep trying.
    if (failures === 2 && say) {
      say.textContent = say.dataset['offlineWords'] ?? ''
      say.className = 'notice warn'
    }
  } finally {
    isAsking = false
  }
}

function count(): void {
  if (!left || !bar) return
  const seconds = Math.max(0, Math.round((endsAtMs - Date.now()) / 1_000))
  left.textContent = (left.dataset['words'] ?? '').replace('{s}', String(seconds))
  bar.value = seconds
  // Read out once, not every second.
  if (seconds === 30 && say) say.textContent = say.dataset['soon'] ?? ''
}

setInterval(count, 1_000)
setInterval(() => void ask(), 3_000)
document.addEventListener('visibilitychange', () => void ask())
window.addEventListener('pageshow', () => void ask())
window.addEventListener('online', () => void ask())
