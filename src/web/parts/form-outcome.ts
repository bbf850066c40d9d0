import { Refusal, type RefusalCode, refusals } from '../../lib/refusal.ts'
import type { Tone } from './flash.tsx'
import { seeOther } from '../show-page.ts'

/** What the last form came to, read from the address of the page it led to. */
export type Outcome = { tone: Tone; text: string } | undefined

/** Runs what a form asks for and leads back; a refusal is part of the day and stands on the page. Asks who must prove themselves first. */
export async function afterForm(back: string, says: string, run: () => Promise<unknown>): Promise<Response> {
  try {
    await run()
    return seeOther(withQuery(back, 'done', says))
  } catch (error) {
    if (!(error instanceof Refusal) || error.status >= 500) throw error
    return seeOther(withQuery(back, 'problem', error.code))
  }
}

const withQuery = (path: string, name: string, value: string): string => `${path}${path.includes('?') ? '&' : '?'}${name}=${value}`

/** The sentence for what is in the address; nothing that is not one of ours is shown. */
export function outcomeOf(request: Request, done: Readonly<Record<string, string>>): Outcome {
  const query = new URL(request.url).searchParams
  const [code, name] = [query.get('problem'), query.get('done')]
  if (code !== null && Object.hasOwn(refusals, code)) return { tone: 'bad', text: refusals[code as RefusalCode].message }
  const text = name !== null && Object.hasOwn(done, name) ? done[name] : undefined
  return text === undefined ? undefined : { tone: 'ok', text }
}
