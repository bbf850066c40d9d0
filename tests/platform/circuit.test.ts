import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { type Circuit, createCircuits } from '../../src/platform/circuit.ts'
import { createLog } from '../../src/platform/log.ts'
import { createOutgoing, OutgoingError } from '../../src/platform/outgoing.ts'
import { fakeClock } from '../support/fake-clock.ts'

const open = (more: { waitMs?: number; random?: () => number } = {}) => {
  const clock = fakeClock()
  const changes: string[] = []
  const circuits = createCircuits({ clock, random: () => 0, onChange: (host, state) => void changes.push(`${host} ${state}`), ...more })
  return { clock, changes, circuits, circuit: circuits.of('provider') }
}

/** One call with an outcome; false when it was held back. */
async function call(circuit: Circuit, outcome: 'answered' | 'failed'): Promise<boolean> {
  const pass = await circuit.enter()
  pass?.end(outcome)
  return pass !== undefined
}
const fail = async (circuit: Circuit, times: number): Promise<void> => {
  for (let count = 0; count < times; count++) await call(circuit, 'failed')
}

describe('a circuit', () => {
  test('opens at the fifth failure within ten seconds, and only that host’s', async () => {
    const { circuit, circuits } = open()
    await fail(circuit, 4)
    expect(circuit.state).toBe('closed')
    await fail(circuit, 1)
    expect(circuit.state).toBe('open')
    expect(await call(circuit, 'answered')).toBe(false)
    expect(await call(circuits.of('another'), 'answered')).toBe(true)
  })

  test('forgets failures that are ten seconds old', async () => {
    const { circuit, clock } = open()
    await fail(circuit, 4)
    clock.advance(10_000)
    await fail(circuit, 4)
    expect(circuit.state).toBe('closed')
  })

  test('stays closed for a busy host that fails now and then', async () => {
    const { circuit } = open()
    for (let count = 0; count < 20; count++) {
      await call(circuit, 'answered')
      await call(circuit, 'answered')
      await call(circuit, 'failed')
    }
    expect(circuit.state).toBe('closed')
  })

  test('lets one probe through after two seconds and closes when it is answered', async () => {
    const { circuit, clock, changes } = open()
    await fail(circuit, 5)
    clock.advance(1_999)
    expect(await circuit.enter()).toBeUndefined()
    clock.advance(1)
    const [probe, ...others] = await Promise.all([circuit.enter(), circuit.enter(), circuit.enter()])
    expect([probe === undefined, ...others]).toEqual([false, undefined, undefined])
    probe?.end('answered')
    expect(await call(circuit, 'answered')).toBe(true)
    expect(changes).toEqual(['provider open', 'provider half_open', 'provider closed'])
  })

  test('a failed probe opens it for another pause, a little longer by chance', async () => {
    const { circuit, clock } = open({ random: () => 0.8 })
    await fail(circuit, 5)
    clock.advance(2_399)
    expect(await circuit.enter()).toBeUndefined()
    clock.advance(1)
    expect(await call(circuit, 'failed')).toBe(true)
    clock.advance(2_399)
    expect(await circuit.enter()).toBeUndefined()
    clock.advance(1)
    expect(await call(circuit, 'answered')).toBe(true)
    expect(circuit.state).toBe('closed')
  })

  test('is not moved by what calls from before its last change have to tell', async () => {
    const { circuit, clock } = open()
    const late = await circuit.enter()
    const later = await circuit.enter()
    await fail(circuit, 5)
    late?.end('answered')
    expect(circuit.state).toBe('open')
    clock.advance(2_000)
    const probe = await circuit.enter()
    later?.end('failed')
    expect(circuit.state).toBe('half_open')
    probe?.end('answered')
    expect(circuit.state).toBe('closed')
  })

  test('lets ten calls go at once; the eleventh waits for a place, and is held back when none comes free', async () => {
    const { circuit } = open()
    const passes = await Promise.all(Array.from({ length: 10 }, () => circuit.enter()))
    const eleventh = circuit.enter()
    passes[3]?.end('answered')
    expect(await eleventh).toBeDefined()
    const hurried = open({ waitMs: 1 }).circuit
    await Promise.all(Array.from({ length: 10 }, () => hurried.enter()))
    expect(await hurried.enter()).toBeUndefined()
    expect(hurried.state).toBe('closed')
  })

  test('those who waited for a place while it opened are held back', async () => {
    const { circuit } = open()
    const passes = await Promise.all(Array.from({ length: 10 }, () => circuit.enter()))
    const waiting = circuit.enter()
    for (const pass of passes.slice(0, 5)) pass?.end('failed')
    // The first place came free before the fifth failure.
    ;(await waiting)?.end('failed')
    expect(circuit.state).toBe('open')
    expect(await circuit.enter()).toBeUndefined()
  })
})

describe('the way out of the process', () => {
  let server: ReturnType<typeof Bun.serve>
  let status = 503
  let arrivals = 0
  beforeAll(() => {
    server = Bun.serve({
      port: 0,
      hostname: '127.0.0.1',
      fetch() {
        arrivals++
        return Response.json({ status }, { status })
      },
    })
  })
  afterAll(async () => await server.stop(true))

  test('a call held back has no effect, is known not to have been sent, and goes through when the host is well again', async () => {
    const { clock, circuits } = open()
    const outgoing = createOutgoing({ allowedHosts: [`127.0.0.1:${server.port}`], circuits, log: createLog('silent'), clock })
    const send = async () => await outgoing.call({ method: 'POST', url: `http://127.0.0.1:${server.port}/`, body: {}, purpose: 'test' })
    for (let count = 0; count < 5; count++) expect((await send()).status).toBe(503)
    const refused = await send().catch((error: unknown) => error)
    expect(refused).toBeInstanceOf(OutgoingError)
    expect(refused).toMatchObject({ failure: 'circuit_open', isUnknown: false })
    expect(arrivals).toBe(5)
    status = 200
    clock.advance(2_000)
    expect((await send()).status).toBe(200)
    expect((await send()).status).toBe(200)
    expect(arrivals).toBe(7)
  })

  test('a plain 500 is an answer: M-Pesa says so of a prompt that still waits for its PIN', async () => {
    const { clock, circuits } = open()
    const outgoing = createOutgoing({ allowedHosts: [`127.0.0.1:${server.port}`], circuits, log: createLog('silent'), clock })
    status = 500
    for (let count = 0; count < 12; count++)
      expect((await outgoing.call({ method: 'GET', url: `http://127.0.0.1:${server.port}/`, purpose: 'test' })).status).toBe(500)
  })
})
