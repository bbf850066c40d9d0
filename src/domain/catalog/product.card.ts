import { sql } from 'drizzle-orm'

/** A picture as pages and the API show it. */
export interface PictureView {
  path: string
  alt: string
  colour: string | null
  width: number
  height: number
  dominantHex: string
  /** Smaller widths it is kept in: `<path without .webp>-<width>.webp`. */
  widths: number[]
}

/** A size and colour that can be bought. `available` is what is free over all warehouses, advisory until checkout holds it. */
export interface VariantView {
  id: string
  sku: string
  size: string
  colour: string
  colourHex: string
  priceMinor: number
  compareAtMinor: number | null
  available: number
}

/** A product in a list. */
export interface ProductCard {
  id: string
  slug: string
  name: string
  category: string
  vendor: string
  publishedAt: Date
  variants: VariantView[]
  pictures: PictureView[]
}

/** A card as the database writes it: the JSON of the API, which goes out as it is and is read only where a page needs it. */
interface WrittenCard {
  id: string
  slug: string
  name: string
  category: string
  vendor: string
  publishedAt: string
  variants: (Omit<VariantView, 'priceMinor' | 'compareAtMinor'> & {
    price: { amountMinor: number }
    compareAt: { amountMinor: number } | null
  })[]
  pictures: (Omit<PictureView, 'path'> & { url: string })[]
}

/** The variants of product `p` in the shape of the API, as JSON text. One pass over shelves a product, not one a variant. */
export const variantsJson = sql`(
  select coalesce('[' || string_agg(
    '{"id":"' || v.id || '","sku":' || to_json(v.sku) || ',"size":' || to_json(v.size) || ',"colour":' || to_json(v.colour) || ',"colourHex":' || to_json(v.colour_hex)
    || ',"price":{"amountMinor":' || v.price_minor || ',"currency":"' || v.currency || '"},"compareAt":'
    || coalesce('{"amountMinor":' || v.compare_at_minor || ',"currency":"' || v.currency || '"}', 'null') || ',"available":' || coalesce(v.free, 0) || '}',
    ',' order by v.position, v.id) || ']', '[]')
  from (
    select v.*, (select sum(s.on_hand - s.reserved) from stock_levels s where s.variant_id = v.id and s.warehouse_id = any(array(select w.id from warehouses w where w.is_active))) as free
    from variants v where v.product_id = p.id and v.status = 'active'
  ) v)`

/** The first pictures of product `p` in the shape of the API, as JSON text. */
export const picturesJson = (limit: number) => sql`(
  select coalesce('[' || string_agg(
    '{"url":' || to_json('/media/' || x.path) || ',"alt":' || to_json(x.alt) || ',"colour":' || coalesce(to_json(x.colour)::text, 'null') || ',"width":' || x.width
    || ',"height":' || x.height || ',"dominantHex":' || to_json(x.dominant_hex) || ',"widths":' || to_json(x.widths) || '}', ',' order by x.position, x.id) || ']', '[]')
  from (select * from product_pictures x where x.product_id = p.id order by x.position, x.id limit ${limit}) x)`

/** The members of a card, of product `p` on shelf `c` by vendor `d`, without the braces around them. */
export const cardMembers = (pictures: number) => sql`
  '"id":"' || p.id || '","slug":' || to_json(p.slug) || ',"name":' || to_json(p.name) || ',"category":' || to_json(c.slug) || ',"vendor":' || to_json(d.name)
  || ',"publishedAt":"' || to_char(coalesce(p.published_at, p.created_at) at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') || '","variants":' || ${variantsJson} || ',"pictures":' || ${picturesJson(pictures)}`

/** Reads a written card for a page. */
export function readCard(text: string): ProductCard & Record<string, unknown> {
  const card = JSON.parse(text) as WrittenCard
  return {
    ...card,
    publishedAt: new Date(card.publishedAt),
    variants: card.variants.map(({ price, compareAt, ...variant }) => ({
      ...variant,
      priceMinor: price.amountMinor,
      compareAtMinor: compareAt?.amountMinor ?? null,
    })),
    pictures: card.pictures.map(({ url, ...picture }) => ({ ...picture, path: url.replace(/^\/media\//, '') })),
  }
}
