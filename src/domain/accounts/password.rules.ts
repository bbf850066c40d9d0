import { Refusal } from '../../lib/refusal.ts'

/** The least characters of a password, and with a second factor beside it (design: reliability.md 5.6). */
export const shortestPassword = 12
export const longestPassword = 128

const shopWords =
  /rahim|online|karibu|kenya|nairobi|mpesa|m-pesa|password|nywila|safaricom|qwerty|asdf|zxcv|letmein|welcome|iloveyou|admin/gi
const rows = ['abcdefghijklmnopqrstuvwxyz', '0123456789', 'qwertyuiopasdfghjklzxcvbnm', '01234567890123456789']

/**
 * Refuses with `password_weak` what is too short or what a guesser tries first: few different characters, runs, words of this shop
 * and of every list, and the person's own name or address. No other rules of composition: they make passwords worse.
 */
export function checkPassword(password: string, about: readonly (string | null | undefined)[]): void {
  if (password.length < shortestPassword || password.length > longestPassword || isGuessable(password, about))
    throw new Refusal('password_weak', {
      fields: [{ path: '/body/password', code: 'password_weak', message: 'Choose a longer password that is not easy to guess.' }],
    })
}

function isGuessable(password: string, about: readonly (string | null | undefined)[]): boolean {
  const lower = password.toLowerCase()
  if (new Set(lower).size < 5) return true
  // What is left when everything that can be guessed is taken out must still be worth guessing.
  let rest = lower.replace(shopWords, '')
  for (const own of about.flatMap((text) => (text ?? '').toLowerCase().split(/[\s@.]+/)))
    if (own.length >= 3) rest = rest.replaceAll(own, '')
  for (const run of runsIn(rest)) rest = rest.replaceAll(run, '')
  return new Set(rest.replace(/[^a-z0-9]/g, '')).size < 4
}

/** Stretches of at least four characters that stand in a row on the keyboard or in the alphabet, either way. */
function runsIn(text: string): string[] {
  const found: string[] = []
  for (const row of rows.flatMap((each) => [each, each.split('').reverse().join('')])) {
    for (let start = 0; start + 4 <= text.length; start++) {
      let end = start + 4
      if (!row.includes(text.slice(start, end))) continue
      while (end < text.length && row.includes(text.slice(start, end + 1))) end++
      found.push(text.slice(start, end))
      start = end - 1
    }
  }
  return found.sort((a, b) => b.length - a.length)
}
