import { afterAll, beforeAll, expect, test } from 'bun:test'
import { issueInvoice } from '../../src/domain/invoicing/issue-invoice.ts'
import { packOrder } from '../../src/workflows/dispatch/pack-order.ts'
import { person, type Visitor } from '../support/actors.ts'
import { makeVariant } from '../support/factories.ts'
import { openShop, type TestShop } from '../support/shop.ts'
import { makeVendor, pay, place, read } from '../support/vendors.ts'

/**
 * Vendor A can neither read nor touch anything of vendor B by any route: every route of the running app is called by every kind of
 * member of A with the ids of B, and with B named as the vendor. A route with a parameter that nobody has said the meaning of fails.
 */
let shop: TestShop
beforeAll(async () => void (shop = await openShop()))
afterAll(() => shop.close())

interface Scene {
  readonly vendorId: string
  readonly ids: Readonly<Record<string, string>>
  /** Words that stand in B's private things only. */
  readonly secrets: readonly string[]
}

async function sceneOfB(): Promise<Scene> {
  const { sql } = shop.database
  const vendorId = await makeVendor(shop, {
    name: 'Soles',
    payoutMethod: 'bank',
    payoutAccount: '01-100-9876543210',
    legalName: 'Soles Secret Legal Ltd',
  })
  const owner = await person(shop, { name: 'Bahati Ownersecret', member: { vendorId, role: 'owner' } })
  const shopper = await person(shop, { name: 'Shopper of B' })
  const { variantId, productId, slug } = await makeVariant(shop.context, shop.catalogue, { vendorId, stock: 50 })
  const order = await place(shop, [{ vendorId, priceMinor: 0n, variantId }], shopper, {
    contact: { name: 'Chebet Buyersecret', phone: '0722334455' },
    address: { county: 'Nairobi', town: 'Hiddentown', landmark: 'Landmarksecret' },
  })
  await pay(shop, order)
  const invoice = (await issueInvoice(shop.context, order.orderId)) ?? ''
  const finance = await person(shop, { roles: ['finance'] })
  const batch = (await read(finance.post('/api/v1/admin/payout-batches', { method: 'bank' }))).body
  const another = await place(shop, [{ vendorId, priceMinor: 0n, variantId }], shopper)
  await pay(shop, another)
  const staffActor = {
    kind: 'person',
    accountId: finance.accountId ?? '',
    sessionId: '',
    name: '',
    roles: ['admin'],
    vendors: [],
    cartTokenHash: undefined,
  } as const
  await packOrder(shop.context, staffActor, another.number)
  const [delivery] = await sql`select id from deliveries where order_id = ${another.orderId}`
  const [line] = await sql`select id from order_lines where order_id = ${order.orderId}`
  const invite = (await read(owner.post('/api/v1/vendor/invites', { email: 'invited-secret@example.co.ke', role: 'staff', scopes: [] })))
    .body.id
  const endpoint = (await read(owner.post('/api/v1/webhook-endpoints', { url: 'http://127.0.0.1:1/hook-secret', types: ['order.paid'] })))
    .body.id
  const applied = (
    await read(owner.post('/api/v1/vendor-applications', { name: 'Soles Two', town: 'Limuru', phone: '0712345678', kraPin: 'A012345678Z' }))
  ).body.id
  return {
    vendorId,
    ids: {
      vendor: vendorId,
      product: productId,
      slug,
      variant: variantId,
      order: order.number,
      delivery: String(delivery?.['id']),
      line: String(line?.['id']),

      charge: order.chargeId,
      invoice,
      invite,
      endpoint,
      application: applied,
      batch: batch.id,
      payout: batch.payouts[0].id,
      account: owner.accountId ?? '',
    },
    secrets: [
      order.number,
      another.number,
      order.chargeId,
      invoice,
      'Ownersecret',
      'Buyersecret',
      'Hiddentown',
      'Landmarksecret',
      '9876543210',
      'Secret Legal',
      'invited-secret',
      'hook-secret',
      'A012345678Z',
    ],
  }
}

/** What a parameter names, by the beginning of the path. The first line that fits counts. */
const meanings: readonly (readonly [RegExp, Readonly<Record<string, string>>])[] = [
  [
    /^\/api\/v1\/admin\//,
    { id: 'charge', number: 'invoice', fileId: 'charge', accountId: 'account', code: 'charge', slug: 'slug', word: 'slug', county: 'slug' },
  ],
  [/^\/api\/v1\/vendor\/products/, { id: 'product', productId: 'product', variantId: 'variant', pictureId: 'product' }],
  [/^\/api\/v1\/vendor\/(members|invites)/, { id: 'invite', accountId: 'account' }],
  [/^\/api\/v1\/vendor\/(stock|variants)/, { variantId: 'variant', id: 'variant' }],
  [/^\/api\/v1\/vendor\/(orders|returns)/, { number: 'order', id: 'line' }],
  [/^\/api\/v1\/vendor-applications/, { id: 'application' }],
  [/^\/api\/v1\/webhook-endpoints/, { id: 'endpoint', deliveryId: 'delivery' }],
  [/^\/api\/v1\/deliveries/, { id: 'delivery', shareId: 'delivery' }],
  [/^\/api\/v1\/(orders|returns)/, { number: 'order', lineId: 'line', id: 'line' }],
  [/^\/api\/v1\/invoices/, { number: 'invoice' }],
  [/^\/api\/v1\/transactions/, { id: 'charge' }],
  [/^\/api\/v1\/products/, { slug: 'slug' }],
  [/^\/api\/v1\/me\//, { productId: 'product', variantId: 'variant', id: 'line' }],
  [/^\/api\/v1\/stock-alerts/, { variantId: 'variant', id: 'variant' }],
  [
    /^\/api\/v1\/(cart|api-keys|auth|notifications|drivers|reviews|collections|categories|search)/,
    { lineId: 'line', id: 'account', slug: 'slug', variantId: 'variant' },
  ],
]

/** Shoppers may do these with anybody's goods; they tell and change nothing of the vendor's own. */
const everybodys = /^(GET|PUT|DELETE|POST) \/api\/v1\/(products|me\/wishlist|me\/recent|stock-alerts|collections|categories|search)\b/

interface Schema {
  readonly type?: string
  readonly properties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
  readonly items?: Schema
  readonly anyOf?: readonly Schema[]
  readonly const?: unknown
  readonly examples?: readonly unknown[]
  readonly format?: string
  readonly minimum?: number
  readonly minItems?: number
  readonly minLength?: number
}

/** A body that fits a schema, with the ids of B where it names things. */
function sample(schema: Schema, ids: Scene['ids'], name = ''): unknown {
  const known: Record<string, string | undefined> = {
    variantId: ids['variant'],
    productId: ids['product'],
    vendorId: ids['vendor'],
    orderLineId: ids['line'],
    accountId: ids['account'],
    driverId: ids['account'],
  }
  if (known[name] !== undefined) return known[name]
  if (schema.const !== undefined) return schema.const
  if (schema.examples?.[0] !== undefined) return schema.examples[0]
  if (schema.anyOf?.[0] !== undefined) return sample(schema.anyOf[0], ids, name)
  if (schema.type === 'object')
    return Object.fromEntries((schema.required ?? []).map((each) => [each, sample(schema.properties?.[each] ?? {}, ids, each)]))
  if (schema.type === 'array') return schema.items === undefined ? [] : [sample(schema.items, ids, name)]
  if (schema.type === 'number' || schema.type === 'integer') return schema.minimum ?? 1
  if (schema.type === 'boolean') return true
  return 'x'.repeat(Math.max(schema.minLength ?? 3, 3))
}

/** Everything B has, as one text; equal before and after means that nobody touched it. */
async function fingerprint(vendorId: string): Promise<string> {
  const [row] = await shop.database.sql`
    with own_orders as (select order_id from order_lines where vendor_id = ${vendorId})
    select md5(concat_ws('|',
      (select to_jsonb(v)::text from vendors v where id = ${vendorId}),
      (select jsonb_agg(to_jsonb(m) order by account_id)::text from vendor_members m where vendor_id = ${vendorId}),
      (select jsonb_agg(to_jsonb(i) order by id)::text from vendor_invites i where vendor_id = ${vendorId}),
      (select jsonb_agg(to_jsonb(e) order by id)::text from webhook_endpoints e where vendor_id = ${vendorId}),
      (select jsonb_agg(jsonb_build_array(p.id, p.name, p.status, p.description) order by p.id)::text from products p where vendor_id = ${vendorId}),
      (select jsonb_agg(jsonb_build_array(v.id, v.price_minor, v.sku, v.size) order by v.id)::text from variants v join products p on p.id = v.product_id where p.vendor_id = ${vendorId}),
      (select jsonb_agg(jsonb_build_array(s.variant_id, s.warehouse_id, s.on_hand) order by s.variant_id, s.warehouse_id)::text from stock_levels s
        join variants v on v.id = s.variant_id join products p on p.id = v.product_id where p.vendor_id = ${vendorId}),
      (select jsonb_agg(to_jsonb(o) order by id)::text from orders o where id in (select order_id from own_orders)),
      (select jsonb_agg(to_jsonb(l) order by id)::text from order_lines l where vendor_id = ${vendorId}),
      (select jsonb_agg(to_jsonb(d) order by id)::text from deliveries d where order_id in (select order_id from own_orders)),
      (select jsonb_agg(jsonb_build_array(t.id, t.state, t.refunded_minor, t.refund_pending_minor) order by id)::text from transactions t where order_id in (select order_id from own_orders) or vendor_id = ${vendorId}),
      (select count(*)::text from ledger_entries where vendor_id = ${vendorId}),
      (select jsonb_agg(to_jsonb(r) order by id)::text from returns r where order_id in (select order_id from own_orders)),
      (select jsonb_agg(to_jsonb(n) order by id)::text from order_notes n where order_id in (select order_id from own_orders))
    )) as print`
  return String(row?.['print'])
}

test('vendor A can neither read nor touch anything of vendor B by any route, in any role', async () => {
  const b = await sceneOfB()
  const a = await makeVendor(shop, { name: 'Looms' })
  const every = ['catalog', 'orders', 'delivery', 'finance']
  const members: Record<string, Visitor> = {
    owner: await person(shop, { member: { vendorId: a, role: 'owner' } }),
    manager: await person(shop, { member: { vendorId: a, role: 'manager', scopes: every } }),
    staff: await person(shop, { member: { vendorId: a, role: 'staff', scopes: every } }),
    'staff without scopes': await person(shop, { member: { vendorId: a, role: 'staff', scopes: [] } }),
  }
  const document = (await read(shop.fetch('/swagger/json'))).body.paths as Record<
    string,
    Record<string, { requestBody?: { content: Record<string, { schema: Schema }> } }>
  >
  const routes = shop.app.routes.filter(({ path, method }) => path.startsWith('/api/') && method !== 'ALL' && !path.endsWith('/'))
  expect(routes.length).toBeGreaterThan(80)
  const before = await fingerprint(b.vendorId)
  const unclassified: string[] = []
  const wrong: string[] = []
  for (const { method, path, hooks } of routes) {
    const names = [...path.matchAll(/:([A-Za-z]+)/g)].map(([, name = '']) => name)
    const meaning = meanings.find(([pattern]) => pattern.test(path))?.[1] ?? {}
    if (names.some((name) => meaning[name] === undefined)) {
      unclassified.push(`${method} ${path}`)
      continue
    }
    const address = path.replace(/:([A-Za-z]+)/g, (_, name: string) => b.ids[meaning[name] ?? ''] ?? 'missing')
    const schema = document[path.replace(/:([A-Za-z]+)/g, '{$1}')]?.[method.toLowerCase()]?.requestBody?.content['application/json']?.schema
    const body = schema === undefined ? undefined : sample(schema, b.ids)
    const isVendors = (hooks as { detail?: { 'x-vendor-scope'?: string } }).detail?.['x-vendor-scope'] !== undefined
    // One's own door is not under attack: signing A out would end the walk.
    if (/\/auth\/(logout|sessions|password)|\/me$|\/me\/(erase|erasure)/.test(path) && method !== 'GET') continue
    for (const [role, member] of Object.entries(members))
      for (const query of ['', `?vendorId=${b.vendorId}`, `?vendorId=${a}`]) {
        const answer = await member.send(method, `${address}${query}`, body, { 'idempotency-key': crypto.randomUUID() })
        const isStream = (answer.headers.get('content-type') ?? '').includes('event-stream')
        const text = isStream ? 'a stream was opened' : await answer.text()
        if (isStream) await answer.body?.cancel()
        const what = `${role}: ${method} ${path}${query === '' ? '' : query.includes(a) ? ' as A' : ' as B'} answered ${answer.status}`
        if (answer.status >= 500) wrong.push(`${what}: ${text.slice(0, 200)}`)
        const leaked = b.secrets.filter((secret) => text.includes(secret) && !JSON.stringify(body ?? '').includes(secret))
        if (leaked.length > 0) wrong.push(`${what} and told ${leaked.join(', ')}`)
        if (isVendors && query.includes(b.vendorId) && ![403, 404].includes(answer.status)) wrong.push(`${what} for a foreign vendor`)
        if (names.length > 0 && answer.ok && !everybodys.test(`${method} ${path}`)) wrong.push(`${what} for what is B’s`)
      }
  }
  expect(unclassified).toEqual([])
  expect(wrong).toEqual([])
  expect(await fingerprint(b.vendorId)).toBe(before)
}, 300_000)
