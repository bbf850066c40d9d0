import type { Cart, CartLine } from '../../domain/cart/cart.queries.ts'
import { lineTotal } from '../../domain/cart/cart.totals.ts'
import { lineNotice } from '../../domain/cart/cart.view.ts'
import type { PromoVerdict } from '../../domain/promotions/promo.rules.ts'
import { formatMoney } from '../../lib/money.ts'
import { checkoutWords } from '../i18n/checkout.words.ts'
import { localPath } from '../i18n/words.ts'
import { EmptyState } from '../parts/empty-state.tsx'
import { Flash, type Tone } from '../parts/flash.tsx'
import { TextField } from '../parts/form-field.tsx'
import { OrderLines, type OrderLineView } from '../parts/order-lines.tsx'

/** What has just happened to the bag. */
export type CartNews = { tone: Tone; text: string; undo?: { variantId: string; quantity: number } | undefined }

export type CartPageView = {
  cart: Cart | undefined
  news: CartNews | undefined
  leastFeeMinor: bigint | undefined
  /** What the code in the bag does; undefined without one. */
  promo: PromoVerdict | undefined
  /** A code that was refused, as it was typed, and why. */
  promoError: { code: string; text: string } | undefined
  /** The order this bag has just become, for somebody who comes back to an empty one. */
  lastOrder: { number: string; href: string } | undefined
}

/** A line of the bag as the list shows it; without controls it is also what the checkout sums up. */
export function lineOf(line: CartLine): OrderLineView {
  return {
    id: line.id,
    name: line.name,
    href: localPath(`/p/${line.slug}?${new URLSearchParams({ colour: line.colour, size: line.size })}`),
    colour: line.colour,
    size: line.size,
    quantity: line.quantity,
    unitMinor: line.priceMinor,
    totalMinor: lineTotal(line),
    picture:
      line.picturePath === ''
        ? undefined
        : { src: `/media/${line.picturePath}`, alt: '', width: 640, height: 800, dominantHex: line.dominantHex },
    ...noteOf(line),
  }
}

function noteOf(line: CartLine): { note?: string } {
  const words = checkoutWords()
  const notice = lineNotice(line)
  if (notice === 'not_sold') return { note: words.notSold }
  if (notice === 'sold_out') return { note: words.soldOutSince }
  if (notice === 'fewer_left') return { note: words.onlyLeft(line.available) }
  if (notice === 'price_changed') return { note: words.priceWas(formatMoney(line.priceSeenMinor)) }
  return line.isSelected ? {} : { note: words.keptForLater }
}

/** Whether checkout would take the line as it is. */
export const isBuyable = (line: CartLine): boolean => line.isSelected && line.isSold && line.available >= line.quantity

/** The bag: every line with its controls, what it adds up to, and the way on. */
export function CartPage({ cart, news, leastFeeMinor, promo, promoError, lastOrder }: CartPageView) {
  const words = checkoutWords()
  const lines = cart?.lines ?? []
  const chosen = lines.filter((line) => line.isSelected && line.isSold)
  const subtotal = chosen.reduce((sum, line) => sum + lineTotal(line), 0n)
  return (
    <>
      <h1>{words.bagTitle}</h1>
      {news !== undefined && <News news={news} />}
      {lines.length === 0 ? (
        <EmptyState title={words.emptyTitle} action={{ href: localPath('/'), label: words.emptyAction }}>
          {lastOrder === undefined ? (
            words.emptyText
          ) : (
            <>
              {words.becameOrder(lastOrder.number)} <a href={lastOrder.href}>{words.openOrder}</a>
            </>
          )}
        </EmptyState>
      ) : (
        <div class="split">
          <OrderLines lines={lines.map(lineOf)} controls={({ id }) => <Controls line={lines.find((line) => line.id === id)} />} />
          <div class="panel stack">
            <dl class="summary">
              <div class="total">
                <dt>{words.subtotal}</dt>
                <dd>{formatMoney(subtotal)}</dd>
              </div>
            </dl>
            <Promo promo={promo} error={promoError} />
            <p class="meta">{leastFeeMinor === undefined ? words.deliveryOnTop : words.deliveryFrom(formatMoney(leastFeeMinor))}</p>
            {chosen.length === 0 ? (
              <p>{words.chooseOne}</p>
            ) : chosen.every(isBuyable) ? (
              <a class="btn btn-big btn-block" href={localPath('/checkout')}>
                {words.checkOut}
              </a>
            ) : (
              <Flash tone="warn">{words.mendMarked}</Flash>
            )}
            <p>
              <a href={localPath('/')}>{words.lookForMore}</a>
            </p>
          </div>
        </div>
      )}
    </>
  )
}

/** The code in the bag with what it does, or a folded field for one. */
function Promo({ promo, error }: { promo: PromoVerdict | undefined; error: CartPageView['promoError'] }) {
  const words = checkoutWords()
  const action = localPath('/cart/promo')
  if (promo !== undefined)
    return (
      <form method="post" action={action}>
        {promo.applies ? (
          <p>
            {words.promoLine(promo.code)}:{' '}
            <strong class="price sale">
              {promo.reduction.discountMinor > 0n ? formatMoney(-promo.reduction.discountMinor) : words.promoOnDelivery}
            </strong>
          </p>
        ) : (
          <Flash tone="warn">
            {words.promoLine(promo.code)}: {words[promo.reason]}
          </Flash>
        )}
        <button class="btn-link" name="do" value="drop">
          {words.promoDrop}
        </button>
      </form>
    )
  return (
    <details open={error !== undefined}>
      <summary>{words.promo}</summary>
      <form method="post" action={action} class="joined" novalidate>
        <TextField
          name="code"
          label={words.promoCode}
          autocomplete="off"
          spellcheck={false}
          error={error?.text}
          value={error?.code}
          maxlength={40}
        />
        <button class="btn btn-quiet">{words.promoUse}</button>
      </form>
    </details>
  )
}

function News({ news }: { news: CartNews }) {
  return (
    <Flash tone={news.tone}>
      {news.text}
      {news.undo !== undefined && (
        <form method="post" action={localPath('/cart/lines')}>
          <input type="hidden" name="variantId" value={news.undo.variantId} />
          <input type="hidden" name="quantity" value={news.undo.quantity} />
          <button class="btn-link">{checkoutWords().putBack}</button>
        </form>
      )}
    </Flash>
  )
}

function Controls({ line }: { line: CartLine | undefined }) {
  if (line === undefined) return null
  const words = checkoutWords()
  const most = Math.min(20, Math.max(line.available, 1))
  const what = `${line.name}, ${line.colour}, ${line.size}`
  return (
    <form method="post" action={localPath(`/cart/lines/${line.id}`)} class="controls">
      {line.isSold && line.available > 0 && (
        <>
          <label class="hush" for={`n-${line.id}`}>
            {words.quantityOf(what)}
          </label>
          <select class="input" id={`n-${line.id}`} name="quantity" data-change>
            {Array.from({ length: most }, (_, index) => (
              <option key={index} value={index + 1} selected={index + 1 === Math.min(line.quantity, most)}>
                {index + 1}
              </option>
            ))}
          </select>
          <button class="btn-link" name="do" value="change">
            {words.change}
            <span class="hush">{words.changeOf(what)}</span>
          </button>
          <button class="btn-link" name="do" value={line.isSelected ? 'later' : 'now'}>
            {line.isSelected ? words.later : words.now}
            <span class="hush">: {what}</span>
          </button>
        </>
      )}
      <button class="btn-link" name="do" value="remove">
        {words.takeOut}
        <span class="hush"> {what}</span>
      </button>
    </form>
  )
}
