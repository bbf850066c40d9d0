import { mkdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { createTransport } from 'nodemailer'
import type { Clock } from '../lib/clock.ts'
import { seconds } from '../lib/time.ts'
import type { Config } from './config.ts'
import type { Log } from './log.ts'

/** A letter to one person. */
export interface MailMessage {
  /** One address, without a name. */
  readonly to: string
  readonly subject: string
  /** Plain text; every letter has it. */
  readonly text: string
  readonly html?: string
  /** The same for every try of the same letter, so that a receiver or a person can tell a repeat. Letters, digits and dashes. */
  readonly messageId: string
}

/** A letter with the time it left. */
export interface SentMail extends MailMessage {
  readonly sentAt: Date
}

/** `off`: production without `SMTP_URL` has no way out, and the letter was not sent. */
export type MailOutcome = 'sent' | 'off'

/** Letters out. Called from outbox handlers only, never inside a database transaction. */
export interface Mailer {
  /** False when letters go nowhere (production without `SMTP_URL`): tell people by text message instead. */
  readonly isOn: boolean
  /** Throws MailError when the letter could not be handed over. */
  send(message: MailMessage): Promise<MailOutcome>
  /** The last letters, newest first, where this process keeps them (no server configured). */
  recent(): readonly SentMail[]
}

/** The mail server did not take a letter. `isPermanent`: it never will (unknown address), so it must not be tried again. */
export class MailError extends Error {
  readonly isPermanent: boolean
  constructor(says: string, isPermanent: boolean, cause?: unknown) {
    super(says, { cause })
    this.name = 'MailError'
    this.isPermanent = isPermanent
  }
}

const kept = 50
const oneAddress = /^[^\s@<>",;:]{1,64}@[^\s@<>",;:]{1,253}$/
const safeId = /^[A-Za-z0-9-]{1,100}$/

/** The way out for letters: by SMTP where `SMTP_URL` is set; else as files below the data folder; in production without it, none. */
export function createMailer(options: { config: Config; log: Log; clock: Clock }): Mailer {
  const { config, log, clock } = options
  if (config.smtpUrl !== undefined) return smtpMailer(config.smtpUrl, config, log)
  if (config.isProduction) return { isOn: false, send: async () => 'off', recent: () => [] }
  return fileMailer(join(config.dataDir, 'mail'), config, log, clock)
}

function smtpMailer(smtpUrl: string, config: Config, log: Log): Mailer {
  const { hostname } = new URL(smtpUrl)
  const isNear = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(hostname)
  const transport = createTransport({
    url: smtpUrl,
    // A letter holds links that open orders and accounts: it never crosses a network in the clear.
    requireTLS: smtpUrl.startsWith('smtp:') && !isNear,
    connectionTimeout: seconds(10),
    greetingTimeout: seconds(10),
    socketTimeout: seconds(20),
    disableFileAccess: true,
    disableUrlAccess: true,
  })
  return {
    isOn: true,
    async send(message) {
      checkMessage(message)
      try {
        await transport.sendMail(letter(message, config))
      } catch (error) {
        throw asMailError(error)
      }
      log.info({ messageId: message.messageId, characters: message.text.length }, 'mail sent')
      return 'sent'
    },
    recent: () => [],
  }
}

function fileMailer(folder: string, config: Config, log: Log, clock: Clock): Mailer {
  const root = resolve(folder)
  const composer = createTransport({
    streamTransport: true,
    buffer: true,
    newline: 'windows',
    disableFileAccess: true,
    disableUrlAccess: true,
  })
  const sent: SentMail[] = []
  return {
    isOn: true,
    async send(message) {
      checkMessage(message)
      const { message: bytes } = await composer.sendMail(letter(message, config))
      await mkdir(root, { recursive: true })
      // Named by its id: a repeated send is the same file.
      await Bun.write(join(root, `${message.messageId}.eml`), bytes as Buffer)
      sent.unshift({ ...message, sentAt: clock.now() })
      sent.length = Math.min(sent.length, kept)
      log.info({ messageId: message.messageId, characters: message.text.length }, 'mail written to a file')
      return 'sent'
    },
    recent: () => sent,
  }
}

const letter = (message: MailMessage, config: Config) => ({
  from: { name: 'Rahim Online', address: config.mailFrom },
  // As an object, so that no name or second address can be read out of the text.
  to: { name: '', address: message.to },
  subject: message.subject,
  text: message.text,
  ...(message.html === undefined ? {} : { html: message.html }),
  messageId: `<${message.messageId}@${new URL(config.publicUrl).hostname}>`,
  // Keeps holiday notices from answering the shop.
  headers: { 'Auto-Submitted': 'auto-generated' },
})

function checkMessage(message: MailMessage): void {
  if (!oneAddress.test(message.to)) throw new MailError('the address is not one mailbox', true)
  if (!safeId.test(message.messageId)) throw new MailError('the message id is not safe', true)
}

function asMailError(error: unknown): MailError {
  const { responseCode } = error as { responseCode?: number }
  // 5xx about this letter is final (RFC 5321, 4.2.1); 530 to 535 are about our login and get better when it is mended.
  const isPermanent = responseCode !== undefined && responseCode >= 500 && (responseCode < 530 || responseCode > 535)
  return new MailError(
    `the mail server did not take the letter${responseCode === undefined ? '' : ` (${responseCode})`}`,
    isPermanent,
    error,
  )
}
