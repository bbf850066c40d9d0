import { ConfigError, readConfig } from '../platform/config.ts'
import { redactText } from '../platform/log.ts'
import { migrate } from '../platform/migrate.ts'

/** `shop migrate`: brings the named database up to this version's schema. Run once before the new version serves. */
export async function applyMigrations(): Promise<number> {
  try {
    const { databaseUrl } = readConfig()
    if (databaseUrl === undefined) {
      process.stderr.write('DATABASE_URL is not set; the embedded database migrates itself when the shop starts.\n')
      return 1
    }
    const { applied } = await migrate({ url: databaseUrl })
    process.stdout.write(`The schema is current: ${applied.length} migrations, the last is ${applied.at(-1) ?? 'none'}.\n`)
    return 0
  } catch (error) {
    process.stderr.write(`${error instanceof ConfigError ? error.message : redactText(String(error))}\n`)
    return 1
  }
}
