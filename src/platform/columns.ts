import { bigint, char, timestamp, uuid } from 'drizzle-orm/pg-core'

/** A UUIDv7 primary key, made by the app so that a managed Postgres before 18 works too. */
export const id = () => uuid().primaryKey()

/** Money in whole minor units; always beside a currency column. */
export const minor = () => bigint({ mode: 'bigint' })

/** ISO 4217 code of the amounts in the row. */
export const currency = () => char({ length: 3 }).notNull().default('KES')

/** An instant, UTC inside. */
export const moment = () => timestamp({ withTimezone: true, mode: 'date', precision: 3 })

/** When the row was written, by the database's clock. */
export const createdAt = () => moment().notNull().defaultNow()
