import { hashPassword } from '../../src/domain/accounts/hash-password.ts'
import { type Bench, median, pairedFigure } from './figure.ts'
import { startShop, withServers } from './measured-process.ts'

const rounds = 120

/**
 * What the delay of an answer tells about an account: signing in, asking for a link and registering, for somebody who has an account
 * beside somebody who has none, turn and turn about. The promise is that the middle ones differ by less than 5 ms (design:
 * reliability.md 5.6); the ratio here is known to unknown.
 */
export const bench: Bench = () =>
  withServers(async (database, redisUrl) => {
    const shop = await startShop(database, redisUrl)
    try {
      const passwordHash = await hashPassword('mango boda sunrise 7')
      for (let nr = 0; nr < rounds; nr++)
        await database.sql`insert into accounts (id, email, name, password_hash) values (${Bun.randomUUIDv7()}, ${`known-${nr}@example.co.ke`}, 'Known', ${passwordHash})`
      const timed = async (path: string, body: unknown): Promise<number> => {
        const began = performance.now()
        const answer = await fetch(`${shop.origin}${path}`, {
          method: 'POST',
          body: JSON.stringify(body),
          headers: { 'content-type': 'application/json' },
        })
        await answer.arrayBuffer()
        return performance.now() - began
      }
      const compare = async (name: string, path: string, body: (email: string) => unknown) => {
        const known: number[] = []
        const unknown: number[] = []
        for (let nr = 0; nr < rounds; nr++) {
          known.push(await timed(path, body(`known-${nr}@example.co.ke`)))
          unknown.push(await timed(path, body(`nobody-${nr}@example.co.ke`)))
        }
        return [
          pairedFigure(`${name} known/unknown`, 'ms', known, unknown),
          { name: `${name} difference of the middle ones`, value: Math.abs(median(known) - median(unknown)), unit: 'ms', reference: 5 },
        ]
      }
      return [
        ...(await compare('sign-in', '/api/v1/auth/login', (login) => ({ login, password: 'not the password' }))),
        ...(await compare('link', '/api/v1/auth/password/forgot', (login) => ({ login }))),
        ...(await compare('register', '/api/v1/auth/register', (email) => ({
          name: 'X',
          email,
          password: 'mango boda sunrise 7',
          acceptsTerms: true,
        }))),
      ]
    } finally {
      await shop.end()
    }
  })
