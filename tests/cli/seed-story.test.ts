import { expect, test } from 'bun:test'
import { dominantColour, drawGarment, palettes, type PaletteName, type View } from '../../src/cli/seed/draw-garment.ts'
import { patternNames } from '../../src/cli/seed/garment.patterns.ts'
import { shapeNames } from '../../src/cli/seed/garment.shapes.ts'
import type { SeedVariant } from '../../src/cli/seed/seed.types.ts'
import { story } from '../../src/cli/seed/story.ts'
import { inKenya } from '../../src/lib/geo.ts'
import { parsePhone } from '../../src/lib/phone.ts'

const variants = story.products.flatMap((product) => product.variants)
const pieces = ({ stock }: SeedVariant) => stock.NBO + stock.MBA + stock.KSM

test('the shop opens with at least 120 products, each with its own address and each variant with its own SKU', () => {
  expect(story.products.length).toBeGreaterThanOrEqual(120)
  expect(new Set(story.products.map(({ slug }) => slug)).size).toBe(story.products.length)
  expect(new Set(variants.map(({ sku }) => sku)).size).toBe(variants.length)
})

test('every product stands on a shelf that exists, belongs to a vendor that exists and has a row of measures for each size', () => {
  for (const product of story.products) {
    expect(story.categories.some(({ slug, parentSlug }) => slug === product.categorySlug && parentSlug !== null)).toBe(true)
    expect(story.vendors.some(({ slug }) => slug === product.vendorSlug)).toBe(true)
    expect(product.sizeGuide.map(({ size }) => size)).toEqual([...product.sizes])
    expect(product.compareAtKes === null || product.compareAtKes > product.priceKes).toBe(true)
  }
})

test('the stock has gaps on purpose: some variants are sold out, some have three or fewer left, most have plenty', () => {
  const soldOut = variants.filter((variant) => pieces(variant) === 0).length / variants.length
  const few = variants.filter((variant) => pieces(variant) > 0 && pieces(variant) <= 3).length / variants.length
  expect(soldOut).toBeWithin(0.05, 0.2)
  expect(few).toBeWithin(0.05, 0.25)
})

test('all 47 counties have a zone, and every place lies in Kenya', () => {
  expect(new Set(story.counties.map(({ county }) => county)).size).toBe(47)
  for (const { zoneCode } of story.counties) expect(story.zones.some(({ code }) => code === zoneCode)).toBe(true)
  const homes = story.people.flatMap(({ address }) => (address ? [address] : []))
  for (const place of [...story.warehouses, ...story.counties, ...homes]) expect(inKenya(place)).toBe(true)
})

test('demo people have numbers a Kenyan network could have, and no two share one', () => {
  for (const { phone } of story.people) expect(parsePhone(phone)).toBe(phone.slice(1))
  expect(new Set(story.people.map(({ phone }) => phone)).size).toBe(story.people.length)
  expect(new Set(story.people.map(({ role }) => role)).size).toBe(6)
})

test('every garment can be drawn in every cloth, colour and view, small and without a stray number', () => {
  const colours = Object.keys(palettes) as PaletteName[]
  shapeNames.forEach((shape, index) => {
    for (const pattern of patternNames)
      for (const view of ['front', 'back', 'detail'] satisfies View[]) {
        const drawing = drawGarment({ shape, palette: colours[index % colours.length]!, pattern, view, seed: `${shape}-${pattern}` })
        expect(drawing).toStartWith('<svg')
        expect(drawing).not.toMatch(/NaN|undefined/)
        expect(drawing.length).toBeLessThan(8_000)
      }
  })
})

test('a picture is the same each time it is drawn, differs by seed, and is mostly its field', () => {
  const drawing = { shape: 'tee', palette: 'ziwa', pattern: 'dots', view: 'front' } as const
  expect(drawGarment({ ...drawing, seed: 'a' })).toBe(drawGarment({ ...drawing, seed: 'a' }))
  expect(drawGarment({ ...drawing, seed: 'a' })).not.toBe(drawGarment({ ...drawing, seed: 'b' }))
  expect(drawGarment({ ...drawing, seed: 'a' })).toContain(`fill="${dominantColour('ziwa')}" d="M0 0h640v800`)
})

test('a saying with a bracket in it cannot break out of the picture', () => {
  const drawing = drawGarment({ shape: 'kanga', palette: 'nili', pattern: 'plain', view: 'front', seed: 'x', saying: '<script>a & b' })
  expect(drawing).toContain('&lt;SCRIPT>A &amp; B')
})
