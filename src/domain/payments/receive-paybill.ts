import type { Context } from '../../context.ts'
import { Refusal } from '../../lib/refusal.ts'
import { derivedToken, sha256Hex } from '../../lib/signature.ts'
import type { PaymentProvider } from './provider.port.ts'
import { parsePaybill } from './providers/mpesa.c2b.ts'
import { receiveWebhook, type ReceivedWebhook } from './receive-webhook.ts'

/** The secret part of the addresses Safaricom is given for payments by hand. */
export const paybillToken = (appSecret: string, shortCode: string): string => derivedToken(appSecret, 'mpesa-c2b', shortCode)

/** Refuses with not_found unless the token is ours; hashes are compared, so that the time it takes tells nothing. */
export function mustBePaybillToken(context: Context, token: string): void {
  const { mpesa, appSecret } = context.config
  if (mpesa === undefined || sha256Hex(token) !== sha256Hex(paybillToken(appSecret, mpesa.shortCode))) throw new Refusal('not_found')
}

/**
 * Stores a payment typed by hand in the inbox, once a receipt, before it is answered. Refuses with not_found for a wrong address,
 * malformed_json for what is no confirmation, unavailable when it could not be written: Safaricom then sends it again.
 */
export async function receivePaybill(
  context: Context,
  provider: PaymentProvider,
  token: string,
  webhook: ReceivedWebhook,
): Promise<'stored' | 'duplicate'> {
  mustBePaybillToken(context, token)
  const named: PaymentProvider = {
    ...provider,
    verifyWebhook: async ({ body }) => {
      const payment = parsePaybill(parsed(body))
      if (payment === undefined) throw new Refusal('malformed_json')
      return { dedupeKey: `c2b:${payment.receipt}`, eventType: 'c2b', providerRef: payment.receipt }
    },
  }
  return await receiveWebhook(context, named, webhook)
}

function parsed(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body))
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof TypeError) throw new Refusal('malformed_json')
    throw error
  }
}
