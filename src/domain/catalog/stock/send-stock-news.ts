import { sql } from 'drizzle-orm'
import type { Context } from '../../../context.ts'

type News = Pick<Context, 'db' | 'sms' | 'mailer' | 'config'>

/** Sends the message of one ended wish, by phone or e-mail. At least once, under one message id; called from the outbox. */
export async function sendStockNews(context: News, alertId: string): Promise<void> {
  const [alert] = await context.db.execute<{
    email: string | null
    phone: string | null
    name: string
    slug: string
    size: string
    colour: string
  }>(sql`
    select a.email, a.phone, p.name, p.slug, v.size, v.colour from stock_alerts a join variants v on v.id = a.variant_id join products p on p.id = v.product_id where a.id = ${alertId}::uuid`)
  if (alert === undefined) return
  const url = `${context.config.publicUrl}/p/${alert.slug}?size=${encodeURIComponent(alert.size)}&colour=${encodeURIComponent(alert.colour)}`
  const text = `${alert.name} in ${alert.colour}, ${alert.size}, is back at Rahim: ${url}`
  const messageId = `stock-back-${alertId}`
  if (alert.phone !== null) await context.sms.send({ to: alert.phone, text, messageId })
  else if (alert.email !== null)
    await context.mailer.send({
      to: alert.email,
      subject: `${alert.name} is back`,
      text: `${text}\n\nYou asked us to tell you once. We will not write again.`,
      messageId,
    })
}

/** Tells the owner and managers of a vendor that a variant runs low. At least once, under one message id each; called from the outbox. */
export async function sendLowStock(context: News, shortageId: string): Promise<void> {
  const people = await context.db.execute<{
    account_id: string
    email: string
    name: string
    sku: string
    size: string
    colour: string
    pieces: number
  }>(sql`
    select m.account_id, k.email, p.name, v.sku, v.size, v.colour, x."left" as pieces
    from stock_shortages x join variants v on v.id = x.variant_id join products p on p.id = v.product_id
    join vendor_members m on m.vendor_id = p.vendor_id and m.is_active and m.role in ('owner', 'manager') join accounts k on k.id = m.account_id and k.email is not null
    where x.id = ${shortageId}::uuid`)
  for (const person of people)
    await context.mailer.send({
      to: person.email,
      subject: `Running low: ${person.name}, ${person.size}`,
      text: `${person.name} in ${person.colour}, ${person.size} (${person.sku}) has ${person.pieces} left.\n\nStock sheet: ${context.config.publicUrl}/vendor`,
      messageId: `stock-low-${shortageId}-${person.account_id}`,
    })
}
