import { Elysia, t } from 'elysia'
import type { Context } from '../../context.ts'
import { moneyView } from '../../lib/money.ts'
import { actorGuard, asPerson } from '../../platform/http/actor-guard.ts'
import { problems } from '../../platform/http/problem.schema.ts'
import { closed, MoneyShape, whole } from '../../platform/http/shapes.ts'
import { changeZones } from './change-zones.ts'
import { allCountyDeliveries, allZones } from './zone.queries.ts'

const Code = t.String({ minLength: 2, maxLength: 40, pattern: '^[a-z0-9-]+$' })
const Name = t.String({ minLength: 2, maxLength: 80 })
const refused = ['not_signed_in', 'not_allowed', 'not_found', 'malformed_json', 'unsupported_media_type'] as const

const ZoneBody = closed(
  {
    name: Name,
    feeMinor: whole(0, 9_999_900, 'In cents, whole shillings.'),
    perKmMinor: t.Optional(whole(0, 999_900, 'For each kilometre by road from the nearest warehouse to the pin beyond `includedKm`.')),
    includedKm: t.Optional(whole(0, 1_000)),
    freeFromMinor: t.Optional(t.Union([whole(1, 99_999_900), t.Null()], { description: 'Goods worth so much are brought for nothing.' })),
    daysMin: whole(0, 30),
    daysMax: whole(0, 60),
  },
  { examples: [{ name: 'Nairobi', feeMinor: 20000, daysMin: 0, daysMax: 1, freeFromMinor: 1000000 }] },
)

const ZoneShape = closed({
  code: t.String(),
  name: t.String(),
  fee: MoneyShape,
  perKm: MoneyShape,
  includedKm: t.Number(),
  freeFrom: t.Union([MoneyShape, t.Null()]),
  daysMin: t.Number(),
  daysMax: t.Number(),
  counties: t.Array(t.String()),
  towns: t.Array(closed({ id: t.String(), county: t.String(), town: t.String() })),
})
const ZoneList = closed({ items: t.Array(ZoneShape) })

const FeeList = closed({
  items: t.Array(
    closed({
      county: t.String(),
      zone: t.String(),
      fee: MoneyShape,
      freeFrom: t.Union([MoneyShape, t.Null()]),
      daysMin: t.Number(),
      daysMax: t.Number(),
    }),
  ),
})

/** What delivery costs: read by everybody, changed by staff. */
export const zonesRoutes = (context: Context) => {
  const zones = async () => ({
    items: (await allZones(context.db)).map(({ feeMinor, perKmMinor, freeFromMinor, ...zone }) => ({
      ...zone,
      fee: moneyView(feeMinor),
      perKm: moneyView(perKmMinor),
      freeFrom: freeFromMinor === null ? null : moneyView(freeFromMinor),
    })),
  })
  return new Elysia({ prefix: '/api/v1', tags: ['Delivery zones'] })
    .use(actorGuard(context.identify))
    .get(
      '/delivery-fees',
      async () => ({
        items: (await allCountyDeliveries(context.db)).map((county) => ({
          county: county.county,
          zone: county.zoneName,
          fee: moneyView(county.feeMinor),
          freeFrom: county.freeFromMinor === null ? null : moneyView(county.freeFromMinor),
          daysMin: county.daysMin,
          daysMax: county.daysMax,
        })),
      }),
      {
        as: 'anyone',
        response: { 200: FeeList, ...problems() },
        detail: {
          operationId: 'listDeliveryFees',
          summary: 'What delivery to each county costs',
          description: 'Some towns and far pins differ; ask for a quote.',
        },
      },
    )
    .get('/admin/delivery-zones', zones, {
      as: 'staff',
      response: { 200: ZoneList, ...problems('not_signed_in', 'not_allowed') },
      detail: { operationId: 'listDeliveryZones', summary: 'Zones with their counties and towns' },
    })
    .put(
      '/admin/delivery-zones/:code',
      async ({ actor, params, body }) => {
        await changeZones(context, asPerson(actor), { kind: 'zone', code: params.code, terms: body })
        return await zones()
      },
      {
        as: 'staff',
        params: t.Object({ code: Code }),
        body: ZoneBody,
        response: { 200: ZoneList, ...problems(...refused) },
        detail: { operationId: 'setDeliveryZone', summary: 'Make or change a zone' },
      },
    )
    .put(
      '/admin/delivery-counties/:county',
      async ({ actor, params, body }) => {
        await changeZones(context, asPerson(actor), { kind: 'county', county: params.county, zone: body.zone })
        return await zones()
      },
      {
        as: 'staff',
        params: t.Object({ county: Name }),
        body: closed({ zone: Code }, { examples: [{ zone: 'city' }] }),
        response: { 200: ZoneList, ...problems(...refused) },
        detail: { operationId: 'setCountyZone', summary: 'Put a county into a zone' },
      },
    )
    .put(
      '/admin/delivery-towns',
      async ({ actor, body }) => {
        await changeZones(context, asPerson(actor), { kind: 'town', ...body })
        return await zones()
      },
      {
        as: 'staff',
        body: closed({ county: Name, town: Name, zone: Code }, { examples: [{ county: 'Kajiado', town: 'Kitengela', zone: 'city' }] }),
        response: { 200: ZoneList, ...problems(...refused) },
        detail: { operationId: 'setTownZone', summary: 'Put a town into another zone than its county' },
      },
    )
    .delete(
      '/admin/delivery-towns/:id',
      async ({ actor, params }) => {
        await changeZones(context, asPerson(actor), { kind: 'town removed', id: params.id })
        return await zones()
      },
      {
        as: 'staff',
        params: t.Object({ id: t.String({ maxLength: 36 }) }),
        response: { 200: ZoneList, ...problems('not_signed_in', 'not_allowed', 'not_found') },
        detail: { operationId: 'removeTownZone', summary: 'Let a town follow its county again' },
      },
    )
}
