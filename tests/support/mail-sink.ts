import { buffer } from 'node:stream/consumers'
import { callbackify } from 'node:util'
import PostalMime, { type Email } from 'postal-mime'
import { SMTPServer } from 'smtp-server'

/** A real SMTP server on this machine that keeps what it is given. */
export interface MailSink {
  /** For `SMTP_URL`. */
  readonly url: string
  /** What arrived, oldest first, with the envelope's recipients. */
  readonly letters: readonly (Email & { readonly recipients: readonly string[] })[]
  /** Answers the next recipients with this code, until undefined is given. */
  refuseWith(code: number | undefined): void
  close(): Promise<void>
}

/** Opens a mail server that takes every letter. Close it in afterAll. */
export async function openMailSink(): Promise<MailSink> {
  const letters: (Email & { recipients: string[] })[] = []
  let refusal: number | undefined
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    logger: false,
    onRcptTo: (_address, _session, done) =>
      done(refusal === undefined ? null : Object.assign(new Error('no such mailbox here'), { responseCode: refusal })),
    onData(stream, session, done) {
      const keep = async (): Promise<void> => {
        const email = await PostalMime.parse(await buffer(stream))
        letters.push({ ...email, recipients: session.envelope.rcptTo.map(({ address }) => address) })
      }
      // The protocol's answer must wait until the letter is kept: a test that saw "sent" finds it.
      callbackify(keep)(done)
    },
  })
  const port = await new Promise<number>((resolve) => {
    const listening = server.listen(0, '127.0.0.1', () => {
      const address = listening.address()
      resolve(typeof address === 'object' && address !== null ? address.port : 0)
    })
  })
  return {
    url: `smtp://127.0.0.1:${port}`,
    letters,
    refuseWith: (code) => void (refusal = code),
    close: () => new Promise((resolve) => server.close(() => resolve())),
  }
}
