import { Elysia, t } from 'elysia'
import type { Context } from '../../context.ts'
import { cashInHand } from '../../domain/payments/door-payment.queries.ts'
import { actorGuard, asPerson } from '../../platform/http/actor-guard.ts'
import { problems } from '../../platform/http/problem.schema.ts'
import { closed, whole } from '../../platform/http/shapes.ts'
import { handInCash } from './hand-in-cash.ts'
import { promptAtDoor } from './prompt-at-door.ts'
import { takeCash } from './take-cash.ts'

const ById = t.Object({ id: t.String({ maxLength: 64 }) })
const CashBody = closed({ amountMinor: whole(1, 99_999_999, 'What was counted, in cents.') }, { examples: [{ amountMinor: 170_000 }] })
const PaidShape = closed({ isPaid: t.Boolean({ description: 'Only then hand the goods over.' }) })
const PromptBody = closed({ phone: t.Optional(t.String({ minLength: 9, maxLength: 20 })) }, { examples: [{ phone: '0712 345 678' }] })
const PromptShape = closed({ transactionId: t.String() })
const HandInBody = closed(
  { amountMinor: whole(1, 999_999_999, 'What was counted, in cents.'), reference: t.String({ minLength: 3, maxLength: 60 }) },
  { examples: [{ amountMinor: 510_000, reference: 'SLIP-1042' }] },
)
const HandedIn = closed({ charges: t.Number() })
const HeldList = closed({
  items: t.Array(closed({ driverId: t.String(), transactionId: t.String(), amountMinor: t.Number({ description: 'In cents.' }) })),
})

const doorProblems = [
  'not_signed_in',
  'not_allowed',
  'not_found',
  'order_state',
  'delivery_state',
  'malformed_json',
  'unsupported_media_type',
] as const

/** Paying at the door, and handing in what was paid there. */
export const doorRoutes = (context: Context) =>
  new Elysia({ prefix: '/api/v1', tags: ['Deliveries'] })
    .use(actorGuard(context.identify))
    .post(
      '/deliveries/:id/cash',
      async ({ actor, params, body }) => {
        await takeCash(context, asPerson(actor), params.id, BigInt(body.amountMinor))
        return { isPaid: true }
      },
      {
        as: 'person',
        params: ById,
        body: CashBody,
        response: { 200: PaidShape, ...problems(...doorProblems, 'conflict') },
        detail: {
          operationId: 'takeCash',
          summary: 'The rider has counted the cash',
          description: 'For the driver of the delivery, or staff. What was counted must be what is owed. Saying it again changes nothing.',
        },
      },
    )
    .post(
      '/deliveries/:id/mpesa-prompt',
      async ({ actor, params, body, set }) => {
        set.status = 201
        return await promptAtDoor(context, asPerson(actor), params.id, body.phone)
      },
      {
        as: 'person',
        params: ById,
        body: PromptBody,
        response: { 201: PromptShape, ...problems(...doorProblems, 'phone_invalid', 'payment_open', 'payment_method_unavailable') },
        detail: {
          operationId: 'promptAtDoor',
          summary: 'Let the shopper pay at the door by M-Pesa',
          description: 'The delivery’s `cashDue` becomes null when the shop knows it is paid; only then hand the goods over.',
        },
      },
    )
    .get(
      '/admin/cash-in-hand',
      async () => ({
        items: (await cashInHand(context.db)).map(({ holderId, transactionId, amountMinor }) => ({
          driverId: holderId,
          transactionId,
          amountMinor: Number(amountMinor),
        })),
      }),
      {
        as: 'staff',
        response: { 200: HeldList, ...problems('not_signed_in', 'not_allowed') },
        detail: { operationId: 'listCashInHand', summary: 'Cash that riders hold, charge by charge', tags: ['Money desk'] },
      },
    )
    .post(
      '/admin/drivers/:id/cash-hand-in',
      async ({ actor, params, body }) =>
        await handInCash(context, asPerson(actor), {
          driverId: params.id,
          amountMinor: BigInt(body.amountMinor),
          reference: body.reference,
        }),
      {
        as: 'staff',
        params: ById,
        body: HandInBody,
        response: {
          200: HandedIn,
          ...problems('not_signed_in', 'not_allowed', 'not_found', 'second_person', 'malformed_json', 'unsupported_media_type'),
        },
        detail: { operationId: 'handInCash', summary: 'A rider hands in all the cash they hold', tags: ['Money desk'] },
      },
    )
