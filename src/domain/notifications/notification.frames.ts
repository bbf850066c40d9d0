import { heartbeat } from '../../platform/realtime/heartbeat.ts'
import type { EventMessage, Voice } from '../../platform/realtime/watch.ts'
import type { NotificationFacts } from './notification.facts.ts'

/** The subprotocol beside the predecessor's frames. */
export const notifyV1 = 'notify.v1'

/** The predecessor's first frame; `user` is null for somebody who is not signed in. */
export const oldHelloFrame = (accountId: string | undefined): string => JSON.stringify({ type: 'ws.hello', user: accountId ?? null })

/** The predecessor's words for a notice. */
function oldNoticeFrame({ event, title, message, level, url, data }: NotificationFacts): string {
  // The page of the predecessor looks for this one by its own name.
  if (event === 'vendor_application.updated')
    return JSON.stringify({ type: event, application_id: data['application_id'], status: data['status'], message })
  return JSON.stringify({ type: 'notify', title, message, level, url })
}

const noticeWords = (version: number, { event, id, title, message, level, url, data, at }: NotificationFacts) => ({
  o: version,
  k: event,
  id,
  title,
  message,
  level,
  url,
  data,
  at,
})

/** The first frame of `notify.v1`. */
export const hiNotifyFrame = (socketId: string, now: Date): string =>
  JSON.stringify({ t: 'hi', v: 1, sid: socketId, now: now.getTime(), hb: heartbeat.everyMs / 1_000 })

/** How things stand: `off` the last notice, `unread` how many have not been read, `evs` those after the one already heard. */
export const notifySnapFrame = (words: {
  version: number
  unread: number
  isRecovered: boolean
  events: readonly EventMessage[]
}): string =>
  JSON.stringify({
    t: 'snap',
    ch: 'me',
    off: words.version,
    unread: words.unread,
    rec: words.isRecovered,
    evs: words.events.map(({ version, facts }) => noticeWords(version, facts as NotificationFacts)),
  })

/** Answers a `read`. */
export const readAckFrame = (upTo: number, unread: number): string => JSON.stringify({ t: 'ack', o: upTo, unread })

/** The two ways somebody hears notices. */
export const notificationVoices: Readonly<Record<'old' | 'v1', Voice>> = {
  old: { name: 'old', say: ({ facts }) => [oldNoticeFrame(facts as NotificationFacts)] },
  v1: {
    name: 'v1',
    say: ({ version, facts }) => [JSON.stringify({ t: 'evt', ch: 'me', ...noticeWords(version, facts as NotificationFacts) })],
  },
}
