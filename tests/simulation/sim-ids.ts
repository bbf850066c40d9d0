import type { Ids } from '../../src/lib/ids.ts'
import type { Dice } from './dice.ts'

const letters = '23456789BCDFGHJKMNPQRSTVWXYZ'

/** Ids by dice: keys that sort by the run's time, tokens, order numbers. */
export function seededIds(dice: Dice, nowMs: () => number): Ids {
  const hex = (digits: number): string => Array.from({ length: digits }, () => dice.between(0, 15).toString(16)).join('')
  let count = 0
  return {
    next() {
      const time = nowMs().toString(16).padStart(12, '0')
      // A counter after the time keeps keys of one millisecond in the order of their making, as the real ones are.
      const order = (++count % 4_096).toString(16).padStart(3, '0')
      return `${time.slice(0, 8)}-${time.slice(8)}-7${order}-8${hex(3)}-${hex(12)}`
    },
    token: () => Buffer.from(hex(48), 'hex').toString('base64url'),
    orderNumber: () => `RAH-${Array.from({ length: 8 }, () => letters[dice.between(0, letters.length - 1)]).join('')}`,
  }
}
