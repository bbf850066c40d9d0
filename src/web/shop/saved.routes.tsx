import { Elysia } from 'elysia'
import type { Context } from '../../context.ts'
import { type ProductCard, readCard } from '../../domain/catalog/product.card.ts'
import { writeCards } from '../../domain/catalog/product.queries.ts'
import { changeWishlist } from '../../domain/wishlist/change-wishlist.ts'
import { wishlistCards } from '../../domain/wishlist/wishlist.queries.ts'
import type { PersonActor } from '../../lib/actor.ts'
import { Refusal } from '../../lib/refusal.ts'
import { actorGuard } from '../../platform/http/actor-guard.ts'
import { fieldText, formBody } from '../form-values.ts'
import { savedWords } from '../i18n/saved.words.ts'
import { localPath } from '../i18n/words.ts'
import { EmptyState } from '../parts/empty-state.tsx'
import { Flash } from '../parts/flash.tsx'
import { ProductCard as Card } from '../parts/product-card.tsx'
import { seeOther, showPage } from '../show-page.ts'
import { cardOf } from './card.view.ts'
import { shownProduct } from './product.source.ts'
import { mostSaved, savedCookie, savedProducts } from './saved.list.ts'
import { shopWords } from '../i18n/shop.words.ts'

/** What somebody keeps for later. */
export const savedPages = (context: Context) =>
  new Elysia({ detail: { hide: true } })
    .use(actorGuard(context.identify))
    .get(
      '/saved',
      async ({ actor, request }) => {
        const ids = savedProducts(context, request)
        // What was saved on this device before signing in joins the account's own list, which has no end.
        if (actor.kind === 'person') await joinLists(context, actor, ids)
        const cards =
          actor.kind === 'person'
            ? await wishlistCards(context.db, actor.accountId)
            : ids.length === 0
              ? []
              : await writeCards(context.db, ids)
        const products = cards.map(readCard)
        const done = new URL(request.url).searchParams.get('done')
        const words = savedWords()
        const news = done === 'added' ? words.added : done === 'full' ? words.full : done === 'taken' ? words.taken : undefined
        return showPage(
          context,
          request,
          { title: words.title, path: '/saved', isPrivate: true, body: <SavedPage products={products} news={news} /> },
          {
            keep: 'private',
            headers: actor.kind === 'person' && ids.length > 0 ? { 'set-cookie': savedCookie(context, [])[1] } : {},
          },
        )
      },
      { as: 'anyone' },
    )
    .post(
      '/saved',
      async ({ actor, body, request }) => {
        const form = formBody(body)
        const shown = await shownProduct(context, fieldText(form, 'slug', 120))
        if (shown === undefined) throw new Refusal('not_found')
        const { id } = shown.product
        if (actor.kind === 'person') {
          const isWished = fieldText(form, 'do', 10) !== 'take'
          await changeWishlist(context, actor, id, isWished)
          return seeOther(isWished ? '/saved?done=added' : '/saved?done=taken')
        }
        const before = savedProducts(context, request).filter((each) => each !== id)
        if (fieldText(form, 'do', 10) === 'take') return seeOther('/saved?done=taken', [savedCookie(context, before)])
        return seeOther(before.length >= mostSaved ? '/saved?done=full' : '/saved?done=added', [savedCookie(context, [id, ...before])])
      },
      { as: 'anyone' },
    )

async function joinLists(context: Context, actor: PersonActor, ids: readonly string[]): Promise<void> {
  for (const id of ids.toReversed())
    await changeWishlist(context, actor, id, true).catch((error: unknown) => {
      // No longer sold, or the list is full: the piece is left behind, and the list is still shown.
      if (!(error instanceof Refusal) || error.status >= 500) throw error
    })
}

function SavedPage({ products, news }: { products: readonly ProductCard[]; news: string | undefined }) {
  const words = savedWords()
  return (
    <>
      <h1>{words.title}</h1>
      {news !== undefined && <Flash tone="ok">{news}</Flash>}
      {products.length === 0 ? (
        <EmptyState title={words.empty} action={{ href: localPath('/'), label: shopWords().toFront }}>
          {words.emptyText}
        </EmptyState>
      ) : (
        <ul class="grid-cards bar">
          {products.map((product) => (
            <Card key={product.id} product={cardOf(product)}>
              <form method="post" action={localPath('/saved')} class="on-top">
                <input type="hidden" name="slug" value={product.slug} />
                <button class="btn-link" name="do" value="take">
                  {words.take}
                  <span class="hush">: {product.name}</span>
                </button>
              </form>
            </Card>
          ))}
        </ul>
      )}
    </>
  )
}
