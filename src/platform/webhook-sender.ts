import { lookup } from 'node:dns/promises'
import { request as httpRequest } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { isIP } from 'node:net'
import { isPublicAddress } from '../lib/public-address.ts'

/** Why nothing usable came back. `refused_address`: the name points into a private network. */
export type SendFailure = 'refused_address' | 'unknown_host' | 'timeout' | 'network' | 'redirect' | 'insecure'

/** What one try came to. `status` is there when something answered. */
export interface SendOutcome {
  readonly failure: SendFailure | undefined
  readonly status: number | undefined
  /** The beginning of the answer. */
  readonly answer: string
}

/** The way out to addresses that strangers gave us. */
export interface WebhookSender {
  /** Why an address may not be called at all; undefined when it may. Asks the name server. */
  check(url: string): Promise<SendFailure | undefined>
  /** POSTs text. Never throws, follows no redirect, reads no more of the answer than its beginning. */
  send(url: string, headers: Readonly<Record<string, string>>, body: string): Promise<SendOutcome>
}

/** What the sender needs. */
export interface WebhookSenderOptions {
  /** Production takes https only, on its usual port. */
  readonly requiresHttps: boolean
  /** Development and tests listen on this machine. Never in production. */
  readonly allowsPrivate: boolean
  readonly timeoutMs?: number
  /** Finds the addresses of a name; the system's resolver unless a test brings one. */
  readonly resolve?: (host: string) => Promise<readonly string[]>
}

const mostAnswerBytes = 1_024

/** Makes the sender. */
export function createWebhookSender(options: WebhookSenderOptions): WebhookSender {
  const { timeoutMs = 15_000, resolve = systemResolve } = options

  /**
   * The one address that will be connected to. Looked up once and pinned: a name that answers a public address to the check and a private
   * one to the connection (DNS rebinding) is connected to what was checked. Any private address among several refuses the name.
   */
  async function pin(url: URL): Promise<{ address: string } | { failure: SendFailure }> {
    if (url.protocol !== 'https:' && (options.requiresHttps || url.protocol !== 'http:')) return { failure: 'insecure' }
    const host = url.hostname.replace(/^\[|\]$/g, '')
    let addresses: readonly string[]
    try {
      addresses = isIP(host) > 0 ? [host] : await resolve(host)
    } catch {
      return { failure: 'unknown_host' }
    }
    const [address] = addresses
    if (address === undefined) return { failure: 'unknown_host' }
    if (!options.allowsPrivate && !addresses.every(isPublicAddress)) return { failure: 'refused_address' }
    return { address }
  }

  return {
    async check(url) {
      const pinned = await pin(new URL(url))
      return 'failure' in pinned ? pinned.failure : undefined
    },
    async send(url, headers, body) {
      const target = new URL(url)
      const pinned = await pin(target)
      if ('failure' in pinned) return { failure: pinned.failure, status: undefined, answer: '' }
      return await post(target, pinned.address, headers, body, timeoutMs)
    },
  }
}

async function systemResolve(host: string): Promise<string[]> {
  return (await lookup(host, { all: true, verbatim: true })).map(({ address }) => address)
}

/** Connects to the pinned address, under the name of the URL for TLS and the Host header. */
async function post(
  url: URL,
  address: string,
  headers: Readonly<Record<string, string>>,
  body: string,
  timeoutMs: number,
): Promise<SendOutcome> {
  const { promise, resolve } = Promise.withResolvers<SendOutcome>()
  const isTls = url.protocol === 'https:'
  const settle = (failure: SendFailure | undefined, status?: number, answer = ''): void => {
    clearTimeout(timer)
    resolve({ failure, status, answer })
    call.destroy()
  }
  const call = (isTls ? httpsRequest : httpRequest)({
    host: address,
    port: url.port === '' ? (isTls ? 443 : 80) : Number(url.port),
    path: `${url.pathname}${url.search}`,
    method: 'POST',
    headers: { ...headers, host: url.host, 'content-length': String(Buffer.byteLength(body)), connection: 'close' },
    ...(isTls ? { servername: url.hostname } : {}),
    agent: false,
  })
  const timer = setTimeout(() => settle('timeout'), timeoutMs)
  call.on('error', () => settle('network'))
  call.on('response', (response) => {
    const status = response.statusCode ?? 0
    if (status >= 300 && status < 400) return settle('redirect', status)
    const chunks: Buffer[] = []
    let size = 0
    const done = (): void => settle(undefined, status, printable(Buffer.concat(chunks)))
    response.on('data', (chunk: Buffer) => {
      chunks.push(chunk.subarray(0, mostAnswerBytes - size))
      size += chunk.length
      // An endless answer costs no more than its beginning.
      if (size >= mostAnswerBytes) done()
    })
    response.on('end', done)
    response.on('error', done)
  })
  call.end(body)
  return await promise
}

/** Text that a database keeps: no NUL, nothing cut in half. */
const printable = (bytes: Buffer): string => new TextDecoder().decode(bytes).replaceAll('\0', '').slice(0, mostAnswerBytes)
