import { join } from 'node:path'
import { openShopWithoutServers } from '../support/shop-without-servers.ts'

// Writes the golden files anew, so that a reviewer reads what changed: `bun run golden`.
const shop = openShopWithoutServers()
const document: unknown = await (await shop.fetch('/swagger/json')).json()
await Bun.write(join(import.meta.dirname, 'openapi.json'), `${JSON.stringify(document, null, 2)}\n`)
await shop.close()
process.stdout.write('tests/golden/openapi.json\n')
