import { t } from 'elysia'
import { closed, Instant, MoneyShape, page, whole } from '../../platform/http/shapes.ts'
import { type DeliveryState, deliveryStates } from './delivery.states.ts'

const instantOrNull = t.Union([Instant, t.Null()])

export const DeliveryStateShape = t.Unsafe<DeliveryState>(
  t.Union(
    deliveryStates.all.map((state) => t.Literal(state)),
    { description: 'Where the delivery is in its life.' },
  ),
)

const PlaceShape = closed({ lat: t.Number(), lng: t.Number() })

export const DeliveryShape = closed({
  id: t.String(),
  number: t.Number({ description: 'A short number; the tracking socket takes it too.' }),
  orderNumber: t.String({ examples: ['RAH-7K2M9QXB'] }),
  state: DeliveryStateShape,
  rider: t.Union([closed({ firstName: t.String(), plate: t.String() }), t.Null()]),
  origin: PlaceShape,
  destination: closed({
    lat: t.Number(),
    lng: t.Number(),
    text: t.String(),
    isPinned: t.Boolean({ description: 'False: the county town stands in for a pin.' }),
  }),
  position: t.Union([closed({ lat: t.Number(), lng: t.Number(), fixedAt: Instant }), t.Null()], {
    description: 'Shoppers see it from pick-up to hand-over only.',
  }),
  eta: t.Union([closed({ from: Instant, to: Instant }), t.Null()]),
  dropOffCode: t.Union([t.String(), t.Null()], { description: 'For the shopper only, to be read out at the door.' }),
  contact: t.Union([closed({ name: t.String(), phone: t.String() }), t.Null()], {
    description: 'For the driver and staff, while the delivery is under way.',
  }),
  cashDue: t.Union([MoneyShape, t.Null()], {
    description: 'What the shopper owes at the door, for the driver and staff; null when there is nothing to take.',
  }),
  failReason: t.Union([t.String(), t.Null()]),
  createdAt: Instant,
  assignedAt: instantOrNull,
  pickedUpAt: instantOrNull,
  enRouteAt: instantOrNull,
  arrivedAt: instantOrNull,
  deliveredAt: instantOrNull,
})

export const DeliveryPage = page(DeliveryShape)

const clientId = t.Optional(
  t.String({
    minLength: 8,
    maxLength: 64,
    pattern: '^[A-Za-z0-9_-]+$',
    description: 'The phone’s own id of this action. Sending it again changes nothing.',
  }),
)
const occurredAt = t.Optional(
  t.String({ format: 'date-time', description: 'When it happened, if there was no signal. Never later than now.' }),
)

export const StepBody = closed({ clientId, occurredAt }, { examples: [{ clientId: 'a1b2c3d4e5' }] })
export const DeliverBody = closed(
  {
    code: t.String({ maxLength: 10, description: 'The four digits the shopper reads out. Staff may leave it empty.' }),
    clientId,
    occurredAt,
  },
  { examples: [{ code: '4821' }] },
)
export const FailBody = closed(
  {
    reason: t.Union([
      t.Literal('no_answer'),
      t.Literal('wrong_place'),
      t.Literal('refused'),
      t.Literal('no_money'),
      t.Literal('closed'),
      t.Literal('accident'),
      t.Literal('other'),
    ]),
    clientId,
    occurredAt,
  },
  { examples: [{ reason: 'no_answer' }] },
)
export const AssignBody = closed(
  { driverId: t.String({ format: 'uuid', description: 'The account of a driver on duty.' }) },
  { examples: [{ driverId: '01936f5e-8f2a-7c31-9d7e-2f6b1c0a4e55' }] },
)
export const UnassignBody = closed(
  { reason: t.Optional(t.String({ maxLength: 200 })) },
  { examples: [{ reason: 'The rider’s motorbike broke down' }] },
)
export const DutyBody = closed({ isOnDuty: t.Boolean() }, { examples: [{ isOnDuty: true }] })
export const DutyShape = closed({ isOnDuty: t.Boolean() })

export const PositionsBody = closed(
  {
    fixes: t.Array(
      closed({
        lat: t.Number({ minimum: -90, maximum: 90 }),
        lng: t.Number({ minimum: -180, maximum: 180 }),
        accuracyM: t.Optional(t.Number({ minimum: 0, maximum: 100_000 })),
        speedMps: t.Optional(t.Number({ minimum: 0, maximum: 200 })),
        headingDeg: t.Optional(t.Number({ minimum: 0, maximum: 360 })),
        fixedAt: t.Optional(t.String({ format: 'date-time' })),
      }),
      { minItems: 1, maxItems: 60 },
    ),
  },
  { examples: [{ fixes: [{ lat: -1.28333, lng: 36.81667, accuracyM: 12, fixedAt: '2026-11-24T12:21:00.000Z' }] }] },
)

export const PositionsShape = closed({
  isPublished: t.Boolean({ description: 'Whether the newest one went out to those who watch; at most one in five seconds does.' }),
  saved: whole(0, 60, 'How many became part of the trail: at least 8 s and 25 m after the one before.'),
  refused: t.Array(closed({ index: t.Number(), why: t.String() }), {
    description: '`invalid_payload`, `out_of_range` (also outside Kenya), `from_the_future`, `inaccurate`, `too_fast`.',
  }),
  isOutsideKenya: t.Boolean({ description: 'At least one was; it is among the refused.' }),
})

export const TrailShape = closed({ points: t.Array(closed({ lat: t.Number(), lng: t.Number(), at: Instant })) })

export const DeliveryParams = t.Object({ id: t.String({ maxLength: 36, description: 'Id or number of the delivery.' }) })
