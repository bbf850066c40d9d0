import { moneyView } from '../../lib/money.ts'
import type { OrderWithLines } from './order.queries.ts'

/** An order on the wire, for those who may read it. */
export const orderView = (order: OrderWithLines) => ({
  number: order.number,
  state: order.state,
  placedAt: order.createdAt.toISOString(),
  expiresAt: order.expiresAt.toISOString(),
  paidAt: order.paidAt?.toISOString() ?? null,
  contactName: order.contactName,
  county: order.county,
  town: order.town,
  landmark: order.landmark,
  promisedFrom: order.promisedFrom.toISOString(),
  promisedTo: order.promisedTo.toISOString(),
  lines: order.lines.map((line) => ({
    name: line.name,
    sku: line.sku,
    size: line.size,
    colour: line.colour,
    picture: line.picturePath === '' ? '' : `/media/${line.picturePath}`,
    quantity: line.quantity,
    unitPrice: moneyView(line.unitPriceMinor, order.currency),
    total: moneyView(line.totalMinor, order.currency),
  })),
  linesTotal: moneyView(order.linesMinor, order.currency),
  discount: moneyView(order.discountMinor, order.currency),
  delivery: moneyView(order.deliveryMinor, order.currency),
  vat: moneyView(order.vatMinor, order.currency),
  total: moneyView(order.totalMinor, order.currency),
})
