import type { Config } from '../../platform/config.ts'
import { demoPassword, people } from './people.data.ts'

const what = {
  admin: 'staff, everything',
  support: 'staff, support',
  'vendor-owner': 'vendor, owner',
  'vendor-staff': 'vendor, staff',
  driver: 'rider',
  shopper: 'shopper',
} as const

/** What a person who started the demo shop wants to know: where it is, and who they can be in it. For the terminal, not the log. */
export function demoWelcome(config: Config, port: number): string {
  const origin = `http://localhost:${port}`
  const shown = (Object.keys(what) as (keyof typeof what)[]).map((role) => people.find((person) => person.role === role))
  const logins = shown.flatMap((person) => (person === undefined ? [] : [`    ${person.email.padEnd(32)} ${what[person.role]}`]))
  return [
    '',
    '  Rahim Online is open (demo shop, simulated payments)',
    '',
    `    Shop      ${origin}/`,
    `    Rider     ${origin}/driver`,
    `    API docs  ${origin}/swagger`,
    ...(config.sandbox ? [`    Sandbox   ${origin}/sandbox   the phone that gets the M-Pesa prompts`] : []),
    '',
    `  Sign in at ${origin}/account with the password ${demoPassword} as`,
    '',
    ...logins,
    '',
    '  Watch a whole order in another terminal: bun run demo',
    '  Ctrl-C closes the shop and everything it started.',
    '',
    '',
  ].join('\n')
}
