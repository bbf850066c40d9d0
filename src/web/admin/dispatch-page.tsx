import type { DeliveryDetail } from '../../domain/delivery/delivery.queries.ts'
import { momentText } from '../i18n/dates.ts'
import { Flash } from '../parts/flash.tsx'
import { GridTable } from '../parts/grid-table.tsx'
import { StateBadge } from '../parts/state-badge.tsx'
import type { Outcome } from '../parts/form-outcome.ts'

/** A rider who can be given a delivery. */
export type Rider = { id: string; name: string; plate: string; load: number; seenAt: Date | null }

/** What waits for a rider, what is on the road, and who is on duty. Every assignment is a form, so it works on any phone. */
export function DispatchPage({
  live,
  riders,
  now,
  outcome,
}: {
  live: readonly DeliveryDetail[]
  riders: readonly Rider[]
  now: Date
  outcome: Outcome
}) {
  const waiting = live.filter(({ state }) => state === 'pending' || state === 'failed')
  const moving = live.filter(({ state }) => state !== 'pending' && state !== 'failed')
  return (
    <div class="stack">
      <h1>Dispatch</h1>
      {outcome !== undefined && <Flash tone={outcome.tone}>{outcome.text}</Flash>}
      <div class="columns">
        <div class="stack">
          <h2>Without a rider</h2>
          {waiting.length === 0 ? (
            <p>Every delivery has a rider.</p>
          ) : (
            <Deliveries caption="Deliveries without a rider" rows={waiting} riders={riders} now={now} />
          )}
          <h2>With a rider</h2>
          {moving.length === 0 ? (
            <p>Nobody is on the road.</p>
          ) : (
            <Deliveries caption="Deliveries with a rider" rows={moving} riders={riders} now={now} />
          )}
        </div>
        <aside class="stack">
          <h2>On duty</h2>
          {riders.length === 0 ? (
            <p>No rider is on duty.</p>
          ) : (
            <ul class="stack">
              {riders.map(({ id, name, plate, load, seenAt }) => (
                <li key={id} class="panel">
                  <strong>{name}</strong> <span class="meta">{plate}</span>
                  <br />
                  {load === 0 ? 'free' : `${load} to bring`}
                  <span class="meta">, {seenAt === null ? 'no place yet' : `place of ${ageText(now, seenAt)} ago`}</span>
                </li>
              ))}
            </ul>
          )}
        </aside>
      </div>
    </div>
  )
}

function Deliveries({
  caption,
  rows,
  riders,
  now,
}: {
  caption: string
  rows: readonly DeliveryDetail[]
  riders: readonly Rider[]
  now: Date
}) {
  return (
    <GridTable
      caption={caption}
      rows={rows}
      keyOf={({ id }) => id}
      columns={[
        { label: 'Order', cell: ({ orderNumber }) => <a href={`/admin/orders/${orderNumber}`}>{orderNumber}</a> },
        { label: 'State', cell: ({ state }) => <StateBadge delivery={state} /> },
        { label: 'From', cell: ({ warehouseName }) => warehouseName },
        { label: 'To', cell: ({ landmark, town }) => `${landmark}, ${town}` },
        {
          label: 'Promised',
          cell: ({ promisedTo }) =>
            promisedTo < now ? <strong class="text-error">{momentText(promisedTo)}, late</strong> : momentText(promisedTo),
        },
        { label: 'Rider', cell: ({ driverName, driverPlate }) => (driverName === null ? 'nobody' : `${driverName} ${driverPlate ?? ''}`) },
        {
          label: 'Seen',
          cell: ({ lastFixAt, driverName }) => (driverName === null || lastFixAt === null ? '' : `${ageText(now, lastFixAt)} ago`),
        },
        {
          label: 'Take back',
          cell: ({ id, state, number }) =>
            state === 'assigned' || state === 'picked_up' ? (
              <form method="post" action={`/admin/dispatch/${id}/unassign`}>
                <button class="btn btn-quiet" aria-label={`Take delivery ${number} back from its rider`}>
                  Take back
                </button>
              </form>
            ) : (
              ''
            ),
        },
        {
          label: 'Give to',
          cell: ({ id, number }) =>
            riders.length === 0 ? (
              ''
            ) : (
              <form method="post" action={`/admin/dispatch/${id}/assign`}>
                <select class="input" name="rider" aria-label={`Rider for delivery ${number}`}>
                  {riders.map((rider) => (
                    <option key={rider.id} value={rider.id}>
                      {rider.name} ({rider.load})
                    </option>
                  ))}
                </select>
                <button class="btn btn-quiet">Give</button>
              </form>
            ),
        },
      ]}
    />
  )
}

const ageText = (now: Date, then: Date): string => {
  const minutes = Math.max(0, Math.round((now.getTime() - then.getTime()) / 60_000))
  return minutes < 1 ? 'less than a minute' : minutes === 1 ? 'a minute' : `${minutes} minutes`
}
