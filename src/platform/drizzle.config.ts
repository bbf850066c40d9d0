import type { Config } from 'drizzle-kit'

/** For `drizzle-kit generate`: every table file of the shop, one migrations folder. */
export default {
  dialect: 'postgresql',
  schema: ['./src/platform/*.table.ts', './src/domain/*/*.table.ts'],
  out: './drizzle',
  casing: 'snake_case',
} satisfies Config
