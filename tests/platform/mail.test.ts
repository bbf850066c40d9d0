import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { rm } from 'node:fs/promises'
import PostalMime from 'postal-mime'
import { systemClock } from '../../src/lib/clock.ts'
import { type Environment, readConfig } from '../../src/platform/config.ts'
import { createLog } from '../../src/platform/log.ts'
import { createMailer, MailError, type Mailer } from '../../src/platform/mail.ts'
import { type MailSink, openMailSink } from '../support/mail-sink.ts'

const folder = `.data/test/mail-${process.pid}`
const mailerFor = (environment: Environment, lines: string[] = []): Mailer =>
  createMailer({
    config: readConfig({ NODE_ENV: 'test', DATA_DIR: folder, ...environment }),
    log: createLog('info', { write: (line) => void lines.push(line) }),
    clock: systemClock,
  })
const letter = {
  to: 'wanjiku@example.co.ke',
  subject: 'Agizo lako RAH-7K2M9P limelipwa — asante',
  text: 'Tumepokea KES 2,500.\n.\nA line with a dot alone, and a secret link: https://rahim.co.ke/track/abc\n',
  messageId: '0198f0aa-0000-7000-8000-000000000001',
}
const refusalOf = async (sending: Promise<unknown>): Promise<unknown> => {
  try {
    return await sending
  } catch (error) {
    return error
  }
}

describe('with SMTP_URL', () => {
  let sink: MailSink
  beforeAll(async () => {
    sink = await openMailSink()
  })
  afterAll(() => sink.close())

  test('a letter arrives whole, from the shop, with an id that stays the same when it is sent again', async () => {
    const lines: string[] = []
    const mailer = mailerFor({ SMTP_URL: sink.url, MAIL_FROM: 'hello@rahim.co.ke', PUBLIC_URL: 'https://rahim.co.ke' }, lines)
    expect(await mailer.send(letter)).toBe('sent')
    const [arrived] = sink.letters
    expect(arrived?.recipients).toEqual([letter.to])
    expect(arrived?.from?.address).toBe('hello@rahim.co.ke')
    expect(arrived?.subject).toBe(letter.subject)
    expect(arrived?.text).toBe(letter.text)
    expect(arrived?.messageId).toBe(`<${letter.messageId}@rahim.co.ke>`)
    expect(lines.join()).not.toContain('wanjiku')
    expect(lines.join()).not.toContain('secret link')
  })

  test('an unknown mailbox is final, a full one may be tried again', async () => {
    const mailer = mailerFor({ SMTP_URL: sink.url })
    sink.refuseWith(550)
    expect(await refusalOf(mailer.send(letter))).toMatchObject({ name: 'MailError', isPermanent: true })
    sink.refuseWith(452)
    expect(await refusalOf(mailer.send(letter))).toMatchObject({ name: 'MailError', isPermanent: false })
    sink.refuseWith(undefined)
  })

  test.each(['a@example.co.ke, b@example.co.ke', 'a@example.co.ke\r\nBcc: b@example.co.ke', 'Amina <a@example.co.ke>', ''])(
    'an address that is not one mailbox is refused before anything is sent: %j',
    async (to) => {
      const before = sink.letters.length
      expect(await refusalOf(mailerFor({ SMTP_URL: sink.url }).send({ ...letter, to }))).toBeInstanceOf(MailError)
      expect(sink.letters).toHaveLength(before)
    },
  )
})

test('a mail server that is down is worth another try', async () => {
  expect(await refusalOf(mailerFor({ SMTP_URL: 'smtp://127.0.0.1:1' }).send(letter))).toMatchObject({ isPermanent: false })
})

test('without SMTP_URL a letter is a file below the data folder, once for each id', async () => {
  const mailer = mailerFor({})
  await mailer.send(letter)
  await mailer.send(letter)
  const files = await Array.fromAsync(new Bun.Glob('*.eml').scan(`${folder}/mail`))
  expect(files).toEqual([`${letter.messageId}.eml`])
  const email = await PostalMime.parse(await Bun.file(`${folder}/mail/${letter.messageId}.eml`).text())
  expect(email.subject).toBe(letter.subject)
  expect(mailer.recent()[0]).toMatchObject({ to: letter.to, text: letter.text })
  await rm(folder, { recursive: true })
})

test('production without SMTP_URL has no way out and says so', async () => {
  const mailer = createMailer({
    config: { ...readConfig({ NODE_ENV: 'test' }), isProduction: true },
    log: createLog('silent'),
    clock: systemClock,
  })
  expect(mailer.isOn).toBe(false)
  expect(await mailer.send(letter)).toBe('off')
})
