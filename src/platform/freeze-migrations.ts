import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { migrationsFolder, readJournal } from './migrate.ts'

// Run with each release: from then on these files have been applied somewhere and may not change (tests/platform/migrations.test.ts).
// Beside the meta folder, in which drizzle-kit takes every file for one of its own.
const hashes = Object.fromEntries(readJournal().map(({ tag, hash }) => [tag, hash]))
writeFileSync(join(migrationsFolder, 'hashes.json'), `${JSON.stringify(hashes, null, 2)}\n`)
