import { SQL } from 'bun'
import postgres from 'postgres'
import { oldTables, type OldTable } from '../../src/cli/import/old-database.ts'

/** What an import of the made shop must come to, exactly. */
export interface LegacyExpectation {
  /** Rows of both payment models that point to an order. */
  readonly transactions: number
  /** Rows that told of a movement another row had told of. */
  readonly merged: number
  readonly contradictions: Record<string, number>
  readonly left: Record<string, number>
  readonly charges: Record<string, number>
  readonly orders: number
  /** Money of settling charges, in cents. */
  readonly settledMinor: bigint
}

/** How much of the old shop to make, and where. */
export interface LegacyWish {
  /** sqlite://file, postgres://… or mysql://… of an empty database. */
  readonly url: string
  /** Rows in both payment models together, at least. */
  readonly transactions: number
  /** How often each contradiction is planted. */
  readonly planted?: number
}

/** The password of every person of the made shop, as Django kept it. */
export const legacyPassword = 'nenosiri la zamani'
const legacyHash = 'pbkdf2_sha256$1000$chumvi$f5qqrfcwmg6QZXZmERaNWQjCko42YScD0CQwHSu8k2E='

type Value = string | number | boolean | null
type Row = Record<string, Value>

const start = Date.UTC(2025, 0, 6, 6)
const at = (order: number, seconds = 0): string =>
  new Date(start + order * 60_000 + seconds * 1_000).toISOString().replace('T', ' ').replace('Z', '')

/** One order of the old shop: what it says of itself and of its payments. */
interface Story {
  readonly paid: boolean
  readonly status: string
  readonly charges: Record<string, number>
  readonly merged?: number
  readonly contradictions?: Record<string, number>
  readonly left?: Record<string, number>
  readonly isEmpty?: boolean
  /** The money went back whole, so nothing was delivered. */
  readonly isCalledOff?: boolean
  readonly cents?: number
  tell(shop: Maker, order: number, total: string): unknown
}

const amountOf = (total: string, moreShillings: number): string => (Number(total) + moreShillings).toFixed(2)

/** What happens every day, over and over. */
const ordinary: Story[] = [
  {
    paid: true,
    status: 'paid',
    charges: { succeeded: 1 },
    merged: 1,
    tell: (shop, order, total) => (
      shop.first(order, { amount: total, status: 'success', reference: `BOTH-${order}`, verified: true }),
      shop.second(order, { amount: total, status: 'success', reference: `BOTH-${order}`, gateway_reference: `PSK-${order}` })
    ),
  },
  {
    paid: true,
    status: 'success',
    charges: { succeeded: 1 },
    tell: (shop, order, total) => shop.first(order, { amount: total, status: 'success', reference: `ONE-${order}`, verified: true }),
  },
  {
    paid: true,
    status: 'Paid ',
    charges: { succeeded: 1 },
    tell: (shop, order, total) =>
      shop.second(order, { amount: total, status: 'success', reference: `TWO-${order}`, gateway_reference: `GW-${order}` }),
  },
  {
    paid: true,
    status: 'PAID',
    charges: { succeeded: 1 },
    merged: 1,
    tell: (shop, order, total) => (
      shop.first(order, { amount: total, status: 'success', reference: `NEAR-${order}`, verified: true }),
      shop.second(order, { amount: total, status: 'pending', reference: `checkout-${order}` }, 30)
    ),
  },
  {
    paid: false,
    status: 'failed',
    charges: { failed: 1 },
    tell: (shop, order, total) => shop.first(order, { amount: total, status: 'failed', reference: `FAIL-${order}` }),
  },
  {
    paid: false,
    status: 'cancelled',
    charges: { cancelled: 1 },
    tell: (shop, order, total) => shop.second(order, { amount: total, status: 'cancelled', reference: `CANCEL-${order}` }),
  },
  {
    paid: false,
    status: 'pending_confirmation',
    charges: { expired: 1 },
    tell: (shop, order, total) => shop.first(order, { amount: total, status: 'pending', reference: `OPEN-${order}` }),
  },
  {
    paid: true,
    status: 'paid',
    charges: { failed: 1, succeeded: 1 },
    tell: (shop, order, total) => (
      shop.first(order, { amount: total, status: 'failed', reference: `TRY-${order}` }),
      shop.second(order, { amount: total, status: 'success', reference: `AGAIN-${order}`, gateway_reference: `GWA-${order}` }, 120)
    ),
  },
  {
    paid: true,
    status: 'paid',
    charges: { succeeded: 1 },
    tell: (shop, order, total) =>
      shop.second(order, {
        amount: total,
        status: 'success',
        gateway: 'mpesa',
        method: 'mpesa',
        reference: `MP-${order}`,
        gateway_reference: `SGR${order}`,
        signature_valid: true,
      }),
  },
]

/** What the old shop left contradictory, each planted a known number of times. */
const contradictory: Record<string, Story> = {
  status_differs: {
    paid: true,
    status: 'paid',
    charges: { review: 1 },
    merged: 1,
    tell: (shop, order, total) => (
      shop.first(order, { amount: total, status: 'success', reference: `SD-${order}`, verified: true }),
      shop.second(order, { amount: total, status: 'failed', reference: `SD-${order}` })
    ),
  },
  amounts_differ: {
    paid: true,
    status: 'paid',
    charges: { review: 1 },
    merged: 1,
    tell: (shop, order, total) => (
      shop.first(order, { amount: total, status: 'success', reference: `AD-${order}`, verified: true }),
      shop.second(order, { amount: amountOf(total, 100), status: 'success', reference: `AD-${order}`, gateway_reference: `GAD-${order}` })
    ),
  },
  amount_not_total: {
    paid: true,
    status: 'paid',
    charges: { review: 1 },
    tell: (shop, order, total) =>
      shop.second(order, { amount: amountOf(total, -1), status: 'success', reference: `AT-${order}`, gateway_reference: `GAT-${order}` }),
  },
  success_without_receipt: {
    paid: true,
    status: 'paid',
    charges: { review: 1 },
    tell: (shop, order, total) => shop.second(order, { amount: total, status: 'success', reference: `NR-${order}` }),
  },
  unsigned_success: {
    paid: true,
    status: 'paid',
    charges: { review: 1 },
    tell: (shop, order, total) =>
      shop.second(order, {
        amount: total,
        status: 'success',
        gateway: 'mpesa',
        method: 'mpesa',
        reference: `US-${order}`,
        gateway_reference: `SUS${order}`,
        signature_valid: false,
      }),
  },
  paypal_kes_as_usd: {
    paid: true,
    status: 'success',
    charges: { review: 1 },
    tell: (shop, order, total) =>
      shop.first(order, { amount: total, status: 'success', gateway: 'paypal', method: 'paypal', reference: `PAYID-${order}` }),
  },
  unpaid_with_proof: {
    paid: false,
    status: 'failed',
    charges: { review: 1 },
    tell: (shop, order, total) => {
      shop.first(order, { amount: total, status: 'failed', reference: `UP-${order}` })
      shop.message(`UP-${order}`)
    },
  },
  duplicate_success: {
    paid: true,
    status: 'paid',
    charges: { succeeded: 1, duplicate: 1 },
    tell: (shop, order, total) => (
      shop.second(order, { amount: total, status: 'success', reference: `D1-${order}`, gateway_reference: `GD1-${order}` }),
      shop.second(order, { amount: total, status: 'duplicate_success', reference: `D2-${order}`, gateway_reference: `GD2-${order}` }, 300)
    ),
  },
  refund_without_reference: {
    paid: true,
    status: 'paid',
    charges: { succeeded: 1, duplicate: 1 },
    contradictions: { duplicate_success: 1 },
    tell: (shop, order, total) => (
      shop.second(order, { amount: total, status: 'success', reference: `R1-${order}`, gateway_reference: `GR1-${order}` }),
      shop.second(order, { amount: total, status: 'refunded', reference: `R2-${order}`, gateway_reference: `GR2-${order}` }, 300)
    ),
  },
  duplicate_without_first: {
    paid: true,
    status: 'paid',
    charges: { review: 1 },
    tell: (shop, order, total) =>
      shop.second(order, { amount: total, status: 'duplicate_success', reference: `DW-${order}`, gateway_reference: `GDW-${order}` }),
  },
  paid_without_transaction: { paid: true, status: 'success', charges: {}, tell: () => {} },
  unpaid_with_money: {
    paid: false,
    status: 'pending',
    charges: { succeeded: 1 },
    tell: (shop, order, total) => shop.first(order, { amount: total, status: 'success', reference: `UM-${order}`, verified: true }),
  },
  money_without_lines: {
    paid: true,
    status: 'paid',
    charges: { review: 1 },
    isEmpty: true,
    tell: (shop, order) =>
      shop.second(order, { amount: '1500.00', status: 'success', reference: `WL-${order}`, gateway_reference: `GWL-${order}` }),
  },
  // Two orders claim one payment: the older model for an odd order, the newer one for the order after it.
  reference_of_two_orders: {
    paid: true,
    status: 'paid',
    charges: { review: 1 },
    tell: (shop, order, total) =>
      order % 2 === 1
        ? shop.first(order, { amount: total, status: 'success', reference: `RT-${order}`, verified: true })
        : shop.second(order, { amount: total, status: 'success', reference: `RT-${order - 1}`, gateway_reference: `GRT-${order}` }),
  },
}

const leftOver: Record<string, Story> = {
  unknown_gateway: {
    paid: false,
    status: 'weird',
    charges: {},
    tell: (shop, order, total) => shop.second(order, { amount: total, status: 'pending', gateway: 'bitcoin', reference: `UG-${order}` }),
  },
  cents_at_mpesa: {
    paid: false,
    status: 'pending',
    charges: {},
    cents: 50,
    tell: (shop, order, total) => shop.second(order, { amount: total, status: 'failed', gateway: 'mpesa', reference: `CM-${order}` }),
  },
  empty_order: { paid: false, status: '', charges: {}, isEmpty: true, tell: () => {} },
}

/** Money that went back in the old shop. */
const givenBack: readonly Story[] = [
  {
    paid: true,
    status: 'paid',
    charges: { succeeded: 1 },
    isCalledOff: true,
    tell: (shop, order, total) =>
      shop.second(order, {
        amount: total,
        status: 'refunded',
        reference: `BACK-${order}`,
        gateway_reference: `GBACK-${order}`,
        refund_reference: `RF-${order}`,
        refunded_at: at(order, 900),
      }),
  },
  {
    paid: true,
    status: 'paid',
    charges: { succeeded: 1 },
    tell: (shop, order, total) =>
      shop.refund(
        shop.second(order, { amount: total, status: 'success', reference: `PART-${order}`, gateway_reference: `GPART-${order}` }),
        ['100.00 succeeded', '50.00 pending', '25.00 failed'],
      ),
  },
  {
    paid: true,
    status: 'paid',
    charges: { succeeded: 1 },
    left: { refund_exceeds: 1 },
    tell: (shop, order, total) =>
      shop.refund(
        shop.second(order, { amount: total, status: 'success', reference: `MORE-${order}`, gateway_reference: `GMORE-${order}` }),
        ['900000.00 succeeded'],
      ),
  },
]

/** Makes the old shop: both payment models, with every contradiction planted `planted` times, and says what must come of it. */
export async function makeLegacyShop(wish: LegacyWish): Promise<LegacyExpectation> {
  const old = openForWriting(wish.url)
  try {
    const shop = new Maker()
    const expected = {
      transactions: 0,
      merged: 0,
      contradictions: {} as Record<string, number>,
      left: {} as Record<string, number>,
      charges: {} as Record<string, number>,
      orders: 0,
      settledMinor: 0n,
    }
    const add = (counts: Record<string, number>, more: Readonly<Record<string, number>>): void => {
      for (const [name, count] of Object.entries(more)) counts[name] = (counts[name] ?? 0) + count
    }
    let order = 0
    const tell = (story: Story): void => {
      order++
      const before = shop.transactions
      const total = shop.order(order, story)
      story.tell(shop, order, total)
      expected.transactions += shop.transactions - before
      expected.merged += story.merged ?? 0
      expected.orders++
      add(expected.charges, story.charges)
      add(expected.contradictions, story.contradictions ?? {})
      add(expected.left, story.left ?? {})
      if ((story.charges['succeeded'] ?? 0) > 0) expected.settledMinor += BigInt(total.replace('.', ''))
    }
    const planted = wish.planted ?? 3
    for (const [name, story] of Object.entries(contradictory)) {
      const times = name === 'reference_of_two_orders' ? planted * 2 : planted
      // A pair begins on an odd order.
      if (name === 'reference_of_two_orders' && order % 2 === 1) tell(ordinary[4] as Story)
      for (let time = 0; time < times; time++) tell(story)
      add(expected.contradictions, { [name]: times })
    }
    for (const [name, story] of Object.entries(leftOver)) {
      for (let time = 0; time < planted; time++) tell(story)
      add(expected.left, { [name]: planted })
    }
    expected.orders -= planted
    for (const story of givenBack) {
      for (let time = 0; time < planted; time++) tell(story)
    }
    while (shop.transactions < wish.transactions) tell(ordinary[order % ordinary.length] as Story)
    for (let time = 0; time < planted; time++)
      shop.second(order + 1_000 + time, {
        amount: '900.00',
        status: 'success',
        reference: `ORPHAN-${time}`,
        gateway_reference: `GO-${time}`,
      })
    add(expected.left, {
      money_without_order: planted,
      warehouse_abroad: 1,
      stock_of_nowhere: 1,
      payout_never_made: 1,
      product_without_price: 1,
      ...(shop.overDeliveries === 0 ? {} : { delivery_over: shop.overDeliveries }),
    })
    shop.people(Math.max(20, Math.ceil(order / 10)))
    shop.catalogue()
    await shop.write(old)
    return expected
  } finally {
    await old.close()
  }
}

type Dialect = 'postgres' | 'mysql' | 'sqlite'

interface OpenShop {
  readonly dialect: Dialect
  run(text: string, values?: Value[]): Promise<unknown>
  close(): Promise<void>
}

function openForWriting(url: string): OpenShop {
  if (!url.startsWith('postgres')) {
    const sql = new SQL(url, { max: 1 })
    return {
      dialect: url.startsWith('sqlite:') ? 'sqlite' : 'mysql',
      run: async (text, values = []) => await sql.unsafe(text, values),
      close: async () => await sql.close(),
    }
  }
  const sql = postgres(url, { max: 1, prepare: false, onnotice: () => {} })
  return {
    dialect: 'postgres',
    run: async (text, values = []) => await sql.unsafe(text, values),
    close: async () => await sql.end({ timeout: 5 }),
  }
}

const products = 40

/** Rows of the old tables, kept until they are written. */
class Maker {
  readonly #rows = new Map<OldTable, Row[]>()
  transactions = 0
  overDeliveries = 0

  #add(table: OldTable, row: Row): void {
    const rows = this.#rows.get(table) ?? []
    rows.push({ id: rows.length + 1, ...row })
    this.#rows.set(table, rows)
  }

  /** One order with two lines; answers what they cost. */
  order(order: number, story: Story): string {
    const user = order % 50 === 0 ? 900_000 + order : (order % 20) + 1
    this.#add('orders_order', {
      id: order,
      user_id: user,
      full_name: `Customer ${user}`,
      email: `customer-${user}@example.co.ke`,
      address: 'Moi Avenue 12',
      location_address: '',
      dest_address_text: 'Kilimani, blue gate',
      dest_lat: -1.2921,
      dest_lng: 36.7856,
      paid: story.paid,
      payment_method: 'MPESA',
      payment_status: story.status,
      mpesa_phone_number: '0712345678',
      created_at: at(order),
    })
    if (story.isEmpty === true) return '0.00'
    const prices = [500 + (order % 30) * 50, 250]
    const cents = story.cents ?? 0
    for (const [line, price] of prices.entries())
      this.#add('orders_orderitem', {
        order_id: order,
        product_id: order % 97 === 0 && line === 1 ? null : ((order + line) % products) + 1,
        price: `${price}.${line === 0 ? String(cents).padStart(2, '0') : '00'}`,
        quantity: line + 1,
        warehouse_id: order % 3 === 0 ? null : (order % 2) + 1,
        delivery_status: 'created',
      })
    const isSold = (story.charges['succeeded'] ?? 0) > 0 && story.isCalledOff !== true
    if (isSold && order % 5 === 0)
      this.#add('orders_delivery', {
        order_id: order,
        driver_id: 3,
        status: 'delivered',
        assigned_at: at(order, 600),
        picked_up_at: at(order, 900),
        delivered_at: at(order, 3_600),
        created_at: at(order, 300),
      })
    else if (isSold && order % 7 === 0)
      this.#add('orders_delivery', {
        order_id: order,
        driver_id: 3,
        status: 'en_route',
        assigned_at: at(order, 600),
        picked_up_at: at(order, 900),
        delivered_at: null,
        created_at: at(order, 300),
      })
    else if (order % 11 === 0) {
      this.#add('orders_delivery', {
        order_id: order,
        driver_id: null,
        status: 'cancelled',
        assigned_at: null,
        picked_up_at: null,
        delivered_at: null,
        created_at: at(order, 300),
      })
      this.overDeliveries++
    }
    return `${(prices[0] ?? 0) + 2 * (prices[1] ?? 0)}.${String(cents).padStart(2, '0')}`
  }

  /** A row of the first payment model. */
  first(order: number, change: Row): void {
    this.transactions++
    this.#add('orders_transaction', {
      user_id: (order % 20) + 1,
      order_id: order,
      method: 'card',
      gateway: 'paystack',
      callback_received: false,
      verified: false,
      body_sha256: null,
      raw_event: null,
      processed_at: at(order, 45),
      created_at: at(order, 10),
      ...change,
    })
  }

  /** A row of the second payment model. */
  second(order: number, change: Row, later = 0): number {
    if (!String(change['reference']).startsWith('ORPHAN')) this.transactions++
    this.#add('payments_transaction', {
      order_id: order,
      user_id: (order % 20) + 1,
      method: 'card',
      gateway: 'paystack',
      currency: 'KES',
      idempotency_key: `key-${change['reference']}`,
      gateway_reference: null,
      callback_received: false,
      signature_valid: change['gateway_reference'] === undefined ? null : true,
      verified: false,
      raw_event: null,
      refund_reference: null,
      refunded_at: null,
      created_at: at(order, 12 + later),
      updated_at: at(order, 50 + later),
      ...change,
    })
    return this.#rows.get('payments_transaction')?.length ?? 0
  }

  /** Rows of refunds: amount and status. The old shop had the table and never filled it. */
  refund(transaction: number, refunds: readonly string[]): void {
    for (const refund of refunds) {
      const [amount = '', status = ''] = refund.split(' ')
      this.#add('payments_refund', { transaction_id: transaction, amount, status, reference: null, created_at: at(0) })
    }
  }

  /** A message of Paystack that the old shop kept and did not count. */
  message(reference: string): void {
    this.#add('orders_paymentevent', {
      provider: 'paystack',
      reference,
      body: JSON.stringify({ event: 'charge.success', data: { reference, id: Number(Bun.hash(reference) % 1_000_000_000n) } }),
      body_sha256: Bun.hash(reference).toString(16),
    })
  }

  people(count: number): void {
    for (const [index, name] of ['Admin', 'Customer', 'Vendor', 'Driver'].entries()) this.#add('auth_group', { id: index + 1, name })
    for (let id = 1; id <= count; id++) {
      this.#add('users_customuser', {
        id,
        username: `person${id}`,
        email: `Person${id}@example.co.ke`,
        phone: id === 6 ? '0711000005' : `0711${String(id).padStart(6, '0')}`,
        first_name: 'Person',
        last_name: String(id),
        password: id === 4 ? '!unusable' : legacyHash,
        role: id === 2 ? 'vendor' : 'customer',
        is_active: id !== 5,
        is_staff: id === 1,
        is_superuser: id === 1,
        date_joined: at(0),
      })
    }
    this.#add('users_customuser_groups', { customuser_id: 3, group_id: 4 })
    this.#add('vendor_app_vendororg', {
      name: 'Kariokor Looms',
      slug: 'kariokor-looms',
      owner_id: 2,
      is_active: true,
      org_commission_rate: '0.0250',
      created_at: at(0),
    })
    this.#add('vendor_app_vendormember', { org_id: 1, user_id: 2, role: 'OWNER', is_active: true })
    this.#add('vendor_app_vendormember', { org_id: 1, user_id: 7, role: 'MANAGER', is_active: true })
    this.#add('users_vendorstaff', { owner_id: 2, staff_id: 8, role: 'staff', scopes: '["catalog"]', is_active: true })
    this.#add('payments_payout', { transaction_id: 1, amount: '100.00', status: 'pending' })
    this.#add('payments_auditlog', {
      event: 'DUPLICATE_REFUND_ISSUED',
      transaction_id: 1,
      order_id: 1,
      request_id: 'old-1',
      message: 'refund',
      created_at: at(1),
    })
  }

  catalogue(): void {
    for (let id = 1; id <= 3; id++) this.#add('product_app_category', { name: `Category ${id}`, slug: `old-category-${id}` })
    this.#add('product_app_warehouse', {
      name: 'Nairobi',
      latitude: -1.3067,
      longitude: 36.8559,
      address: 'Enterprise Road',
      is_active: true,
    })
    this.#add('product_app_warehouse', { name: 'Mombasa', latitude: -4.0435, longitude: 39.6682, address: 'Moi Avenue', is_active: true })
    this.#add('product_app_warehouse', { name: 'Berlin', latitude: 52.52, longitude: 13.4, address: 'far away', is_active: true })
    for (let id = 1; id <= products; id++) {
      this.#add('product_app_product', {
        category_id: (id % 3) + 1,
        owner_id: id % 2 === 0 ? 2 : null,
        name: `Old dress ${id}`,
        slug: `old-dress-${id}`,
        description: 'Cotton.',
        price: `${500 + id * 10}.00`,
        available: id % 10 !== 0,
        status: 'active',
        created_at: at(0),
      })
      this.#add('product_app_productstock', { product_id: id, warehouse_id: (id % 2) + 1, quantity: id })
    }
    this.#add('product_app_product', {
      category_id: 1,
      owner_id: null,
      name: 'A gift',
      slug: 'a-gift',
      description: '',
      price: '0.00',
      available: true,
      status: 'active',
      created_at: at(0),
    })
    this.#add('product_app_productstock', { product_id: 1, warehouse_id: 3, quantity: 5 })
  }

  /** Creates the tables as Django does, and writes every row. */
  async write({ dialect, run }: OpenShop): Promise<void> {
    if (dialect !== 'mysql') await run('begin')
    for (const [table, columns] of Object.entries(oldTables)) {
      await run(`create table ${table} (${columns.map((column) => `${column} ${typeOf(column, dialect)}`).join(', ')})`)
      const rows = this.#rows.get(table as OldTable) ?? []
      const present = columns.filter((column) => rows[0] !== undefined && column in rows[0])
      // Few enough for the parameters one statement may have anywhere.
      for (let from = 0; from < rows.length; from += 400) {
        const part = rows.slice(from, from + 400)
        let place = 0
        const values = part.map(() => `(${present.map(() => (dialect === 'postgres' ? `$${++place}` : '?')).join(', ')})`).join(', ')
        await run(
          `insert into ${table} (${present.join(', ')}) values ${values}`,
          part.flatMap((row) => present.map((column) => row[column] ?? null)),
        )
      }
    }
    for (const [table, column] of indexed) await run(`create index ${table}_${column} on ${table} (${column})`)
    if (dialect !== 'mysql') await run('commit')
  }
}

const indexed = [
  ['orders_orderitem', 'order_id'],
  ['orders_delivery', 'order_id'],
  ['orders_transaction', 'order_id'],
  ['orders_transaction', 'reference'],
  ['payments_transaction', 'order_id'],
  ['payments_transaction', 'reference'],
  ['payments_transaction', 'gateway_reference'],
  ['product_app_productstock', 'product_id'],
  ['users_customuser_groups', 'customuser_id'],
] as const

function typeOf(column: string, dialect: Dialect): string {
  if (column === 'id') return dialect === 'sqlite' ? 'integer primary key' : 'bigint primary key'
  if (column === 'quantity') return 'integer'
  if (column.endsWith('_id') && column !== 'request_id') return 'bigint'
  if (/^(?:amount|price)$/.test(column)) return 'numeric(12,2)'
  if (/_(?:at|joined)$/.test(column) || column === 'date_joined')
    return { postgres: 'timestamp with time zone', mysql: 'datetime(6)', sqlite: 'datetime' }[dialect]
  if (/^(?:is_|paid$|available$|verified$|callback_received$|signature_valid$)/.test(column)) return 'boolean'
  if (/^(?:dest_l|lat|lon)/.test(column)) return 'numeric(9,6)'
  // What is indexed there needs a length.
  return dialect === 'mysql' && column.endsWith('reference') ? 'varchar(120)' : 'text'
}
