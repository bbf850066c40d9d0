import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { and, eq, gt } from 'drizzle-orm'
import postgres from 'postgres'
import { stockLevels } from '../../src/domain/catalog/stock.table.ts'
import { variants } from '../../src/domain/catalog/product.table.ts'
import { shopWindow } from '../../src/web/shop-window.ts'
import { fakeClock } from '../support/fake-clock.ts'
import { makeVariant } from '../support/factories.ts'
import { openShop, type TestShop } from '../support/shop.ts'

let shop: TestShop
let sql: postgres.Sql
const clock = fakeClock()
beforeAll(async () => {
  shop = await openShop({ overrides: { clock } })
  sql = postgres(shop.database.url, { max: 2 })
})
afterAll(async () => {
  await sql.end()
  await shop.close()
})

const open = async (path: string): Promise<string> => (await shop.fetch(path, { headers: { accept: 'text/html' } })).text()
const isKept = (slug: string): boolean => shopWindow(shop.context).page(`en/p/${slug}`) !== undefined
const reprice = (id: string, minor: bigint) => shop.context.db.update(variants).set({ priceMinor: minor }).where(eq(variants.id, id))

describe('a page of the window', () => {
  test('is made once and given to everybody, until the product changes', async () => {
    const { slug, variantId } = await makeVariant(shop.context, shop.catalogue)
    const first = await open(`/p/${slug}`)
    expect(isKept(slug)).toBe(true)
    expect(await open(`/p/${slug}?utm_source=somewhere`)).toBe(first)
    await reprice(variantId, 987_600n)
    expect(await open(`/p/${slug}`)).toContain('KSh\u00a09,876')
  })

  test('hears of what another process did within a tenth of a second', async () => {
    const { slug, variantId } = await makeVariant(shop.context, shop.catalogue)
    await open(`/p/${slug}`)
    await sql`update variants set price_minor = 765400 where id = ${variantId}`
    clock.advance(150)
    expect(await open(`/p/${slug}`)).toContain('KSh\u00a07,654')
  })

  test('is not kept from before a change that commits while it is being shown', async () => {
    const { slug, variantId } = await makeVariant(shop.context, shop.catalogue)
    const committed = Promise.withResolvers<void>()
    const changed = Promise.withResolvers<void>()
    const change = sql.begin(async (tx) => {
      await tx`update variants set price_minor = 543200 where id = ${variantId}`
      changed.resolve()
      await committed.promise
    })
    await changed.promise
    // A younger change commits first, so that the older one appears below what has been seen already.
    await sql`update variants set price_minor = price_minor where false`
    await sql`insert into catalog_changes (product_id) values (null)`
    clock.advance(150)
    expect(await open(`/p/${slug}`)).not.toContain('5,432')
    clock.advance(150)
    await open(`/p/${slug}`)
    committed.resolve()
    await change
    clock.advance(150)
    expect(await open(`/p/${slug}`)).toContain('KSh\u00a05,432')
  })

  test('stays while a full shelf gets a little emptier, and goes when it says how many are left', async () => {
    const { slug, variantId } = await makeVariant(shop.context, shop.catalogue, { stock: 50 })
    await open(`/p/${slug}`)
    const take = (reserved: number) =>
      shop.context.db
        .update(stockLevels)
        .set({ reserved })
        .where(and(eq(stockLevels.variantId, variantId), gt(stockLevels.onHand, 0)))
    await take(1)
    await shopWindow(shop.context).listen()
    expect(isKept(slug)).toBe(true)
    await take(48)
    expect(await open(`/p/${slug}`)).toContain('2 left')
  })

  test('is renewed after a minute, because dates of delivery move', async () => {
    const { slug } = await makeVariant(shop.context, shop.catalogue)
    await open(`/p/${slug}`)
    clock.advance(61_000)
    expect(isKept(slug)).toBe(false)
  })

  test('holds nothing of the visitor it was made for', async () => {
    const { slug } = await makeVariant(shop.context, shop.catalogue)
    const mine = await shop.fetch(`/p/${slug}`, {
      headers: { accept: 'text/html', cookie: 'bag=abc; sid=def; lang=sw', 'accept-language': 'sw' },
    })
    expect(mine.headers.getSetCookie()).toEqual([])
    expect(await mine.text()).toBe(await open(`/p/${slug}`))
  })
})
