import { Elysia, t } from 'elysia'
import type { Context } from '../../../context.ts'
import { isUuid } from '../../../lib/ids.ts'
import { moneyView } from '../../../lib/money.ts'
import { Refusal } from '../../../lib/refusal.ts'
import type { Stamp } from '../../../lib/stamp.ts'
import type { Actor } from '../../../lib/actor.ts'
import type { Tx } from '../../../platform/db.ts'
import { actorGuard } from '../../../platform/http/actor-guard.ts'
import { readBytes } from '../../../platform/http/body-parser.ts'
import { problems } from '../../../platform/http/problem.schema.ts'
import { vendorGuard, vendorQuery, vendorRefusals } from '../../vendors/vendor-guard.ts'
import { addPicture } from './add-picture.ts'
import { arrangePictures } from './arrange-pictures.ts'
import { changeProduct } from './change-product.ts'
import { createProduct } from './create-product.ts'
import { type DeskProduct, deskProduct, deskProducts } from './desk-product.queries.ts'
import {
  ChangeProductBody,
  DeskProductPage,
  DeskProductShape,
  MoveProductBody,
  NewProductBody,
  PicturesBody,
  RelatedBody,
  VariantsBody,
} from './desk.schema.ts'
import { moveProduct } from './move-product.ts'
import { mostPictureBytes } from './picture.file.ts'
import { relateProducts } from './relate-products.ts'
import { saveVariants } from './save-variants.ts'

const instant = (moment: string): string => new Date(moment).toISOString()
const view = ({ pictures, variants, status, vatClass, ...product }: DeskProduct) => ({
  ...product,
  status: status as 'draft' | 'active' | 'archived',
  vatClass: vatClass as 'standard' | 'zero' | 'exempt',
  publishedAt: product.publishedAt === null ? null : instant(product.publishedAt),
  updatedAt: instant(product.updatedAt),
  variants: variants.map(({ priceMinor, compareAtMinor, ...variant }) => ({
    ...variant,
    status: variant.status as 'active' | 'archived',
    price: moneyView(BigInt(priceMinor)),
    compareAt: compareAtMinor === null ? null : moneyView(BigInt(compareAtMinor)),
  })),
  pictures: pictures.map(({ path, ...picture }) => ({ ...picture, url: `/media/${path}` })),
})

const ProductParams = t.Object({ id: t.String({ maxLength: 36 }) })
const writes = [...vendorRefusals, 'malformed_json', 'unsupported_media_type'] as const
const ListQuery = {
  status: t.Optional(t.Union([t.Literal('draft'), t.Literal('active'), t.Literal('archived')])),
  q: t.Optional(t.String({ maxLength: 100, description: 'A part of a name or SKU.' })),
  cursor: t.Optional(t.String({ maxLength: 500 })),
  limit: t.Optional(t.Numeric({ minimum: 1, maximum: 100, multipleOf: 1 })),
}

/** Products as those who sell them write them: vendors their own, staff anybody's by naming the vendor. */
export const productDeskRoutes = (context: Context) => {
  const read = async (vendorId: string, productId: string) => {
    const product = isUuid(productId) ? await deskProduct(context.db, vendorId, productId) : undefined
    if (product === undefined) throw new Refusal('not_found')
    return view(product)
  }
  /** Runs a change of one product in a commit of its own and answers the product as it then is. */
  const change = async (
    { actor, vendor, params }: { actor: Actor; vendor: { vendorId: string }; params: { id: string } },
    step: (tx: Tx, stamp: Stamp, of: { vendorId: string; productId: string }) => Promise<void>,
  ) => {
    if (!isUuid(params.id)) throw new Refusal('not_found')
    const of = { vendorId: vendor.vendorId, productId: params.id }
    await context.db.transaction((tx) => step(tx, { now: context.clock.now(), ids: context.ids, actor }, of))
    return await read(vendor.vendorId, params.id)
  }
  return new Elysia({ prefix: '/api/v1', tags: ['Vendor catalogue'] })
    .use(actorGuard(context.identify))
    .use(vendorGuard(context))
    .get(
      '/admin/products',
      async ({ query }) => {
        const { items, nextCursor } = await deskProducts(context.db, { vendorId: undefined, ...query, limit: query.limit ?? 24 })
        return { items: items.map(view), nextCursor }
      },
      {
        as: 'staff',
        query: t.Object(ListQuery),
        response: { 200: DeskProductPage, ...problems('not_signed_in', 'not_allowed') },
        detail: {
          operationId: 'listAllProducts',
          summary: 'Products of every vendor in any status, the last written first',
          description: 'To change one, staff call the routes below /vendor and name its vendorId.',
        },
      },
    )
    .get(
      '/vendor/products',
      async ({ vendor, query }) => {
        const { items, nextCursor } = await deskProducts(context.db, { ...query, vendorId: vendor.vendorId, limit: query.limit ?? 24 })
        return { items: items.map(view), nextCursor }
      },
      {
        vendorScope: 'member',
        query: t.Object({ ...vendorQuery, ...ListQuery }),
        response: { 200: DeskProductPage, ...problems(...vendorRefusals) },
        detail: { operationId: 'listVendorProducts', summary: 'Own products in any status, the last written first' },
      },
    )
    .post(
      '/vendor/products',
      async ({ actor, vendor, body, set }) => {
        const { id } = await context.db.transaction((tx) =>
          createProduct(tx, { now: context.clock.now(), ids: context.ids, actor }, vendor.vendorId, {
            ...body,
            variants: body.variants ?? [],
          }),
        )
        set.status = 201
        return await read(vendor.vendorId, id)
      },
      {
        vendorScope: 'catalog',
        query: t.Object(vendorQuery),
        body: NewProductBody,
        response: { 201: DeskProductShape, ...problems(...writes, 'sku_taken') },
        detail: { operationId: 'createProduct', summary: 'Write a draft', description: 'It is on sale once its status is active.' },
      },
    )
    .get('/vendor/products/:id', ({ vendor, params }) => read(vendor.vendorId, params.id), {
      vendorScope: 'member',
      query: t.Object(vendorQuery),
      params: ProductParams,
      response: { 200: DeskProductShape, ...problems(...vendorRefusals) },
      detail: { operationId: 'getVendorProduct', summary: 'One own product in any status' },
    })
    .patch('/vendor/products/:id', (request) => change(request, (tx, stamp, of) => changeProduct(tx, stamp, of, request.body)), {
      vendorScope: 'catalog',
      query: t.Object(vendorQuery),
      params: ProductParams,
      body: ChangeProductBody,
      response: { 200: DeskProductShape, ...problems(...writes) },
      detail: { operationId: 'changeProduct', summary: 'Change what is said of a product' },
    })
    .put('/vendor/products/:id/status', (request) => change(request, (tx, stamp, of) => moveProduct(tx, stamp, of, request.body.status)), {
      vendorScope: 'catalog',
      query: t.Object(vendorQuery),
      params: ProductParams,
      body: MoveProductBody,
      response: { 200: DeskProductShape, ...problems(...writes, 'product_state') },
      detail: { operationId: 'moveProduct', summary: 'Put on sale, take back to draft, or archive' },
    })
    .put(
      '/vendor/products/:id/variants',
      (request) => change(request, (tx, stamp, of) => saveVariants(tx, stamp, of, request.body.variants)),
      {
        vendorScope: 'catalog',
        query: t.Object(vendorQuery),
        params: ProductParams,
        body: VariantsBody,
        response: { 200: DeskProductShape, ...problems(...writes, 'sku_taken', 'product_state') },
        detail: {
          operationId: 'saveVariants',
          summary: 'Sizes, colours and prices, as a whole list',
          description: 'A size and colour that is left out goes off sale; its orders and its stock stay.',
        },
      },
    )
    .put(
      '/vendor/products/:id/related',
      (request) => change(request, (tx, stamp, of) => relateProducts(tx, stamp, of, request.body.relatedIds)),
      {
        vendorScope: 'catalog',
        query: t.Object(vendorQuery),
        params: ProductParams,
        body: RelatedBody,
        response: { 200: DeskProductShape, ...problems(...writes) },
        detail: { operationId: 'relateProducts', summary: 'Own products to show beside this one, in order' },
      },
    )
    .post(
      '/vendor/products/:id/pictures',
      async ({ actor, vendor, params, query, request, set }) => {
        if (!isUuid(params.id)) throw new Refusal('not_found')
        const bytes = await readPicture(request)
        const stamp = { now: context.clock.now(), ids: context.ids, actor }
        await addPicture(context, stamp, { vendorId: vendor.vendorId, productId: params.id }, bytes, {
          alt: query.alt,
          colour: query.colour,
        })
        set.status = 201
        return await read(vendor.vendorId, params.id)
      },
      {
        vendorScope: 'catalog',
        // The file is read by the handler, after the guard and within its limit; the framework would take any size from anybody.
        parse: [() => ({})],
        query: t.Object({
          ...vendorQuery,
          alt: t.String({ minLength: 1, maxLength: 200, description: 'What the picture shows, for those who do not see it.' }),
          colour: t.Optional(t.String({ maxLength: 40, description: 'The colour it shows.' })),
        }),
        params: ProductParams,
        response: { 201: DeskProductShape, ...problems(...vendorRefusals, 'picture_refused', 'body_too_large', 'unsupported_media_type') },
        detail: {
          operationId: 'addPicture',
          summary: 'Add a picture (multipart field `file`, or the bytes themselves)',
          description: `JPEG, PNG or WebP by content, at most ${mostPictureBytes / 1_048_576} MB and 40 million pixels. Kept as WebP in up to four widths, without EXIF.`,
        },
      },
    )
    .put(
      '/vendor/products/:id/pictures',
      (request) => change(request, (tx, stamp, of) => arrangePictures(tx, stamp, of, request.body.pictures)),
      {
        vendorScope: 'catalog',
        query: t.Object(vendorQuery),
        params: ProductParams,
        body: PicturesBody,
        response: { 200: DeskProductShape, ...problems(...writes) },
        detail: { operationId: 'arrangePictures', summary: 'Order, texts and colours of the pictures; those left out are removed' },
      },
    )
}

/** The bytes of the first file of a form, or of the body itself. Refuses with body_too_large, unsupported_media_type, picture_refused. */
async function readPicture(request: Request): Promise<Uint8Array> {
  const type = request.headers.get('content-type') ?? ''
  // Room for the form around the file.
  const bytes = await readBytes(request, mostPictureBytes + 16_384)
  if (/^image\/|^application\/octet-stream/i.test(type)) return bytes
  if (!/^multipart\/form-data/i.test(type))
    throw new Refusal('unsupported_media_type', { detail: 'Send a form with a file, or a picture.' })
  try {
    const form = await new Response(bytes.slice().buffer, { headers: { 'content-type': type } }).formData()
    const file = form.get('file')
    if (file instanceof Blob) return await file.bytes()
  } catch (error) {
    throw new Refusal('malformed_request', { cause: error })
  }
  throw new Refusal('picture_refused', { detail: 'The form has no file named `file`.' })
}
