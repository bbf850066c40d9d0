import type { TProperties, TSchema } from '@sinclair/typebox'
import { t } from 'elysia'

/** A whole number in a JSON body. `t.Integer` would take the text "5" and round 2^53+1 (design: stack.md 1.3). */
export const whole = (minimum: number, maximum: number, description?: string) =>
  t.Number({ multipleOf: 1, minimum, maximum, ...(description === undefined ? {} : { description }) })

/** Money on the wire: integer minor units and a currency. */
export const MoneyShape = t.Object(
  {
    amountMinor: t.Number({ multipleOf: 1, description: 'Minor units (cents); 145000 is KSh 1,450.' }),
    currency: t.Union([t.Literal('KES'), t.Literal('USD')]),
  },
  { additionalProperties: false, description: 'An exact amount.' },
)

/** An object that refuses unknown members: a misspelt field must not be ignored where money or rights are concerned. */
export const closed = <Properties extends TProperties>(
  properties: Properties,
  options: { description?: string; examples?: unknown[] } = {},
) => t.Object(properties, { additionalProperties: false, ...options })

/** An instant, RFC 3339 in UTC. */
export const Instant = t.String({ description: 'RFC 3339, UTC.', examples: ['2026-11-24T12:21:00.000Z'] })

/** One page of a list and the cursor of the next; null at the end. */
export const page = <Item extends TSchema>(item: Item) => closed({ items: t.Array(item), nextCursor: t.Union([t.String(), t.Null()]) })
