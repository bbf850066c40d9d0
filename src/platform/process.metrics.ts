import type { Circuits } from './circuit.ts'
import type { Gate } from './gate.ts'
import type { ReadingSource } from './metrics.ts'
import type { HubCounters } from './realtime/hub.counters.ts'

/** The parts of a process that have something to tell. */
export interface ProcessParts {
  readonly gates: Readonly<Record<string, Gate>>
  readonly circuits: Circuits
  readonly hub: { readonly counters: HubCounters; describe(): { readonly sockets: number; readonly isBusUp: boolean } }
}

/** Queues, breakers and sockets of this process, as they are at the moment of the scrape. */
export function processReadings({ gates, circuits, hub }: ProcessParts): ReadingSource[] {
  const byLane = (value: (gate: Gate) => number) => () =>
    Object.entries(gates).map(([lane, gate]) => ({ labels: { lane }, value: value(gate) }))
  return [
    { name: 'shop_db_connections_in_use', help: 'Database connections at work, by lane.', read: byLane((gate) => gate.inUse) },
    { name: 'shop_db_waiting', help: 'Queries that wait for a database connection, by lane.', read: byLane((gate) => gate.waiting) },
    {
      name: 'shop_circuit_open',
      help: '1 while calls to a host are held back, 0.5 while one probes.',
      read: () => circuits.all().map(([host, state]) => ({ labels: { host }, value: { closed: 0, half_open: 0.5, open: 1 }[state] })),
    },
    { name: 'shop_sockets_open', help: 'Open WebSockets.', read: () => [{ labels: {}, value: hub.describe().sockets }] },
    {
      name: 'shop_bus_up',
      help: '1 while messages between processes flow.',
      read: () => [{ labels: {}, value: hub.describe().isBusUp ? 1 : 0 }],
    },
    {
      name: 'shop_sockets_closed_total',
      help: 'Closed WebSockets, by close code.',
      kind: 'counter',
      read: () => [...hub.counters.closed].map(([code, value]) => ({ labels: { code: String(code) }, value })),
    },
    {
      name: 'shop_realtime_total',
      help: 'What the realtime hub has done, by kind.',
      kind: 'counter',
      read: () =>
        Object.entries(hub.counters).flatMap(([kind, value]: [string, unknown]) =>
          typeof value === 'number' ? [{ labels: { kind }, value }] : [],
        ),
    },
    {
      name: 'shop_realtime_now',
      help: 'How the realtime hub is: milliseconds through Redis and of the last pong, bytes unread, sockets that lag.',
      read: () => Object.entries(hub.counters.gauges).map(([kind, value]) => ({ labels: { kind }, value })),
    },
  ]
}
