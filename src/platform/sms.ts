import type { Clock } from '../lib/clock.ts'
import { maskPhone } from '../lib/phone.ts'
import type { Log } from './log.ts'

/** A text message to one phone. */
export interface SmsMessage {
  /** Canonical: 254712345678. */
  readonly to: string
  readonly text: string
  /** The same for every try of the same message, so that a gateway or a person can tell a repeat. */
  readonly messageId: string
}

/** A message with the time it left. */
export interface SentSms extends SmsMessage {
  readonly sentAt: Date
}

/** Text messages out. Called from outbox handlers only, never inside a database transaction. */
export interface Sms {
  send(message: SmsMessage): Promise<void>
  /** The last messages, newest first, where this process keeps them (no gateway configured). */
  recent(): readonly SentSms[]
}

const kept = 50

/** Text messages that go to the log and a short memory instead of a gateway: development, demo, tests. */
export function createLoggedSms(options: { log: Log; clock: Clock }): Sms {
  const sent: SentSms[] = []
  return {
    async send(message) {
      sent.unshift({ ...message, sentAt: options.clock.now() })
      sent.length = Math.min(sent.length, kept)
      options.log.info({ to: maskPhone(message.to), messageId: message.messageId, characters: message.text.length }, 'text message')
    },
    recent: () => sent,
  }
}
