import { Refusal } from '../../lib/refusal.ts'

/**
 * The subprotocol to speak: `known` when the client offers it, none when it offers none. Refuses with `malformed_request` when it
 * offers only others: Bun would echo the first of them as if we spoke it (design: realtime.md B13).
 */
export function chooseSubprotocol(request: Request, known: string): string | undefined {
  const offered = (request.headers.get('sec-websocket-protocol') ?? '')
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '')
  if (offered.length === 0) return undefined
  if (offered.includes(known)) return known
  throw new Refusal('malformed_request', { detail: `This address speaks ${known} or no subprotocol.` })
}
