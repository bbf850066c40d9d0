import { sql } from 'drizzle-orm'
import type { Context } from '../../../context.ts'
import { Refusal } from '../../../lib/refusal.ts'
import { sha256Hex } from '../../../lib/signature.ts'
import type { Stamp } from '../../../lib/stamp.ts'
import { audit } from '../../../platform/audit.ts'
import { preparePicture } from './picture.file.ts'

const mostPictures = 20

/** What is said of a picture. */
export interface PictureInput {
  readonly alt: string
  /** The colour whose variants it shows; left out for all. */
  readonly colour?: string | undefined
}

/**
 * Adds a picture to a vendor's product, last in order. The files are written before the row that names them, under the hash of what was
 * sent: a crash in between leaves files nobody names, never a name without its file. Refuses with not_found, picture_refused,
 * invalid_input (a colour the product does not have, or too many pictures).
 */
export async function addPicture(
  context: Pick<Context, 'db' | 'media'>,
  stamp: Stamp,
  { vendorId, productId }: { readonly vendorId: string; readonly productId: string },
  bytes: Uint8Array,
  input: PictureInput,
): Promise<{ id: string }> {
  const { db, media } = context
  const [product] = await db.execute<{ slug: string; pictures: number; colours: string[] }>(sql`
    select p.slug, (select count(*)::int from product_pictures x where x.product_id = p.id) as pictures, array(select distinct v.colour from variants v where v.product_id = p.id) as colours
    from products p where p.id = ${productId}::uuid and p.vendor_id = ${vendorId}::uuid`)
  if (product === undefined) throw new Refusal('not_found')
  if (product.pictures >= mostPictures) throw new Refusal('invalid_input', { detail: `A product has at most ${mostPictures} pictures.` })
  if (input.colour !== undefined && !product.colours.includes(input.colour))
    throw new Refusal('invalid_input', { fields: [{ path: '/body/colour', code: 'unknown', message: 'The product has no such colour.' }] })
  const picture = await preparePicture(bytes)
  const stem = `${product.slug.slice(0, 60)}-${sha256Hex(bytes).slice(0, 16)}`
  for (const [at, file] of picture.files.entries())
    await media.put(at === picture.files.length - 1 ? `${stem}.webp` : `${stem}-${file.width}.webp`, file.bytes)
  const id = stamp.ids.next()
  await db.transaction(async (tx) => {
    const written = await tx.execute(sql`
      insert into product_pictures (id, product_id, colour, path, alt, width, height, dominant_hex, widths, position)
      select ${id}::uuid, p.id, ${input.colour ?? null}, ${`${stem}.webp`}, ${input.alt.trim()}, ${picture.width}, ${picture.height}, ${picture.dominantHex},
        ${sql.param(picture.files.slice(0, -1).map(({ width }) => width))}::int[], coalesce((select max(x.position) + 1 from product_pictures x where x.product_id = p.id), 0)
      from products p where p.id = ${productId}::uuid and p.vendor_id = ${vendorId}::uuid for update of p returning id`)
    if (written.length === 0) throw new Refusal('not_found')
    await audit(tx, stamp, { action: 'product.picture_added', target: productId, data: { pictureId: id } })
  })
  return { id }
}
