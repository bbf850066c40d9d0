import { sql } from 'drizzle-orm'
import type { Context } from '../../context.ts'
import { eraseAccount } from '../../domain/accounts/erase-account.ts'
import { type Proof, proveIdentity } from '../../domain/accounts/prove-identity.ts'
import { forgetAlerts } from '../../domain/catalog/forget-alerts.ts'
import { forgetCarts } from '../../domain/cart/forget-carts.ts'
import { blurDeliveries } from '../../domain/delivery/blur-deliveries.ts'
import { retireDriver } from '../../domain/delivery/retire-driver.ts'
import { forgetRecipient } from '../../domain/notifications/forget-recipient.ts'
import { pseudonymiseOrders } from '../../domain/orders/pseudonymise-orders.ts'
import { forgetPayers } from '../../domain/payments/forget-payers.ts'
import { anonymiseReviews } from '../../domain/reviews/anonymise-reviews.ts'
import { leaveVendors } from '../../domain/vendors/leave-vendors.ts'
import { forgetWishlist } from '../../domain/wishlist/forget-wishlist.ts'
import type { PersonActor } from '../../lib/actor.ts'
import { Refusal } from '../../lib/refusal.ts'
import { audit } from '../../platform/audit.ts'
import type { Tx } from '../../platform/db.ts'
import { forgetKeysOf } from '../../platform/idempotency.ts'

/**
 * Forgets the actor: name, contacts, addresses, notes, bag, sign-ins and keys go; what was bought and paid stays, without saying by
 * whom, because the law asks for the books (Tax Procedures Act, section 23) and the ledger must still sum up. Invoices are kept as
 * they were issued. Messages of payment
 * providers are kept as they were signed, closed to everybody but staff. Refuses with `wrong_credentials`, `wrong_code`, and
 * `account_busy` while an order, a payment, a ride or a shop of theirs is open.
 */
export async function erasePerson(context: Context, actor: PersonActor, proof: Proof): Promise<void> {
  await proveIdentity(context, actor, proof)
  const now = context.clock.now()
  await context.db.transaction(async (tx) => {
    await mustBeIdle(tx, actor.accountId)
    const orderIds = await pseudonymiseOrders(tx, actor.accountId)
    await forgetPayers(tx, orderIds)
    await blurDeliveries(tx, orderIds)
    await forgetCarts(tx, actor.accountId)
    await forgetKeysOf(tx, actor.accountId)
    await forgetRecipient(tx, actor.accountId, orderIds)
    await forgetAlerts(tx, actor.accountId)
    await forgetWishlist(tx, actor.accountId)
    await anonymiseReviews(tx, actor.accountId)
    await leaveVendors(tx, actor.accountId)
    await retireDriver(tx, actor.accountId)
    await eraseAccount(tx, now, actor.accountId)
    await audit(
      tx,
      { now, ids: context.ids, actor },
      { action: 'account.erased', target: actor.accountId, data: { orders: orderIds.length } },
    )
  })
  context.hub.recheck({ userId: actor.accountId })
}

interface BusyRow extends Record<string, unknown> {
  has_order: boolean
  has_money: boolean
  has_ride: boolean
  owns_vendor: boolean
}

/** Asks what would be left hanging. The account's row is locked first, so that no order of theirs is placed meanwhile. */
async function mustBeIdle(tx: Tx, accountId: string): Promise<void> {
  await tx.execute(sql`select 1 from accounts where id = ${accountId}::uuid for update`)
  const [row] = await tx.execute<BusyRow>(sql`
    select
      exists (select 1 from orders o where o.account_id = ${accountId}::uuid and o.state in ('awaiting_payment', 'paid', 'packed', 'on_the_road')) as has_order,
      exists (select 1 from transactions t join orders o on o.id = t.order_id where o.account_id = ${accountId}::uuid
        and t.state in ('created', 'pending', 'processing', 'review', 'manual', 'open')) as has_money,
      exists (select 1 from deliveries d where d.driver_id = ${accountId}::uuid and d.state not in ('delivered', 'cancelled')) as has_ride,
      exists (select 1 from vendor_members m where m.account_id = ${accountId}::uuid and m.role = 'owner' and m.is_active) as owns_vendor`)
  const why =
    row?.has_order === true
      ? 'An order is still open. Wait until it is delivered, or cancel it.'
      : row?.has_money === true
        ? 'A payment or a refund is still under way. Wait until it is done.'
        : row?.has_ride === true
          ? 'A delivery is still yours. Hand it over or finish it.'
          : row?.owns_vendor === true
            ? 'A shop is still yours. Ask us to hand it over or close it.'
            : undefined
  if (why !== undefined) throw new Refusal('account_busy', { detail: why })
}
