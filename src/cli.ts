/** The shop's commands for the people who run it: `bun run shop <command>`. Each is loaded only when it is called. */

interface Command {
  readonly says: string
  /** Answers the exit code. */
  run(args: readonly string[]): Promise<number>
}

const commands: Readonly<Record<string, Command>> = {
  doctor: {
    says: 'examine configuration, servers, schema and data; exits with 1 when something has to be mended',
    run: async () => (await import('./cli/doctor.ts')).doctor(),
  },
  migrate: {
    says: 'apply pending migrations to DATABASE_URL',
    run: async () => (await import('./cli/apply-migrations.ts')).applyMigrations(),
  },
  'make-admin': {
    says: 'make the first admin of a shop and print the link that sets the password: --email you@your-shop.co.ke [--name "Your Name"]',
    run: async (args) => (await import('./cli/make-admin.ts')).makeAdmin(args),
  },
  seed: {
    says: 'fill an empty shop with the demo catalogue, places and people (never in production): [--products 10000] [--orders 100000]',
    run: async (args) => (await import('./cli/fill-shop.ts')).fillShop(args),
  },
  simulate: {
    says: 'let shoppers buy, pay, mistype, cancel and run out of money on the running sandbox: [--url http://localhost:3000] [--shoppers 6]',
    run: async (args) => (await import('./cli/simulate.ts')).simulate(args),
  },
  demo: {
    says: 'one order from the shelf to the door on the running sandbox, step by step: [--url http://localhost:3000] [--fixes 8]',
    run: async (args) => (await import('./cli/demo.ts')).demo(args),
  },
  drive: {
    says: 'one rider brings a delivery to the door over the real socket: [--as dennis@example.co.ke] [--delivery number] [--fixes 30]',
    run: async (args) => (await import('./cli/drive.ts')).drive(args),
  },
  replay: {
    says: 'let stored messages of providers be worked again: <id>...',
    run: async (args) => (await import('./cli/replay.ts')).replay(args),
  },
  reconcile: {
    says: 'compare the providers’ own lists with ours: [--provider stripe] [--since 2026-11-23] [--dry-run]',
    run: async (args) => (await import('./cli/reconcile.ts')).reconcile(args),
  },
  'import-legacy': {
    says: 'take over the old Django shop: --from postgres://, mysql:// or sqlite://file [--apply] [--report file] [--source django]',
    run: async (args) => (await import('./cli/import-legacy.ts')).importLegacy(args),
  },
  map: {
    says: 'print layers, modules, functions, routes and background work',
    run: async () => (await import('./cli/map.ts')).map(),
  },
}

const [name = 'help', ...args] = process.argv.slice(2)
const command = commands[name]
if (command === undefined) {
  process.stdout.write(
    `bun run shop <command>\n\n${Object.entries(commands)
      .map(([each, { says }]) => `  ${each.padEnd(13)} ${says}\n`)
      .join('')}`,
  )
  process.exit(name === 'help' || name === '--help' ? 0 : 1)
}
process.exit(await command.run(args))
