import type { Context } from '../../context.ts'
import { offeredMethods } from '../../domain/payments/payment.methods.ts'
import { promiseFor, zonePromises } from '../help/delivery-fees.tsx'
import type { PageResponseOptions } from '../page-response.ts'
import type { FormErrors } from '../parts/error-summary.tsx'
import { pictureAt } from './card.view.ts'
import { motifOf } from '../parts/kanga-border.tsx'
import { categoryTree } from '../shelves.ts'
import { showPage } from '../show-page.ts'
import { countyFees, type ShownProduct } from './product.source.ts'
import { productJsonLd } from './product.json-ld.ts'
import type { Pick } from './product.pick.ts'
import { ProductPage } from './product-page.tsx'

/** Others show pixels, not drawings. */
const shareOf = (path: string): { shareImage?: string } => (/\.(webp|jpg|png)$/.test(path) ? { shareImage: `/media/${path}` } : {})

/** Answers a product's page; with errors when a form named no size or one that is gone. */
export async function showProduct(
  context: Context,
  request: Request,
  { product, related, rating, reviews }: ShownProduct,
  view: { pick: Pick; errors?: FormErrors },
  options: PageResponseOptions,
): Promise<Response> {
  const now = context.clock.now()
  const [tree, counties] = await Promise.all([categoryTree(context), countyFees(context)])
  const category = tree.find(({ slug }) => slug === product.category)
  const parent = tree.find(({ slug }) => slug === category?.parent)
  const home = counties.find(({ county }) => county === 'Nairobi') ?? counties[0]
  const [picture] = product.pictures.filter(({ colour }) => colour === view.pick.colour)
  return showPage(
    context,
    request,
    {
      title: product.name,
      path: `/p/${product.slug}`,
      description: `${product.name} from ${product.vendor}. ${product.description}`.slice(0, 155),
      motif: motifOf((parent ?? category)?.motif ?? ''),
      ...(category === undefined || category.saying === '' ? {} : { saying: category.saying }),
      shelf: parent?.slug ?? category?.slug ?? '',
      hasErrors: view.errors !== undefined,
      ...(picture === undefined ? {} : { preload: { picture: pictureAt(picture), use: 'page' as const }, ...shareOf(picture.path) }),
      jsonLd: productJsonLd(context.config.publicUrl, product, rating),
      body: (
        <ProductPage
          product={product}
          category={category}
          parent={parent}
          {...view}
          promises={zonePromises(counties, now)}
          home={home === undefined ? undefined : { ...home, promise: promiseFor(home, now) }}
          related={related}
          rating={rating}
          reviews={reviews}
          supportPhone={context.config.supportPhone}
          takesCash={offeredMethods(context.providers).includes('cod')}
        />
      ),
    },
    { ...options, dependsOn: [product.id, ...related.map(({ id }) => id)] },
  )
}
