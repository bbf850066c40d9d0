import { t } from 'elysia'
import { closed, Instant, whole } from '../../platform/http/shapes.ts'
import { type NotificationEvent, notificationEvents } from './notification.events.ts'

const EventName = t.Unsafe<NotificationEvent>(
  t.Union(
    Object.keys(notificationEvents).map((event) => t.Literal(event)),
    { description: 'What people are told of.' },
  ),
)

const NotificationShape = closed({
  id: t.String(),
  seq: t.Number({ description: 'Counts without gaps for each person.' }),
  event: t.String({ examples: ['delivery.on_the_way'] }),
  title: t.String(),
  message: t.String(),
  level: t.String({ description: '`info`, `success`, `warning` or `error`.' }),
  url: t.Union([t.String(), t.Null()], { description: 'A path of the shop.' }),
  at: Instant,
  isRead: t.Boolean(),
})

export const NotificationPage = closed({
  items: t.Array(NotificationShape),
  nextCursor: t.Union([t.String(), t.Null()]),
  unread: t.Number(),
})

export const ReadBody = closed(
  { upTo: whole(0, 2_147_483_647, 'The number of the last notice that was read.') },
  { examples: [{ upTo: 12 }] },
)
export const UnreadShape = closed({ unread: t.Number() })

export const PreferenceShape = closed({ event: EventName, inApp: t.Boolean(), email: t.Boolean(), sms: t.Boolean() })
export const PreferencesShape = closed({ items: t.Array(PreferenceShape) })
export const PreferenceBody = closed(
  { event: EventName, inApp: t.Optional(t.Boolean()), email: t.Optional(t.Boolean()), sms: t.Optional(t.Boolean()) },
  { examples: [{ event: 'delivery.near', sms: false }] },
)
