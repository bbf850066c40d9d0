import { expect, test } from 'bun:test'
import { Refusal } from '../../src/lib/refusal.ts'
import { createGate } from '../../src/platform/gate.ts'

test('waiting callers get places in the order they came', async () => {
  const gate = createGate({ places: 2, waitMs: 5_000 })
  const leave = [await gate.enter(), await gate.enter()]
  const order: number[] = []
  const waiting = [1, 2, 3].map(async (caller) => {
    const done = await gate.enter()
    order.push(caller)
    done()
  })
  expect([gate.inUse, gate.waiting]).toEqual([2, 3])
  leave[0]!()
  await Promise.all(waiting)
  expect(order).toEqual([1, 2, 3])
  leave[1]!()
  leave[1]!()
  expect([gate.inUse, gate.waiting]).toEqual([0, 0])
})

test('a caller who waits too long is refused with 503 and a time to come back', async () => {
  const gate = createGate({ places: 1, waitMs: 10 })
  const leave = await gate.enter()
  const refused = await gate.enter().catch((error: unknown) => error)
  expect(refused).toBeInstanceOf(Refusal)
  expect(refused).toMatchObject({ code: 'overloaded', status: 503, retryAfterS: 1 })
  expect(gate.waiting).toBe(0)
  leave()
  expect(gate.inUse).toBe(0)
})

test('a full queue refuses at once', async () => {
  const gate = createGate({ places: 1, waitMs: 60_000, queueLimit: 1 })
  const leave = await gate.enter()
  const second = gate.enter()
  expect(await gate.enter().catch((error: Refusal) => error.code)).toBe('overloaded')
  leave()
  ;(await second)()
})

test('those in a hurry go first, but every fifth place goes to somebody who is not', async () => {
  const gate = createGate({ places: 1, waitMs: 60_000 })
  const leave = await gate.enter()
  const order: string[] = []
  const come = async (name: string, isUrgent: boolean): Promise<void> => {
    const done = await gate.enter(isUrgent)
    order.push(name)
    done()
  }
  const all = [...['a', 'b'].map((name) => come(name, false)), ...['1', '2', '3', '4', '5', '6'].map((name) => come(name, true))]
  expect(gate.waiting).toBe(8)
  leave()
  await Promise.all(all)
  expect(order).toEqual(['1', '2', '3', '4', 'a', '5', '6', 'b'])
  expect([gate.inUse, gate.waiting]).toEqual([0, 0])
})
