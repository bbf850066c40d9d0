import { refusals } from '../../lib/refusal.ts'
import { closeCodes } from '../../platform/realtime/close-codes.ts'
import { notificationEvents } from '../notifications/notification.events.ts'
import { deliveryStates } from './delivery.states.ts'
import { mostFixes } from './track-v1.frames.ts'

type Schema = Readonly<Record<string, unknown>>

const text = (description: string, more: Schema = {}): Schema => ({ type: 'string', description, ...more })
const whole = (description: string, more: Schema = {}): Schema => ({ type: 'integer', minimum: 0, description, ...more })
const number = (description: string, more: Schema = {}): Schema => ({ type: 'number', description, ...more })
const orNull = (schema: Schema): Schema => ({ ...schema, type: [schema['type'], 'null'] })
const listOf = (items: Schema, more: Schema = {}): Schema => ({ type: 'array', items, ...more })
const instant = (description: string): Schema => text(description, { format: 'date-time' })
const one = (name: string): Schema => ({ const: name })
const object = (properties: Readonly<Record<string, Schema>>, optional: readonly string[] = [], more: Schema = {}): Schema => ({
  type: 'object',
  properties,
  required: Object.keys(properties).filter((name) => !optional.includes(name)),
  ...more,
})

interface Message {
  readonly summary: string
  readonly payload: Schema
  readonly examples: readonly Schema[]
}
const message = (summary: string, payload: Schema, ...examples: Schema[]): Message => ({ summary, payload, examples })

const id = text('The client’s own name of a request; the answer carries it.', { pattern: '^[A-Za-z0-9_-]{1,64}$' })
const channel = text('`d:` and a delivery’s id or number.', { pattern: '^d:[0-9a-fA-F-]{1,36}$' })
const state = text('The state of the delivery.', { enum: deliveryStates.all })
const lat = number('Degrees north, inside Kenya.', { minimum: -90, maximum: 90 })
const lng = number('Degrees east, inside Kenya.', { minimum: -180, maximum: 180 })
const ts = whole('When the fix was taken, epoch milliseconds.')
const exactness = {
  acc: orNull(number('Accuracy in metres; past 100 a fix neither moves the rider nor joins the trail.', { minimum: 0 })),
  spd: orNull(number('Metres a second.', { minimum: 0 })),
  brg: orNull(number('Degrees from north.', { minimum: 0, maximum: 360 })),
}
const shown = {
  s: whole('Only grows. What is not larger than the last one is old: drop it.'),
  lat: number('Four places for shoppers, six for the driver, the vendor and staff.'),
  lng: number('As `lat`.'),
  ...exactness,
  ts,
}
const arrival = object({ from: instant('Earliest.'), to: instant('Latest.') }, [])
const happened = {
  o: whole('Counts without gaps for each delivery. Remember the last one and give it as `off` when you come back.'),
  k: text('What happened: `created`, `assigned`, `unassigned`, or the state it led to.'),
  st: state,
  at: instant('When.'),
  assignedAt: orNull(instant('When the driver was given it.')),
  pickedUpAt: orNull(instant('When the goods were picked up.')),
  deliveredAt: orNull(instant('When they were handed over.')),
}
const notice = {
  o: whole('Counts without gaps for each person.'),
  k: text('What it is about.', { enum: Object.keys(notificationEvents) }),
  id: text('Id of the notice.'),
  title: text('A few words.'),
  message: text('A sentence.'),
  level: text('How to show it.', { enum: ['info', 'success', 'warning', 'error'] }),
  url: orNull(text('A path of the shop.')),
  data: { type: 'object', description: 'More, by event.' },
  at: instant('When.'),
}
const aDelivery = '01936f5e-8f2a-7c31-9d7e-2f6b1c0a4e55'
const anEvent = {
  o: 4,
  k: 'en_route',
  st: 'en_route',
  at: '2026-11-24T09:00:00.000Z',
  assignedAt: '2026-11-24T08:40:00.000Z',
  pickedUpAt: '2026-11-24T08:55:00.000Z',
  deliveredAt: null,
}
const aPosition = { s: 1795507200000, lat: -1.2833, lng: 36.8167, acc: 12, spd: 6.1, brg: 90, ts: 1795507200000 }

const hi = message(
  'The first frame.',
  object({
    t: one('hi'),
    v: { const: 1 },
    sid: text('The server’s name of this socket, for its logs.'),
    now: whole('The server’s clock, epoch milliseconds.'),
    hb: whole('Seconds between pings.'),
  }),
  { t: 'hi', v: 1, sid: aDelivery, now: 1795507200000, hb: 25 },
)
const ping = message(
  'Are you there? Answer `pong` within ten seconds; also sent as a ping of the protocol.',
  object({ t: one('ping'), x: {} }, ['x']),
  { t: 'ping', x: 1 },
)
const pong = message('I am.', object({ t: one('pong'), x: {} }, ['x']), { t: 'pong', x: 1 })
const bye = message(
  'The last frame before a close.',
  object({ t: one('bye'), c: whole('The close code.'), retry: whole('Come back after so many milliseconds.') }, ['retry']),
  { t: 'bye', c: 1012, retry: 3120 },
)

/** What the server says in `track.v1`, by the value of `t`. */
export const trackSends: Readonly<Record<string, Message>> = {
  hi,
  snap: message(
    'The present of a delivery; the answer to connecting and to `sub`. `rec`: `evs` are all the events since the one you had heard; when you gave one and it is false, load the delivery over HTTP.',
    object(
      {
        t: one('snap'),
        id,
        ch: channel,
        off: whole('Number of the last event.'),
        rec: { type: 'boolean' },
        st: object({
          id: text('The delivery.'),
          number: whole('Its short number.'),
          role: text('As what you watch.', { enum: ['driver', 'staff', 'vendor', 'owner', 'link', 'share'] }),
          state,
          assignedAt: happened.assignedAt,
          pickedUpAt: happened.pickedUpAt,
          enRouteAt: orNull(instant('When the ride began.')),
          arrivedAt: orNull(instant('When the rider was near.')),
          deliveredAt: happened.deliveredAt,
        }),
        pos: { oneOf: [object(shown), { type: 'null' }] },
        eta: { oneOf: [object({ from: instant('Not before.'), to: instant('Probably by then.') }), { type: 'null' }] },
        evs: listOf(object(happened)),
      },
      ['id'],
    ),
    {
      t: 'snap',
      ch: `d:${aDelivery}`,
      off: 4,
      rec: false,
      st: {
        id: aDelivery,
        number: 7,
        role: 'link',
        state: 'en_route',
        assignedAt: null,
        pickedUpAt: null,
        enRouteAt: null,
        arrivedAt: null,
        deliveredAt: null,
      },
      pos: aPosition,
      eta: { from: '2026-11-24T09:10:00.000Z', to: '2026-11-24T09:25:00.000Z' },
      evs: [],
    },
  ),
  pos: message(
    'Where the rider is. The newest only; some may be skipped.',
    object({ t: one('pos'), ch: channel, ...shown, eta: arrival }, ['eta']),
    {
      t: 'pos',
      ch: `d:${aDelivery}`,
      ...aPosition,
    },
  ),
  evt: message('Something happened. Every one, once, in order.', object({ t: one('evt'), ch: channel, ...happened }), {
    t: 'evt',
    ch: `d:${aDelivery}`,
    ...anEvent,
  }),
  ack: message(
    'Fixes up to `n` were taken, or the action `id` was done; forget them. `bad` names fixes that were left out, and why.',
    object(
      {
        t: one('ack'),
        n: whole('The largest number of the fixes.'),
        id,
        bad: listOf({
          type: 'array',
          items: [
            whole('Its number.'),
            text('Why.', { enum: ['invalid_payload', 'out_of_range', 'from_the_future', 'inaccurate', 'too_fast'] }),
          ],
        }),
      },
      ['n', 'id', 'bad'],
    ),
    { t: 'ack', n: 12 },
    { t: 'ack', id: 'a1b2c3d4' },
  ),
  err: message(
    'No. Send the same again after `retry` seconds when it is there; else it will be refused again.',
    object(
      {
        t: one('err'),
        id,
        n: whole('The largest number of the fixes that were refused.'),
        c: text('A refusal code of the shop.', { enum: Object.keys(refusals) }),
        m: text('A sentence a person may read.'),
        retry: number('Seconds.'),
      },
      ['id', 'n', 'retry'],
    ),
    { t: 'err', id: 'a1b2c3d4', c: 'delivery_state', m: refusals.delivery_state.message },
  ),
  cfg: message(
    'How to send from now on: `ivl` milliseconds between fixes, `min` metres moved, `acc` metres of accuracy.',
    object({ t: one('cfg'), d: text('The delivery.'), ivl: whole('Milliseconds.'), min: whole('Metres.'), acc: whole('Metres.') }),
    { t: 'cfg', d: aDelivery, ivl: 5000, min: 25, acc: 50 },
  ),
  ping,
  pong,
  end: message('A watch has ended; the socket may stay for the others.', object({ t: one('end'), ch: channel, why: text('Why.') }), {
    t: 'end',
    ch: `d:${aDelivery}`,
    why: 'unsubscribed',
  }),
  bye,
}

const about = text('The delivery, by id or number; the one of the address when absent.')

/** What the server takes in `track.v1`. */
export const trackReceives: Readonly<Record<string, Message>> = {
  sub: message(
    'Watch one delivery more, or be greeted again. At most 128 on a socket.',
    object({ t: one('sub'), id, ch: channel, off: whole('Last event heard.') }, ['id', 'off']),
    { t: 'sub', id: 's1', ch: 'd:42', off: 3 },
  ),
  unsub: message('Watch it no more; answered by `end`.', object({ t: one('unsub'), ch: channel }), { t: 'unsub', ch: 'd:42' }),
  pos: message(
    'From the driver: where I am. Answered by `ack`; until then keep it and send it again.',
    object(
      {
        t: one('pos'),
        d: about,
        sid: text('Your name of this run of the app.'),
        n: whole('Counts up.'),
        lat,
        lng,
        ...exactness,
        ts,
        bat: number('Battery, percent.', { minimum: 0, maximum: 100 }),
      },
      ['d', 'sid', 'acc', 'spd', 'brg', 'ts', 'bat'],
    ),
    { t: 'pos', sid: 'r1', n: 12, lat: -1.28333, lng: 36.81667, acc: 12, spd: 6.1, brg: 90, ts: 1795507200000, bat: 64 },
  ),
  posb: message(
    'From the driver: the way I made without signal, oldest first. Counts as one frame. Old fixes join the trail and never move the rider.',
    object(
      {
        t: one('posb'),
        d: about,
        sid: text('Your name of this run of the app.'),
        f: listOf(
          { type: 'array', description: '[n, ts, lat, lng, acc, spd, brg]', minItems: 4, maxItems: 7 },
          { minItems: 1, maxItems: mostFixes },
        ),
        bat: number('Battery, percent.'),
      },
      ['d', 'sid', 'bat'],
    ),
    {
      t: 'posb',
      sid: 'r1',
      f: [
        [12, 1795507200000, -1.28333, 36.81667, 12, 6.1, 90],
        [13, 1795507208000, -1.28343, 36.81667, 10, 6, 90],
      ],
    },
  ),
  st: message(
    'From the driver: a step of the delivery. Keep it until `ack`; sent again with the same `id` it is done once.',
    object(
      {
        t: one('st'),
        id,
        d: about,
        to: text('The state it leads to.', { enum: ['picked_up', 'en_route', 'arriving', 'delivered', 'failed'] }),
        at: { type: ['integer', 'string'], description: 'When it was done: epoch milliseconds or RFC 3339.' },
        proof: object({ code: text('The shopper’s four digits.') }),
        reason: text('For `failed`.', { enum: ['no_answer', 'wrong_place', 'refused', 'no_money', 'closed', 'accident', 'other'] }),
      },
      ['d', 'at', 'proof', 'reason'],
    ),
    { t: 'st', id: 'a1b2c3d4', to: 'delivered', at: 1795507200000, proof: { code: '4821' } },
  ),
  ping,
  pong,
}

const old = {
  position: object(
    { type: { enum: ['position_update', 'update', 'position'] }, op: { enum: ['position_update', 'update', 'position'] }, lat, lng },
    ['type', 'op'],
  ),
}

/** The predecessor's frames: what the server says. */
const oldSends: Readonly<Record<string, Message>> = {
  position_update: message('Where the rider is.', object({ type: one('position_update'), lat, lng, status: state, ts }), {
    type: 'position_update',
    lat: -1.283333,
    lng: 36.816667,
    status: 'en_route',
    ts: 1795507200000,
  }),
  status: message('The delivery has just moved.', object({ type: one('status'), status: state }), { type: 'status', status: 'en_route' }),
  status_update: message(
    'The whole state; the first frame of a socket.',
    object({
      type: one('status_update'),
      id: whole('The delivery’s number.'),
      status: state,
      assigned_at: happened.assignedAt,
      picked_up_at: happened.pickedUpAt,
      delivered_at: happened.deliveredAt,
    }),
    { type: 'status_update', id: 7, status: 'assigned', assigned_at: '2026-11-24T08:40:00.000Z', picked_up_at: null, delivered_at: null },
  ),
  pong: message('Answers a ping.', object({ type: one('pong') }), { type: 'pong' }),
  error: message(
    'No: `forbidden`, `invalid_payload`, `out_of_range`, or a refusal code.',
    object({ type: one('error'), error: text('Which.') }),
    { type: 'error', error: 'forbidden' },
  ),
}
const oldReceives: Readonly<Record<string, Message>> = {
  position: message(
    'From the driver: where I am. At most one in five seconds goes on; the others are dropped without a word.',
    old.position,
    { type: 'position_update', lat: -1.28333, lng: 36.81667 },
  ),
  status: message(
    'From the driver: a step.',
    object(
      {
        type: one('status'),
        status: text('The state it leads to.'),
        code: text('The shopper’s four digits.'),
        reason: text('For `failed`.'),
      },
      ['code', 'reason'],
    ),
    { type: 'status', status: 'picked_up' },
  ),
  ping: message('Are you there?', object({ type: one('ping'), op: one('ping') }, ['type', 'op']), { op: 'ping' }),
}

/** What the server says in `notify.v1`. */
export const notifySends: Readonly<Record<string, Message>> = {
  hi,
  snap: message(
    'How things stand, and what was missed.',
    object({
      t: one('snap'),
      ch: one('me'),
      off: whole('Number of the last notice.'),
      unread: whole('How many have not been read.'),
      rec: { type: 'boolean' },
      evs: listOf(object(notice)),
    }),
    { t: 'snap', ch: 'me', off: 3, unread: 1, rec: false, evs: [] },
  ),
  evt: message('A notice.', object({ t: one('evt'), ch: one('me'), ...notice }), {
    t: 'evt',
    ch: 'me',
    o: 4,
    k: 'delivery.on_the_way',
    id: aDelivery,
    title: 'Your order is on the way',
    message: 'Order RAH-7K2M9QXB has left our store.',
    level: 'info',
    url: '/orders/RAH-7K2M9QXB',
    data: {},
    at: '2026-11-24T09:00:00.000Z',
  }),
  ack: message('Read up to `o`.', object({ t: one('ack'), o: whole('As sent.'), unread: whole('What is left.') }), {
    t: 'ack',
    o: 4,
    unread: 0,
  }),
  err: message('No.', object({ t: one('err'), c: text('A refusal code.'), retry: number('Seconds.') }, ['retry']), {
    t: 'err',
    c: 'invalid_frame',
  }),
  ping,
  pong,
  bye,
}
const notifyReceives: Readonly<Record<string, Message>> = {
  read: message('I have read everything up to `o`.', object({ t: one('read'), o: whole('Number of a notice.') }), { t: 'read', o: 4 }),
  ping,
  pong,
}
const oldNotices: Readonly<Record<string, Message>> = {
  hello: message('The first frame.', object({ type: one('ws.hello'), user: orNull(text('Your account, or null.')) }), {
    type: 'ws.hello',
    user: null,
  }),
  notify: message(
    'A notice.',
    object({ type: one('notify'), title: notice.title, message: notice.message, level: notice.level, url: notice.url }),
    { type: 'notify', title: 'Delivered', message: 'Order RAH-7K2M9QXB was handed over.', level: 'success', url: '/orders/RAH-7K2M9QXB' },
  ),
}

/** The AsyncAPI 3 document of the shop's sockets, for those who write apps. */
export function asyncapiDocument(publicUrl: string, version: string): Schema {
  const url = new URL(publicUrl)
  const channels = {
    track: {
      address: '/ws/delivery/track/{deliveryId}',
      title: 'One delivery, `track.v1`',
      protocol: 'track.v1',
      sends: trackSends,
      receives: trackReceives,
    },
    trackOld: {
      address: '/ws/delivery/track/{deliveryId}',
      title: 'One delivery, the predecessor’s frames',
      protocol: undefined,
      sends: oldSends,
      receives: oldReceives,
    },
    notifications: {
      address: '/ws/notifications',
      title: 'Notices, `notify.v1`',
      protocol: 'notify.v1',
      sends: notifySends,
      receives: notifyReceives,
    },
    notificationsOld: {
      address: '/ws/notifications',
      title: 'Notices, the predecessor’s frames',
      protocol: undefined,
      sends: oldNotices,
      receives: {},
    },
  }
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'Rahim Online, live',
      version,
      description: [
        'WebSockets of the shop. Frames are JSON texts of at most 16 KB; `t` (or `type`) names their kind.',
        'Come in with `Authorization: Bearer`, a single-use `?ticket=` from `POST /api/v1/realtime/tickets`, a link’s `?token=`, or the session cookie from a page of our own.',
        'Reconnect with full jitter from 500 ms to 20 s, unless `bye` says when; give the last event you heard as `?off=`. Hold the line for dead after 35 seconds without a frame.',
        'You may say five frames a second and twenty at once.',
        `Close codes: ${Object.values(closeCodes)
          .map(({ code, reason }) => `${code} ${reason}`)
          .join(', ')}. 4000 to 4099: do not come back; 4100 to 4199: come back later; others: come back.`,
        'Where no WebSocket gets through, `GET /api/v1/deliveries/{id}/stream` sends the frames of `track.v1` as server-sent events.',
      ].join('\n\n'),
    },
    defaultContentType: 'application/json',
    servers: { shop: { host: url.host, protocol: url.protocol === 'https:' ? 'wss' : 'ws' } },
    channels: Object.fromEntries(Object.entries(channels).map(([name, each]) => [name, channelOf(name, each)])),
    operations: Object.fromEntries(
      Object.entries(channels).flatMap(([name, { sends, receives }]) => [
        [`${name}Send`, operationOf(name, 'send', sends, 'out')],
        ...(Object.keys(receives).length === 0 ? [] : [[`${name}Receive`, operationOf(name, 'receive', receives, 'in')]]),
      ]),
    ),
  }
}

interface ChannelWords {
  readonly address: string
  readonly title: string
  readonly protocol: string | undefined
  readonly sends: Readonly<Record<string, Message>>
  readonly receives: Readonly<Record<string, Message>>
}

function channelOf(name: string, { address, title, protocol, sends, receives }: ChannelWords): Schema {
  const messages = (all: Readonly<Record<string, Message>>, way: string) =>
    Object.entries(all).map(([kind, { summary, payload, examples }]) => [
      `${kind}_${way}`,
      { name: kind, summary, payload, examples: examples.map((example) => ({ payload: example })) },
    ])
  return {
    address,
    title,
    description: protocol === undefined ? 'Spoken when no subprotocol is asked for.' : `Ask for the subprotocol \`${protocol}\`.`,
    ...(address.includes('{deliveryId}') ? { parameters: { deliveryId: { description: 'Id or number of the delivery.' } } } : {}),
    messages: Object.fromEntries([...messages(sends, 'out'), ...messages(receives, 'in')]),
    bindings: {
      ws: {
        method: 'GET',
        query: {
          type: 'object',
          properties: {
            ...(name.startsWith('track') ? { token: text('The token of the order’s link or of a shared one.') } : {}),
            ticket: text('Opens one socket, once.'),
            ...(protocol === undefined ? {} : { off: whole('Number of the last event heard.') }),
          },
        },
        bindingVersion: '0.1.0',
      },
    },
  }
}

const operationOf = (name: string, action: 'send' | 'receive', all: Readonly<Record<string, Message>>, way: string): Schema => ({
  action,
  channel: { $ref: `#/channels/${name}` },
  messages: Object.keys(all).map((kind) => ({ $ref: `#/channels/${name}/messages/${kind}_${way}` })),
})
