import { pgTable, primaryKey, text } from 'drizzle-orm/pg-core'

/**
 * The allowed moves of every state machine, as data that a trigger enforces on orders, transactions and deliveries.
 * Filled by migrations; a test compares it with the state tables in the code.
 */
export const stateTransitions = pgTable(
  'state_transitions',
  { machine: text().notNull(), fromState: text().notNull(), toState: text().notNull() },
  (table) => [primaryKey({ columns: [table.machine, table.fromState, table.toState] })],
)
