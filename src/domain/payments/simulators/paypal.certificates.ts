/**
 * A certificate authority made at start, for the simulated PayPal alone: a root, and a leaf with the kind of name PayPal's own
 * certificates carry. Node makes keys but no certificates, so the few lines of DER they consist of are written here. Keys live in
 * memory and end with the process; no other machine trusts the root.
 */

/** The authority and the key PayPal's simulator signs with. */
export interface PaypalAuthority {
  readonly rootPem: string
  readonly leafPem: string
  /** Base64 RSA-SHA256 signature of a text. */
  sign(text: string): Promise<string>
}

const algorithm = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256', modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]) }

/** What a test may want to be wrong about the leaf. */
export interface LeafWish {
  readonly commonName?: string
  readonly from?: Date
  readonly until?: Date
}

/** Makes keys and certificates; about 50 ms. */
export async function createAuthority(now: Date, wish: LeafWish = {}): Promise<PaypalAuthority> {
  const [rootKeys, leafKeys] = await Promise.all([makeKeys(), makeKeys()])
  const dates = { from: wish.from ?? later(now, -1), until: wish.until ?? later(now, 365) }
  const rootName = name('Rahim Online sandbox root')
  const root = await certificate({
    serial: 1,
    issuer: rootName,
    subject: rootName,
    from: later(now, -1_000),
    until: later(now, 3_650),
    publicKey: rootKeys.publicKey,
    signWith: rootKeys.privateKey,
    isAuthority: true,
  })
  const leaf = await certificate({
    serial: 2,
    issuer: rootName,
    subject: name(wish.commonName ?? 'messageverificationcerts.sandbox.paypal.com'),
    ...dates,
    publicKey: leafKeys.publicKey,
    signWith: rootKeys.privateKey,
    isAuthority: false,
  })
  return {
    rootPem: pem(root),
    leafPem: pem(leaf),
    sign: async (text) =>
      Buffer.from(await crypto.subtle.sign(algorithm.name, leafKeys.privateKey, new TextEncoder().encode(text))).toString('base64'),
  }
}

const later = (now: Date, days: number): Date => new Date(now.getTime() + days * 86_400_000)
const makeKeys = async (): Promise<CryptoKeyPair> => (await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])) as CryptoKeyPair
const pem = (der: Buffer): string =>
  `-----BEGIN CERTIFICATE-----\n${(der.toString('base64').match(/.{1,64}/g) ?? []).join('\n')}\n-----END CERTIFICATE-----\n`

interface CertificateParts {
  readonly serial: number
  readonly issuer: Buffer
  readonly subject: Buffer
  readonly from: Date
  readonly until: Date
  readonly publicKey: CryptoKey
  readonly signWith: CryptoKey
  readonly isAuthority: boolean
}

/** RFC 5280, version 3, with the two extensions a verifier looks at. */
async function certificate(parts: CertificateParts): Promise<Buffer> {
  const signedWith = sequence(oid([0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0b]), der(0x05, Buffer.alloc(0)))
  const basicConstraints = sequence(
    oid([0x55, 0x1d, 0x13]),
    der(0x01, Buffer.from([0xff])),
    der(0x04, parts.isAuthority ? sequence(der(0x01, Buffer.from([0xff]))) : sequence()),
  )
  // keyCertSign and cRLSign for the root, digitalSignature for the leaf.
  const keyUsage = sequence(
    oid([0x55, 0x1d, 0x0f]),
    der(0x01, Buffer.from([0xff])),
    der(0x04, der(0x03, Buffer.from(parts.isAuthority ? [0x01, 0x06] : [0x07, 0x80]))),
  )
  const body = sequence(
    der(0xa0, der(0x02, Buffer.from([2]))),
    der(0x02, Buffer.from([parts.serial])),
    signedWith,
    parts.issuer,
    sequence(utcTime(parts.from), utcTime(parts.until)),
    parts.subject,
    Buffer.from(await crypto.subtle.exportKey('spki', parts.publicKey)),
    der(0xa3, sequence(basicConstraints, keyUsage)),
  )
  const signature = Buffer.from(await crypto.subtle.sign(algorithm.name, parts.signWith, Uint8Array.from(body)))
  return sequence(body, signedWith, der(0x03, Buffer.concat([Buffer.from([0]), signature])))
}

/** One value: its tag, its length in the shortest form, its bytes. */
function der(tag: number, content: Buffer): Buffer {
  const { length } = content
  const size = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff]
  return Buffer.concat([Buffer.from([tag, ...size]), content])
}

const sequence = (...parts: Buffer[]): Buffer => der(0x30, Buffer.concat(parts))
const oid = (bytes: number[]): Buffer => der(0x06, Buffer.from(bytes))
const utcTime = (moment: Date): Buffer => der(0x17, Buffer.from(`${moment.toISOString().replace(/\D/g, '').slice(2, 14)}Z`))
const name = (commonName: string): Buffer => sequence(der(0x31, sequence(oid([0x55, 0x04, 0x03]), der(0x0c, Buffer.from(commonName)))))
