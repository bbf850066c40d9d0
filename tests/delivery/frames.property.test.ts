import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { oldPositionFrame, oldStatusUpdateFrame, readTrackFrame } from '../../src/domain/delivery/delivery.frames.ts'
import { judgeFix } from '../../src/domain/delivery/fix.rules.ts'

const kinds = ['position', 'status', 'ping', 'unknown', 'malformed']
const frameLike = fc.record(
  {
    type: fc.oneof(fc.constantFrom('position_update', 'update', 'position', 'status', 'ping', '__proto__', 'constructor'), fc.anything()),
    op: fc.oneof(fc.constantFrom('position', 'ping', 'status'), fc.anything()),
    lat: fc.anything(),
    lng: fc.anything(),
    status: fc.anything(),
    ts: fc.anything(),
  },
  { requiredKeys: [] },
)

test('no text a client sends makes reading throw, and what is taken for a position is judged without throwing', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.json(), frameLike.map(stringifyOrEmpty)), (text) => {
      const frame = readTrackFrame(text)
      expect(kinds).toContain(frame.kind)
      if (frame.kind !== 'position') return
      const verdict = judgeFix(
        { lat: frame.lat, lng: frame.lng, fixedAt: typeof frame.ts === 'number' ? new Date(frame.ts) : undefined },
        new Date(),
      )
      if (!verdict.ok) return
      expect(Math.abs(verdict.fix.lat)).toBeLessThanOrEqual(90)
      expect(Math.abs(verdict.fix.lng)).toBeLessThanOrEqual(180)
    }),
    { numRuns: 2_000 },
  )
})

test('a frame goes out in the predecessor’s words and order', () => {
  expect(oldPositionFrame({ lat: -1.283333, lng: 36.816667, state: 'en_route', ts: 1_795_507_200_000 })).toBe(
    '{"type":"position_update","lat":-1.283333,"lng":36.816667,"status":"en_route","ts":1795507200000}',
  )
  expect(
    oldStatusUpdateFrame({
      deliveryId: '',
      number: 7,
      state: 'assigned',
      assignedAt: '2026-11-24T12:21:00.000Z',
      pickedUpAt: null,
      deliveredAt: null,
    }),
  ).toBe(
    '{"type":"status_update","id":7,"status":"assigned","assigned_at":"2026-11-24T12:21:00.000Z","picked_up_at":null,"delivered_at":null}',
  )
})

function stringifyOrEmpty(value: unknown): string {
  try {
    return JSON.stringify(value) ?? ''
  } catch {
    // BigInts and circles cannot be sent; an empty frame can.
    return ''
  }
}
