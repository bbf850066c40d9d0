import type { Context } from '../../context.ts'
import type { Present, Source, Voice, Watch } from '../../platform/realtime/watch.ts'
import { accountChannel } from './notification.facts.ts'
import { notificationVoices, notifySnapFrame } from './notification.frames.ts'
import { notificationSource } from './notification.source.ts'

/** Somebody signed in, watching what they are told. */
export class NotificationWatch implements Watch {
  readonly channel: string
  readonly sessionId: string
  readonly since: number | undefined
  readonly isOneOfMany = false
  readonly source: Source
  readonly voice: Voice
  readonly #isV1: boolean

  constructor(context: Context, who: { accountId: string; sessionId: string }, options: { isV1: boolean; since: number | undefined }) {
    this.channel = accountChannel(who.accountId)
    this.sessionId = who.sessionId
    this.source = notificationSource(context)
    this.since = options.since
    this.voice = notificationVoices[options.isV1 ? 'v1' : 'old']
    this.#isV1 = options.isV1
  }

  greet({ version, events, isComplete, facts }: Present): string[] {
    if (!this.#isV1) return []
    const { since } = this
    const isRecovered = since !== undefined && isComplete && since <= version
    const missed = since === undefined ? [] : events.filter((event) => event.version > since)
    return [notifySnapFrame({ version, unread: Number(facts['unread']), isRecovered, events: missed })]
  }

  over(): undefined {
    return undefined
  }
}
