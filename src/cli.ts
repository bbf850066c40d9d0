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
  seed: {
    says: 'fill an empty shop with the demo catalogue, places and people (never in production)',
    run: async () => (await import('./cli/fill-shop.ts')).fillShop(),
  },
  simulate: {
    says: 'let shoppers buy, pay, mistype, cancel and run out of money on the running sandbox: [--url http://localhost:3000] [--shoppers 6]',
    run: async (args) => (await import('./cli/simulate.ts')).simulate(args),
  },
  map: {
    says: 'print layers, modules, functions, routes and background work',
    run: async () => (await import('./cli/map.ts')).map(),
  },
}

const [name = 'help', ...args] = process.argv.slice(2)
const command = commands[name]
if (command === undefined) {
  process.stdout.write(`bun run shop <command>\n\n${Object.entries(commands).map(([each, { says }]) => `  ${each.padEnd(9)} ${says}\n`).join('')}`)
  process.exit(name === 'help' || name === '--help' ? 0 : 1)
}
process.exit(await command.run(args))
