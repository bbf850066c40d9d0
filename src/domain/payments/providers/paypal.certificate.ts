import { X509Certificate } from 'node:crypto'
import type { Clock } from '../../../lib/clock.ts'
import { hours } from '../../../lib/time.ts'
import { OutgoingError, type Outgoing } from '../../../platform/outgoing.ts'

/** Where certificates may come from, and what their chain may end in. */
export interface CertificateTrust {
  /** Hosts PayPal serves certificates from; nothing else is ever fetched. */
  readonly hosts: readonly string[]
  /** Base address of the simulator, whose certificates and root are trusted beside; undefined in production. */
  readonly simulatorUrl: string | undefined
  /** Roots in PEM form; asked for once. */
  roots(): Promise<readonly string[]>
}

/** What came of looking for a certificate. `unprovable`: fetched, but its chain could not be followed to a root. */
export type CertificateAnswer =
  | { readonly kind: 'trusted'; readonly certificate: X509Certificate }
  | { readonly kind: 'refused'; readonly why: 'address' | 'form' | 'dates' | 'name' }
  | { readonly kind: 'unprovable' }

const path = '/v1/notifications/certs/'
const keptMs = hours(24)
const mostKept = 20

/**
 * Whether a certificate may be fetched from an address at all. The address comes from the sender of the message, so it is looked
 * at before anything is sent there: https, no user, no port, an exact host, the one folder, nothing that climbs out of it.
 */
export function isCertificateAddress(address: string, trust: Pick<CertificateTrust, 'hosts' | 'simulatorUrl'>): boolean {
  if (!URL.canParse(address)) return false
  const url = new URL(address)
  // What a parser quietly repairs (tabs, back-slashes, dots, case) is not what PayPal writes.
  if (url.href !== address || url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '' || address.includes('%'))
    return false
  const { simulatorUrl } = trust
  if (simulatorUrl !== undefined && address.startsWith(`${simulatorUrl}${path}`)) return true
  return url.protocol === 'https:' && url.port === '' && trust.hosts.includes(url.hostname) && url.pathname.startsWith(path)
}

/** Fetches, checks and keeps the certificates PayPal signs with. `find` throws OutgoingError when one could not be fetched. */
export function createCertificates(options: { trust: CertificateTrust; outgoing: Outgoing; clock: Clock }): {
  find(address: string): Promise<CertificateAnswer>
} {
  const { trust, outgoing, clock } = options
  const kept = new Map<string, { chain: readonly X509Certificate[]; until: number }>()
  const fetching = new Map<string, Promise<readonly X509Certificate[]>>()

  async function fetchChain(address: string): Promise<readonly X509Certificate[]> {
    const { status, text } = await outgoing.call({
      method: 'GET',
      url: address,
      headers: { accept: 'application/x-pem-file, text/plain, */*' },
      takesText: true,
      totalTimeoutMs: 5_000,
      maxBytes: 32_768,
      purpose: 'paypal certificate',
    })
    if (status !== 200 || text === undefined) throw new OutgoingError('network', new URL(address).host, status)
    const chain = readChain(text)
    // The oldest goes first: an address is made up by the sender, so the store must not grow with them.
    for (const old of kept.keys()) {
      if (kept.size < mostKept) break
      kept.delete(old)
    }
    if (chain.length > 0) kept.set(address, { chain, until: clock.now().getTime() + keptMs })
    return chain
  }

  async function chainOf(address: string): Promise<readonly X509Certificate[]> {
    const known = kept.get(address)
    if (known !== undefined && known.until > clock.now().getTime()) return known.chain
    const asking = fetching.get(address) ?? fetchChain(address).finally(() => fetching.delete(address))
    fetching.set(address, asking)
    return await asking
  }

  return {
    async find(address) {
      if (!isCertificateAddress(address, trust)) return { kind: 'refused', why: 'address' }
      return judgeChain(await chainOf(address), await trust.roots(), clock.now())
    },
  }
}

/** The certificates of a PEM text, in order; empty when one cannot be read. */
export function readChain(text: string): readonly X509Certificate[] {
  const blocks = text.match(/-----BEGIN CERTIFICATE-----[\sA-Za-z0-9+/=]+-----END CERTIFICATE-----/g) ?? []
  try {
    return blocks.slice(0, 6).map((block) => new X509Certificate(block))
  } catch {
    // Whatever the parser dislikes, it is not a certificate to trust.
    return []
  }
}

/**
 * Whether a served chain (leaf first) is to be trusted now: inside its dates, made for a name under paypal.com, each certificate
 * signed by the next, which must be an authority, up to one of the roots.
 */
export function judgeChain(chain: readonly X509Certificate[], roots: readonly string[], now: Date): CertificateAnswer {
  const [leaf, ...rest] = chain
  if (leaf === undefined || leaf.ca) return { kind: 'refused', why: 'form' }
  if (!isCurrent(leaf, now)) return { kind: 'refused', why: 'dates' }
  if (commonName(leaf)?.endsWith('.paypal.com') !== true) return { kind: 'refused', why: 'name' }
  let last = leaf
  for (const next of rest) {
    if (!isIssuer(next, last, now)) break
    last = next
  }
  const isRooted = roots.some((pem) => {
    const root = new X509Certificate(pem)
    return root.fingerprint256 === last.fingerprint256 ? root.ca : isIssuer(root, last, now)
  })
  return isRooted ? { kind: 'trusted', certificate: leaf } : { kind: 'unprovable' }
}

const isCurrent = (certificate: X509Certificate, now: Date): boolean =>
  Date.parse(certificate.validFrom) <= now.getTime() && now.getTime() <= Date.parse(certificate.validTo)

const isIssuer = (issuer: X509Certificate, of: X509Certificate, now: Date): boolean =>
  issuer.ca && isCurrent(issuer, now) && of.checkIssued(issuer) && of.verify(issuer.publicKey)

const commonName = (certificate: X509Certificate): string | undefined => /^CN=(.+)$/m.exec(certificate.subject)?.[1]
