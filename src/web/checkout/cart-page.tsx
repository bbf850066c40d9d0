import type { Cart, CartLine } from '../../domain/cart/cart.queries.ts'
import { lineTotal } from '../../domain/cart/cart.totals.ts'
import { lineNotice } from '../../domain/cart/cart.view.ts'
import { formatMoney } from '../../lib/money.ts'
import { EmptyState } from '../parts/empty-state.tsx'
import { Flash, type Tone } from '../parts/flash.tsx'
import { OrderLines, type OrderLineView } from '../parts/order-lines.tsx'

/** What has just happened to the bag. */
export type CartNews = { tone: Tone; text: string; undo?: { variantId: string; quantity: number } | undefined }

export type CartPageView = {
  cart: Cart | undefined
  news: CartNews | undefined
  leastFeeMinor: bigint | undefined
  /** The order this bag has just become, for somebody who comes back to an empty one. */
  lastOrder: { number: string; href: string } | undefined
}

/** A line of the bag as the list shows it; without controls it is also what the checkout sums up. */
export function lineOf(line: CartLine): OrderLineView {
  return {
    id: line.id,
    name: line.name,
    href: `/p/${line.slug}?${new URLSearchParams({ colour: line.colour, size: line.size })}`,
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
  const notice = lineNotice(line)
  if (notice === 'not_sold') return { note: 'No longer sold' }
  if (notice === 'sold_out') return { note: 'Sold out since you chose it' }
  if (notice === 'fewer_left') return { note: `Only ${line.available} left` }
  if (notice === 'price_changed') return { note: `The price was ${formatMoney(line.priceSeenMinor)}` }
  return line.isSelected ? {} : { note: 'Kept for later' }
}

/** Whether checkout would take the line as it is. */
export const isBuyable = (line: CartLine): boolean => line.isSelected && line.isSold && line.available >= line.quantity

/** The bag: every line with its controls, what it adds up to, and the way on. */
export function CartPage({ cart, news, leastFeeMinor, lastOrder }: CartPageView) {
  const lines = cart?.lines ?? []
  const chosen = lines.filter((line) => line.isSelected && line.isSold)
  const subtotal = chosen.reduce((sum, line) => sum + lineTotal(line), 0n)
  return (
    <>
      <h1>Your bag</h1>
      {news !== undefined && <News news={news} />}
      {lines.length === 0 ? (
        <EmptyState title="There is nothing in it yet" action={{ href: '/', label: 'See what is new' }}>
          {lastOrder === undefined ? (
            'What you choose waits here for 30 days. Nothing is set aside until you order.'
          ) : (
            <>
              Your order <a href={lastOrder.href}>{lastOrder.number}</a> came out of this bag.
            </>
          )}
        </EmptyState>
      ) : (
        <div class="split">
          <OrderLines lines={lines.map(lineOf)} controls={({ id }) => <Controls line={lines.find((line) => line.id === id)} />} />
          <div class="panel stack">
            <dl class="summary">
              <div class="total">
                <dt>Subtotal</dt>
                <dd>{formatMoney(subtotal)}</dd>
              </div>
            </dl>
            <p class="meta">
              VAT included. {leastFeeMinor === undefined ? 'Delivery comes on top' : `Delivery from ${formatMoney(leastFeeMinor)}`}; you see
              the fee and the date of your county before you pay.
            </p>
            {chosen.length === 0 ? (
              <p>Choose at least one piece to buy.</p>
            ) : chosen.every(isBuyable) ? (
              <a class="btn btn-big btn-block" href="/checkout">
                Check out
              </a>
            ) : (
              <Flash tone="warn">Change or take out the marked pieces to go on.</Flash>
            )}
            <p>
              <a href="/">Look for more</a>
            </p>
          </div>
        </div>
      )}
    </>
  )
}

function News({ news }: { news: CartNews }) {
  return (
    <Flash tone={news.tone}>
      {news.text}
      {news.undo !== undefined && (
        <form method="post" action="/cart/lines">
          <input type="hidden" name="variantId" value={news.undo.variantId} />
          <input type="hidden" name="quantity" value={news.undo.quantity} />
          <button class="btn-link">Put it back</button>
        </form>
      )}
    </Flash>
  )
}

function Controls({ line }: { line: CartLine | undefined }) {
  if (line === undefined) return null
  const most = Math.min(20, Math.max(line.available, 1))
  const what = `${line.name}, ${line.colour}, ${line.size}`
  return (
    <form method="post" action={`/cart/lines/${line.id}`} class="controls">
      {line.isSold && line.available > 0 && (
        <>
          <label class="hush" for={`n-${line.id}`}>
            Quantity of {what}
          </label>
          <select class="input" id={`n-${line.id}`} name="quantity">
            {Array.from({ length: most }, (_, index) => (
              <option key={index} value={index + 1} selected={index + 1 === Math.min(line.quantity, most)}>
                {index + 1}
              </option>
            ))}
          </select>
          <button class="btn-link" name="do" value="change">
            Change<span class="hush"> the quantity of {what}</span>
          </button>
          <button class="btn-link" name="do" value={line.isSelected ? 'later' : 'now'}>
            {line.isSelected ? 'Keep for later' : 'Buy now too'}
            <span class="hush">: {what}</span>
          </button>
        </>
      )}
      <button class="btn-link" name="do" value="remove">
        Take out<span class="hush"> {what}</span>
      </button>
    </form>
  )
}
