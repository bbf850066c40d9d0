import { describe, expect, test } from 'bun:test'
import { createBatch } from '../../src/platform/batch.ts'
import { watchBursts } from '../../src/platform/burst.ts'

const tick = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve))

describe('a batch', () => {
  test('takes the first piece at once and gathers what comes while that is under way', async () => {
    const batches: number[][] = []
    const gates: (() => void)[] = []
    const batch = createBatch<number, number>({
      work: async (items) => {
        batches.push([...items])
        await new Promise<void>((resolve) => void gates.push(resolve))
        return items.map((item) => item * 10)
      },
      lanes: 1,
      most: 3,
      isOneToBlame: () => false,
    })
    const answers = Promise.all([1, 2, 3, 4, 5].map((item) => batch.add(item)))
    for (let turn = 0; turn < 3; turn++) {
      await tick()
      gates.shift()?.()
    }
    expect(await answers).toEqual([10, 20, 30, 40, 50])
    expect(batches).toEqual([[1], [2, 3, 4], [5]])
  })

  test('gives every piece a turn of its own when one of them may be to blame, and fails that one alone', async () => {
    const batch = createBatch<string, string>({
      work: async (items) => {
        await tick()
        if (items.includes('bad')) throw new Error('one is bad')
        return items.map((item) => `${item} done`)
      },
      lanes: 1,
      most: 10,
      isOneToBlame: () => true,
    })
    const answers = await Promise.allSettled(['first', 'a', 'bad', 'b'].map((item) => batch.add(item)))
    expect(answers.map((each) => (each.status === 'fulfilled' ? each.value : String(each.reason)))).toEqual([
      'first done',
      'a done',
      'Error: one is bad',
      'b done',
    ])
  })

  test('tells all of them when it is nobody’s fault, and takes the next ones', async () => {
    let isDown = true
    const batch = createBatch<number, number>({
      work: async (items) => {
        await tick()
        if (isDown) throw new Error('gone')
        return items
      },
      lanes: 1,
      most: 10,
      isOneToBlame: () => false,
    })
    const lost = await Promise.allSettled([1, 2, 3].map((item) => batch.add(item)))
    expect(lost.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected'])
    isDown = false
    expect(await batch.add(4)).toBe(4)
  })
})

describe('bursts', () => {
  test('a steady stream is none', () => {
    let now = 0
    const burst = watchBursts({ calls: 5, withinMs: 100, holdMs: 700 }, () => now)
    for (; now < 5_000; now += 30) {
      burst.note()
      expect(burst.holdMs()).toBe(0)
    }
  })

  test('work steps back while a burst lasts, never longer than it may, and is free again afterwards', () => {
    let now = 1_000
    const burst = watchBursts({ calls: 5, withinMs: 100, holdMs: 700 }, () => now)
    for (let call = 0; call < 5; call++) burst.note()
    expect(burst.holdMs()).toBe(200)
    now += 199
    expect(burst.holdMs()).toBe(1)
    now += 1
    expect(burst.holdMs()).toBe(0)

    now += 1_000
    const began = now
    let held = 0
    for (; now < began + 3_000; now += 5) {
      burst.note()
      if (burst.holdMs() > 0) held = now - began
    }
    expect(held).toBeGreaterThan(650)
    expect(held).toBeLessThan(720 + 5)
  })
})
