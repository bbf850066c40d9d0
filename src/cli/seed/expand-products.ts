/** Turns the short product lists into whole products: words, size guides, variants and stock, the same on every machine. */
import { palettes, type PaletteName, type PatternName, type ShapeName } from './draw-garment.ts'
import { fabrics } from './fabrics.data.ts'
import { vendors } from './people.data.ts'
import type { ProductLine, ProductRange, SeedProduct, SeedVariant, WarehouseCode } from './seed.types.ts'
import { sizeGuide, sizesOf } from './size-guides.ts'

const shapeWords: Record<ShapeName, string> = {
  tee: 'tee t-shirt tshirt tisheti fulana',
  shirt: 'shirt shati mashati blouse blauzi',
  polo: 'polo collar fulana shati',
  dress: 'dress gauni magauni rinda frock',
  skirt: 'skirt sketi rinda',
  hoodie: 'hoodie hudi sweater sweta jumper warm',
  trousers: 'trousers suruali longi pants chinos',
  shorts: 'shorts kaptura bukta',
  kanga: 'kanga khanga leso doti wrap pindo',
  dashiki: 'dashiki kitenge vitenge ankara tunic',
  'child-set': 'set seti children watoto mtoto kids',
  headwrap: 'headwrap kilemba turban scarf kitambaa gele',
}
const patternWords: Record<PatternName, string> = {
  plain: 'plain solid',
  stripe: 'striped mistari',
  check: 'check checked miraba shuka',
  circles: 'kitenge ankara circles duara',
  border: 'kanga border pindo',
  zigzag: 'zigzag chevron',
  leaf: 'leaf leaves majani',
  dots: 'dots spotted madoadoa',
}
const colourWords: Record<PaletteName, string> = {
  nili: 'blue bluu navy',
  msitu: 'green kijani',
  udongo: 'orange rust chungwa',
  jua: 'yellow njano manjano',
  waridi: 'pink red pinki nyekundu',
  ziwa: 'teal blue bluu',
  mkaa: 'black nyeusi grey',
  maziwa: 'white nyeupe cream',
  mkonge: 'beige khaki kahawia',
  zambarau: 'purple zambarau',
}

/** Whole products in the order of the lists. SKU numbers run through all of them, so a list only ever grows at its end. */
export function expandProducts(ranges: readonly ProductRange[]): SeedProduct[] {
  return ranges
    .flatMap((range) => range.lines.map((line) => ({ range, line })))
    .map(({ range, line }, index) => expandProduct(range, line, index))
}

function expandProduct(range: ProductRange, line: ProductLine, index: number): SeedProduct {
  const fabric = fabrics[line.fabric ?? range.fabric]
  const vendorSlug = line.vendor ?? range.vendor
  const sizes = sizesOf(range.shape, range.fit)
  const product = {
    slug: slugOf(line.name),
    name: line.name,
    description: `${line.about}\n\n${fabric.cloth} ${fabric.care}`,
    keywords: [
      ...new Set(
        [
          shapeWords[range.shape],
          patternWords[line.pattern],
          ...line.colours.map((colour) => `${palettes[colour].swahili.toLowerCase()} ${colourWords[colour]}`),
          range.fit,
          line.words ?? '',
        ]
          .join(' ')
          .split(' ')
          .filter(Boolean),
      ),
    ].join(' '),
    categorySlug: range.category,
    vendorSlug,
    shape: range.shape,
    pattern: line.pattern,
    colours: line.colours,
    sizes,
    sizeGuide: sizeGuide(range.shape, range.fit),
    priceKes: line.price,
    compareAtKes: line.was ?? null,
    ageDays: (index * 37) % 90,
    saying: line.saying ?? null,
  }
  const skuStart = `${vendors.find(({ slug }) => slug === vendorSlug)?.skuPrefix ?? 'RAH'}-${String(index + 101)}`
  return { ...product, variants: variantsOf(product, skuStart, line.soldOut ?? false) }
}

function variantsOf(product: Omit<SeedProduct, 'variants'>, skuStart: string, isSoldOut: boolean): SeedVariant[] {
  return product.colours.flatMap((colour) =>
    product.sizes.map((size) => {
      const sku = `${skuStart}-${colour.slice(0, 3).toUpperCase()}-${size === 'One size' ? 'OS' : size}`
      return {
        sku,
        size,
        colour,
        colourName: palettes[colour].name,
        colourHex: palettes[colour].cloth,
        priceKes: product.priceKes,
        compareAtKes: product.compareAtKes,
        stock: isSoldOut ? { NBO: 0, MBA: 0, KSM: 0 } : stockOf(sku),
      }
    }),
  )
}

/** About one variant in ten is sold out and one in seven nearly so, because a shop window without gaps shows nothing of how gaps look. */
function stockOf(sku: string): Record<WarehouseCode, number> {
  const luck = hashOf(sku)
  const kind = luck % 100
  if (kind < 10) return { NBO: 0, MBA: 0, KSM: 0 }
  const few = 1 + ((luck >>> 8) % 3)
  if (kind < 17) return { NBO: few, MBA: 0, KSM: 0 }
  if (kind < 21) return { NBO: 0, MBA: few, KSM: 0 }
  if (kind < 24) return { NBO: 0, MBA: 0, KSM: few }
  return { NBO: 6 + ((luck >>> 8) % 25), MBA: (luck >>> 13) % 14, KSM: (luck >>> 18) % 10 }
}

function slugOf(name: string): string {
  return name
    .toLowerCase()
    .replaceAll("'", '')
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '')
}

function hashOf(text: string): number {
  let hash = 2166136261
  for (const letter of text) hash = Math.imul(hash ^ (letter.codePointAt(0) ?? 0), 16777619)
  // FNV alone leaves neighbours alike in the low bits; this mixes them.
  hash = Math.imul(hash ^ (hash >>> 16), 0x45d9f3b)
  return (hash ^ (hash >>> 16)) >>> 0
}
