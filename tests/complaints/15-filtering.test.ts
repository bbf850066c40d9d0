import { afterAll, beforeAll, expect, test } from 'bun:test'
import type { Facets } from '../../src/domain/catalog/facet.queries.ts'
import { buy, guest } from '../support/actors.ts'
import { makeProduct } from '../support/factories.ts'
import { openShop, type TestShop } from '../support/shop.ts'

let shop: TestShop
let wrap: { slug: string; variantIds: string[] }
let shift: { slug: string; variantIds: string[] }
beforeAll(async () => {
  shop = await openShop()
  wrap = await makeProduct(shop.context, shop.catalogue, {
    name: 'Wrap dress',
    variants: [
      { size: 'M', colour: 'Indigo', stock: 0 },
      { size: 'M', colour: 'Rust', stock: 1 },
      { size: 'L', colour: 'Indigo', stock: 4 },
    ],
  })
  shift = await makeProduct(shop.context, shop.catalogue, { name: 'Shift dress', variants: [{ size: 'M', colour: 'Indigo', stock: 2 }] })
})
afterAll(() => shop.close())

const found = async (query: string): Promise<string[]> =>
  ((await (await shop.fetch(`/api/v1/products?${query}`)).json()) as { items: { slug: string }[] }).items.map(({ slug }) => slug).sort()
const facets = async (query: string) => (await (await shop.fetch(`/api/v1/products/facets?${query}`)).json()) as Facets

// medusajs/medusa#11437, #7784, #14289: no way to filter by an option's value across products.
test('complaint 15, filtering: size and colour must be of one piece that is there, not of two pieces of one product', async () => {
  const both = [wrap.slug, shift.slug].sort()
  expect(await found('size=M')).toEqual(both)
  expect(await found('size=M&colour=Indigo')).toEqual(both)
  expect(await found('size=M&colour=Indigo&inStock=true')).toEqual([shift.slug])
  expect(await found('size=L&colour=Rust')).toEqual([])
  expect(await found('size=L,M&inStock=true&q=dress')).toEqual(both)
})

test('complaint 15, filtering: counts tell beforehand what a choice would find, and follow the last sale', async () => {
  const indigo = await facets('colour=Indigo&inStock=true')
  expect(indigo.products).toBe(2)
  expect(indigo.sizes.map(({ value, products }) => [value, products])).toEqual([
    ['M', 1],
    ['L', 1],
  ])
  // The colours are counted as if none were chosen.
  expect(indigo.colours.map(({ value, products }) => [value, products])).toEqual([
    ['Indigo', 2],
    ['Rust', 1],
  ])
  expect((await facets('size=M&colour=Rust')).inStock).toBe(1)
  expect((await buy(guest(shop), wrap.variantIds[1] ?? '')).status).toBe(201)
  expect((await facets('size=M&colour=Rust')).inStock).toBe(0)
  expect(await found('size=M&colour=Rust&inStock=true')).toEqual([])
})
