import type { TestShop } from '../support/shop.ts'
import { guest, type Visitor } from '../support/actors.ts'

/** The last letter to an address, once every message has gone out. */
export async function lastLetter(shop: TestShop, to: string): Promise<string> {
  await shop.settle()
  const letter = shop.context.mailer.recent().find((each) => each.to === to)
  if (letter === undefined) throw new Error('no letter was sent there')
  return letter.text
}

/** The token of the link in a text. */
export const tokenIn = (text: string): string => /[?&]token=([A-Za-z0-9_-]+)/.exec(text)?.[1] ?? ''

export const goodPassword = 'mango boda sunrise 7'

/** Registers and activates somebody by e-mail, as a visitor would; answers them signed in by bearer token. */
export async function registered(shop: TestShop, email: string, password = goodPassword): Promise<Visitor> {
  await shop.post('/api/v1/auth/register', { name: 'Amina Wanjiru', email, password, acceptsTerms: true })
  const token = tokenIn(await lastLetter(shop, email))
  const answer = await shop.post('/api/v1/auth/activate', { token })
  const signedIn = (await answer.json()) as { token: string; user: { id: string } }
  return guest(shop, signedIn.token, signedIn.user.id)
}

/** The code of an answer's problem, with its status: `401 wrong_code`; or just the status. */
export async function codeOf(answer: Response): Promise<string> {
  const text = await answer.text()
  return text.startsWith('{') && text.includes('"code"')
    ? `${answer.status} ${(JSON.parse(text) as { code: string }).code}`
    : String(answer.status)
}
