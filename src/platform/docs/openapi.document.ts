import { refusals } from '../../lib/refusal.ts'
import type { Config } from '../config.ts'
import { cookieName } from '../http/cookies.ts'

/** What each tag of the routes is about, in the order a reader meets them. */
const tagDescriptions: Readonly<Record<string, string>> = {
  Assistant: 'Short questions, answered from the shop’s own data with the rights of who asks.',
  Catalogue: 'What the shop sells. The same for everybody, so that an edge may keep it.',
  Bag: 'The visitor’s bag: by account, or by the cookie `bag` for a guest.',
  Checkout: 'From the bag to a placed order, and paying or cancelling it.',
  Orders: 'Reading orders. A guest opens one by its token.',
  Returns: 'Goods that come back within seven days of the delivery, and the money for them.',
  Reviews: 'What buyers say about what they bought, with a vote on the fit.',
  Wishlist: 'What an account wants to remember.',
  Promotions: 'Codes for a lower price: made, changed and ended by staff, typed into the bag by shoppers.',
  Messages: 'Letters and text messages to shoppers, for staff.',
  'Delivery zones': 'What delivery costs and how long it takes: zones, counties, towns and the way to the pin.',
  Payments: 'One table of transactions over all providers.',
  Deliveries: 'Riders, deliveries and live positions.',
  Dispatch: 'Packing orders and giving deliveries to riders.',
  'Money desk': 'What staff see and decide about payments: refunds, reviews, messages of providers, reconciliation, the books.',
  'Vendor catalogue': 'Products as those who sell them write them: drafts, prices, pictures.',
  Stock: 'What lies where: the sheet, receipts, transfers, counts, and who waits for a sold-out size.',
  'Catalogue desk': 'What staff arrange around the products: categories, collections, search words, warehouses.',
  Vendors:
    'What a shop that sells here sees and does. A member of one shop need not name it; a member of several names one with `vendorId` or `X-Vendor-Id`.',
  Payouts: 'What vendors are owed and how they are paid: statements, and batches made by one person and approved by another.',
  Invoices: 'Invoices of paid orders and credit notes of refunds, with their VAT, and their way to the revenue authority.',
  'Outgoing webhooks': 'Signed messages to integrators (Standard Webhooks), with a log of every try.',
  Realtime: 'WebSockets and their HTTP twins.',
  Notifications: 'What people were told inside the shop, and by which ways they want to be told.',
  Accounts: 'Getting an account, signing in and out, sessions, the second factor, and who one is.',
  'API keys': 'Keys for programs, with scopes.',
  People: 'Everybody’s accounts and roles, for admins.',
  Webhooks: 'Where payment providers report. Signed or addressed by an unguessable token.',
  Health: 'Probes.',
}

const introduction = `The JSON API of Rahim Online, an online clothes store for Kenya.

* **Names** are camelCase, **times** RFC 3339 in UTC, **money** \`{ amountMinor, currency }\` in integer minor units: 145000 KES is KSh 1,450.00.
* **Lists** answer \`{ items, nextCursor }\`; send \`nextCursor\` back as \`cursor\` for the next page.
* **Sign in** at \`POST /api/v1/auth/login\`. The token it answers is a bearer token for programs and is set as a cookie for browsers.
* **Errors** are \`application/problem+json\` (RFC 9457) with a stable \`code\`. The whole list is in \`x-errors\` of this document and at [/swagger#errors](/swagger#errors).
* **Placing an order** takes an \`Idempotency-Key\`: the same key with the same body answers the same bytes, with another body 422.
* Every answer carries \`X-Request-ID\`; quote it to support.`

/** The part of the document that no route knows: title, tags, ways to sign in, all error codes. */
export function openapiFrame(config: Config, version: string) {
  return {
    info: { title: 'Rahim Online API', version, description: introduction, license: { name: 'MIT', identifier: 'MIT' } },
    servers: [{ url: '/', description: 'This shop' }],
    tags: Object.entries(tagDescriptions).map(([name, description]) => ({ name, description })),
    components: {
      securitySchemes: {
        bearer: { type: 'http' as const, scheme: 'bearer', description: 'The token of `POST /api/v1/auth/login`.' },
        session: {
          type: 'apiKey' as const,
          in: 'cookie',
          name: cookieName(config, 'sid'),
          description: 'The same token as a cookie, for browsers.',
        },
        apiKey: {
          type: 'http' as const,
          scheme: 'bearer',
          description: 'A key of `POST /api/v1/api-keys` with the scope the operation names.',
        },
      },
    },
    'x-errors': Object.fromEntries(
      Object.entries(refusals).map(([code, { status, message }]) => [code, { status, message, type: `/swagger#${code}` }]),
    ),
  }
}
