import asyncapiSpecs from '@asyncapi/specs'
import { Ajv, type ValidateFunction } from 'ajv'
import { afterAll, beforeAll, expect, test } from 'bun:test'
import { notifySends, trackReceives, trackSends } from '../../src/domain/delivery/asyncapi.document.ts'
import { openShop, type TestShop } from '../support/shop.ts'
import { openSocket } from '../support/socket-probe.ts'
import { bring, type Crew, crew, packed } from './delivery-story.ts'

let shop: TestShop
let people: Crew
beforeAll(async () => {
  shop = await openShop()
  shop.context.outbox.start()
  people = await crew(shop)
})
afterAll(() => shop.close())

// Formats are for people; a document is not judged by them here.
const ajv = new Ajv({ strict: false, validateFormats: false, allErrors: true })
const check = (validate: ValidateFunction, value: unknown): unknown[] => (validate(value) ? [] : (validate.errors ?? []))

test('the document beside Swagger is a valid AsyncAPI 3 document', async () => {
  const answer = await shop.fetch('/swagger/asyncapi.json')
  expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'application/json'])
  const document = (await answer.json()) as { asyncapi: string; channels: Record<string, { messages: object }>; operations: object }
  expect(check(ajv.compile(asyncapiSpecs.schemasWithoutId['3.0.0'] as object), document)).toEqual([])
  expect(document.asyncapi).toBe('3.0.0')
  expect(Object.keys(document.channels)).toEqual(['track', 'trackOld', 'notifications', 'notificationsOld'])
  // Every reference leads somewhere.
  for (const [, pointer = ''] of JSON.stringify(document).matchAll(/"\$ref":"#\/([^"]+)"/g)) {
    const found = pointer.split('/').reduce<unknown>((part, key) => (part as Record<string, unknown> | undefined)?.[key], document)
    expect(found, pointer).toBeDefined()
  }
  expect(await (await shop.fetch('/swagger')).text()).toContain('href="/swagger/asyncapi.json"')
})

test('every example fits its own schema', () => {
  for (const [kind, { payload, examples }] of [trackSends, trackReceives, notifySends].flatMap((all) => Object.entries(all)))
    for (const example of examples) expect(check(ajv.compile(payload), example), kind).toEqual([])
})

test('what the sockets say is what the document says', async () => {
  const story = await packed(shop, people.staff)
  const open = (query: string, headers: Record<string, string>) =>
    openSocket(`${shop.origin}/ws/delivery/track/${story.id}${query}`, { 'sec-websocket-protocol': 'track.v1', ...headers })
  await bring(story, people.rider, 'assigned')
  const watcher = await open(`?token=${story.order.token}&off=0`, {})
  const rider = await open('', { authorization: `Bearer ${people.rider.token}` })
  await Promise.all([watcher.atLeast(2), rider.atLeast(2)])
  rider.send({ t: 'st', id: 'pick-up', to: 'picked_up' })
  rider.send({ t: 'st', id: 'too-soon', to: 'delivered', proof: { code: '0' } })
  rider.send({ t: 'pos', n: 1, sid: 'a', lat: -1.3, lng: 36.8, ts: Date.now(), acc: 9 })
  rider.send({ t: 'posb', sid: 'a', f: [[2, Date.now(), 51, 0]] })
  rider.send({ t: 'ping', x: 'here' })
  rider.send({ t: 'unknown' })
  await rider.find((frame) => frame['c'] === 'unknown_frame')
  await rider.find((frame) => frame['t'] === 'cfg')
  await watcher.find((frame) => frame['t'] === 'pos')
  const late = await open(`?token=${story.order.token}`, {})
  await late.atLeast(2)
  await people.staff.post(`/api/v1/deliveries/${story.id}/deliver`, { code: '' })
  await Promise.all([watcher.closed, rider.closed, late.closed])
  const notices = await openSocket(`${shop.origin}/ws/notifications?off=0`, {
    'sec-websocket-protocol': 'notify.v1',
    authorization: `Bearer ${people.rider.token}`,
  })
  await notices.atLeast(2)
  notices.send({ t: 'read', o: 1 })
  await notices.find((frame) => frame['t'] === 'ack')

  const seen = new Set<string>()
  const judge = (frames: readonly string[], known: typeof trackSends): void => {
    for (const text of frames) {
      const frame = JSON.parse(text) as { t: string }
      seen.add(frame.t)
      expect(check(ajv.compile(known[frame.t]?.payload ?? false), frame), text).toEqual([])
    }
  }
  for (const socket of [watcher, rider, late]) judge(socket.frames, trackSends)
  judge(notices.frames, notifySends)
  expect([...seen].sort()).toEqual(['ack', 'bye', 'cfg', 'end', 'err', 'evt', 'hi', 'pong', 'pos', 'snap'])
  await notices.close()
})
