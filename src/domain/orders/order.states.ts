import { states } from '../../lib/states.ts'

/** What an order can be. Unpaid orders end in cancelled or expired, and late money may still revive those while stock allows. */
export type OrderState = 'awaiting_payment' | 'paid' | 'packed' | 'on_the_road' | 'delivered' | 'returned' | 'cancelled' | 'expired'

/** The allowed moves of an order. The same table is enforced in the database (state_transitions, machine `order`). */
export const orderStates = states<OrderState>('awaiting_payment', {
  // Packed at once only for pay on delivery: the money comes at the door.
  awaiting_payment: ['paid', 'packed', 'cancelled', 'expired'],
  paid: ['packed', 'cancelled'],
  packed: ['on_the_road', 'cancelled'],
  on_the_road: ['delivered', 'packed', 'returned'],
  delivered: ['returned'],
  returned: [],
  cancelled: [],
  // Money may arrive after the order expired; if the goods are still there the sale goes through.
  expired: ['paid'],
})
