import { createHmac, createSign, X509Certificate } from 'node:crypto'
import { describe, expect, test } from 'bun:test'
import { isSignedByPaystack } from '../../src/domain/payments/providers/paystack.signature.ts'
import { createCertificates, isCertificateAddress, judgeChain, readChain } from '../../src/domain/payments/providers/paypal.certificate.ts'
import { isSignedByPaypal, readProof, signedText } from '../../src/domain/payments/providers/paypal.signature.ts'
import { createAuthority } from '../../src/domain/payments/simulators/paypal.certificates.ts'
import { days } from '../../src/lib/time.ts'
import { type Outgoing, type OutgoingCall, OutgoingError } from '../../src/platform/outgoing.ts'
import { fakeClock } from '../support/fake-clock.ts'

const bytes = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text)

describe('a Paystack signature', () => {
  const secret = 'sk_test_0123456789'
  const body = bytes('{"event":"charge.success","data":{"reference":"RS-1","url":"https:\\/\\/x","name":"\\u00e9"}}')
  // The published method: HMAC-SHA512 of the raw bytes with the secret key, in hex.
  const signature = createHmac('sha512', secret).update(body).digest('hex')

  test('is the HMAC-SHA512 of the exact bytes', () => expect(isSignedByPaystack(body, signature, [secret])).toBe(true))
  test('is not the one of the same JSON written anew', () => {
    const anew = JSON.stringify(JSON.parse(new TextDecoder().decode(body)))
    expect(isSignedByPaystack(body, createHmac('sha512', secret).update(anew).digest('hex'), [secret])).toBe(false)
  })
  test('fails for one changed byte anywhere', () => {
    for (let at = 0; at < body.length; at += 7) {
      const altered = body.with(at, (body[at] ?? 0) ^ 1)
      expect(isSignedByPaystack(altered, signature, [secret])).toBe(false)
    }
  })
  test('fails for another key, an empty key, no key, and every other form of the header', () => {
    expect(isSignedByPaystack(body, signature, ['sk_test_9876543210'])).toBe(false)
    expect(isSignedByPaystack(body, createHmac('sha512', '').update(body).digest('hex'), [''])).toBe(false)
    expect(isSignedByPaystack(body, signature, [])).toBe(false)
    for (const wrong of [
      undefined,
      '',
      signature.slice(1),
      signature.toUpperCase(),
      `sha512=${signature}`,
      createHmac('sha256', secret).update(body).digest('hex'),
    ])
      expect(isSignedByPaystack(body, wrong, [secret])).toBe(false)
  })
  test('counts with the key before and the key after a change', () =>
    expect(isSignedByPaystack(body, signature, ['sk_test_new', secret])).toBe(true))
})

const now = new Date('2026-11-24T09:00:00Z')
const authority = await createAuthority(now)
const leaf = new X509Certificate(authority.leafPem)
const webhookId = '4JH86294D6297924G'
const address = 'https://api.paypal.com/v1/notifications/certs/CERT-360caa42-fca2a594-1d93a270'

async function proofOf(body: Uint8Array, by = authority) {
  const time = { transmissionId: '69cd13f0-d67a-11e5-baa3-778b53f4ae55', transmissionTime: '2026-11-24T08:59:59Z' }
  const proof = readProof({
    'paypal-transmission-id': time.transmissionId,
    'paypal-transmission-time': time.transmissionTime,
    'paypal-transmission-sig': await by.sign(signedText(time, webhookId, body)),
    'paypal-cert-url': address,
    'paypal-auth-algo': 'SHA256withRSA',
  })
  if (proof === undefined) throw new Error('the headers are well-formed')
  return proof
}

describe('a PayPal signature', () => {
  // CRC32 of "123456789" is the check value every description of CRC32 gives: CBF43926, above 2^31.
  const high = bytes('123456789')

  test('holds the CRC32 as an unsigned decimal', () => {
    expect(signedText({ transmissionId: 'a', transmissionTime: 'b' }, 'w', high)).toBe('a|b|w|3421780262')
    expect(signedText({ transmissionId: 'a', transmissionTime: 'b' }, 'w', bytes(''))).toBe('a|b|w|0')
  })
  test('fits the bytes it was made for, with a CRC32 on either side of 2^31', async () => {
    expect(Bun.hash.crc32(bytes('{"id":"WH-1"}'))).toBeLessThan(2 ** 31)
    for (const body of [high, bytes('{"id":"WH-1"}')]) expect(isSignedByPaypal(body, await proofOf(body), webhookId, leaf)).toBe(true)
  })
  test('as another tool makes it is the same signature', async () => {
    const { privateKey, publicKey } = (await crypto.subtle.generateKey(
      { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256', modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]) },
      true,
      ['sign', 'verify'],
    )) as CryptoKeyPair
    const pkcs8 = Buffer.from(await crypto.subtle.exportKey('pkcs8', privateKey))
    const time = { transmissionId: 'id', transmissionTime: '2026-11-24T08:59:59Z' }
    const signature = createSign('RSA-SHA256')
      .update(`id|2026-11-24T08:59:59Z|${webhookId}|3421780262`)
      .sign({ key: pkcs8, format: 'der', type: 'pkcs8' })
    expect(await crypto.subtle.verify('RSASSA-PKCS1-v1_5', publicKey, signature, bytes(signedText(time, webhookId, high)))).toBe(true)
  })
  test('fails for other bytes, time, id, webhook, key and an empty webhook id', async () => {
    const proof = await proofOf(high)
    expect(isSignedByPaypal(bytes('123456780'), proof, webhookId, leaf)).toBe(false)
    expect(isSignedByPaypal(high, { ...proof, transmissionTime: '2026-11-24T09:00:00Z' }, webhookId, leaf)).toBe(false)
    expect(isSignedByPaypal(high, { ...proof, transmissionId: 'x' }, webhookId, leaf)).toBe(false)
    expect(isSignedByPaypal(high, proof, 'WEBHOOK_ID', leaf)).toBe(false)
    expect(isSignedByPaypal(high, proof, '', leaf)).toBe(false)
    const foreign = await createAuthority(now)
    expect(isSignedByPaypal(high, await proofOf(high, foreign), webhookId, leaf)).toBe(false)
  })
  test('needs all five headers and the one algorithm', () => {
    const headers = {
      'paypal-transmission-id': 'a',
      'paypal-transmission-time': '2026-11-24T09:00:00Z',
      'paypal-transmission-sig': 'A'.repeat(344),
      'paypal-cert-url': address,
      'paypal-auth-algo': 'SHA256withRSA',
    }
    expect(readProof(headers)).toBeDefined()
    for (const name of Object.keys(headers)) expect(readProof({ ...headers, [name]: undefined })).toBeUndefined()
    for (const algorithm of ['SHA1withRSA', 'sha256withrsa', 'none', 'SHA256withRSA,none'])
      expect(readProof({ ...headers, 'paypal-auth-algo': algorithm })).toBeUndefined()
    expect(readProof({ ...headers, 'paypal-transmission-id': 'a|b' })).toBeUndefined()
  })
})

describe('the address of a PayPal certificate', () => {
  const live = { hosts: ['api.paypal.com', 'api-m.paypal.com'], simulatorUrl: undefined }

  test('is one of PayPal’s own', () => {
    expect(isCertificateAddress(address, live)).toBe(true)
    const sandboxes = 'https://api-m.sandbox.paypal.com/v1/notifications/certs/CERT-1'
    expect(isCertificateAddress(sandboxes, live)).toBe(false)
    expect(isCertificateAddress(sandboxes, { ...live, hosts: ['api-m.sandbox.paypal.com'] })).toBe(true)
  })

  const traps = [
    'http://api.paypal.com/v1/notifications/certs/x',
    'https://api.paypal.com:444/v1/notifications/certs/x',
    'https://api.paypal.com:443/v1/notifications/certs/x',
    'https://api.paypal.com.evil.example/v1/notifications/certs/x',
    'https://evil.example/v1/notifications/certs/x',
    'https://evil-api.paypal.com/v1/notifications/certs/x',
    'https://api.paypal.com@evil.example/v1/notifications/certs/x',
    'https://evil.example\\@api.paypal.com/v1/notifications/certs/x',
    'https://evil@api.paypal.com/v1/notifications/certs/x',
    'https://api.paypal.com/v1/notifications/certs/../../oauth',
    'https://api.paypal.com/v1/notifications/certs/%2e%2e/x',
    'https://api.paypal.com/v1/notifications/certsx/x',
    'https://api.paypal.com/redirect?to=/v1/notifications/certs/',
    'https://api.paypal.com/v1/notifications/certs/x#y',
    'https://API.PAYPAL.COM/v1/notifications/certs/x',
    'https://api.paypal.com./v1/notifications/certs/x',
    'https://127.0.0.1/v1/notifications/certs/x',
    'https://[::1]/v1/notifications/certs/x',
    'https://169.254.169.254/v1/notifications/certs/x',
    'ftp://api.paypal.com/v1/notifications/certs/x',
    'data:text/plain,x',
    '//api.paypal.com/v1/notifications/certs/x',
    '',
  ]
  test('that is anything else is never fetched', async () => {
    const calls: OutgoingCall[] = []
    const outgoing: Outgoing = {
      async call(call) {
        calls.push(call)
        throw new OutgoingError('network', 'host')
      },
    }
    const certificates = createCertificates({ trust: { ...live, roots: async () => [] }, outgoing, clock: fakeClock() })
    for (const trap of traps) expect(await certificates.find(trap)).toEqual({ kind: 'refused', why: 'address' })
    expect(calls).toEqual([])
    // The one the list allows is asked for, in https, so that the test above is no accident.
    expect(certificates.find(address)).rejects.toThrow(OutgoingError)
    expect(calls).toHaveLength(1)
  })
})

describe('a PayPal certificate', () => {
  const judge = (pem: string, roots = [authority.rootPem], at = now) => judgeChain(readChain(pem), roots, at)

  test('is trusted under a trusted root', () => expect(judge(authority.leafPem).kind).toBe('trusted'))
  test('is trusted with its chain served beside it', () => expect(judge(authority.leafPem + authority.rootPem).kind).toBe('trusted'))
  test('is not trusted under another root', async () => {
    const other = await createAuthority(now)
    expect(judge(authority.leafPem, [other.rootPem])).toEqual({ kind: 'unprovable' })
    expect(judge(other.leafPem + authority.rootPem)).toEqual({ kind: 'unprovable' })
    expect(judge(authority.leafPem, [])).toEqual({ kind: 'unprovable' })
  })
  test('is refused outside its dates', () => {
    expect(judge(authority.leafPem, undefined, new Date(now.getTime() + days(400)))).toEqual({ kind: 'refused', why: 'dates' })
    expect(judge(authority.leafPem, undefined, new Date(now.getTime() - days(2)))).toEqual({ kind: 'refused', why: 'dates' })
  })
  test('is refused for another name, however alike', async () => {
    for (const commonName of ['evil.example', 'paypal.com.evil.example', 'notpaypal.com', 'paypal.com']) {
      const other = await createAuthority(now, { commonName })
      expect(judge(other.leafPem, [other.rootPem])).toEqual({ kind: 'refused', why: 'name' })
    }
  })
  test('is refused when it is an authority itself, or no certificate', () => {
    expect(judge(authority.rootPem)).toEqual({ kind: 'refused', why: 'form' })
    for (const text of ['', 'hello', '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----'])
      expect(judge(text)).toEqual({ kind: 'refused', why: 'form' })
  })
  test('is fetched once by many, without following redirects, and kept for a day', async () => {
    const clock = fakeClock(now.toISOString())
    const calls: OutgoingCall[] = []
    const outgoing: Outgoing = {
      async call(call) {
        calls.push(call)
        return { status: 200, json: undefined, text: authority.leafPem }
      },
    }
    const trust = { hosts: ['api.paypal.com'], simulatorUrl: undefined, roots: async () => [authority.rootPem] }
    const certificates = createCertificates({ trust, outgoing, clock })
    const found = await Promise.all(Array.from({ length: 20 }, async () => await certificates.find(address)))
    expect(found.every(({ kind }) => kind === 'trusted')).toBe(true)
    clock.advance(days(1) - 1)
    await certificates.find(address)
    expect(calls).toHaveLength(1)
    expect(calls[0]).toMatchObject({ url: address, maxBytes: 32_768 })
    clock.advance(2)
    await certificates.find(address)
    expect(calls).toHaveLength(2)
  })
})
