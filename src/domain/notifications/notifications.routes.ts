import { Elysia, t } from 'elysia'
import type { Context } from '../../context.ts'
import { actorGuard, asPerson } from '../../platform/http/actor-guard.ts'
import { problems } from '../../platform/http/problem.schema.ts'
import { listNotifications } from './notification.queries.ts'
import { NotificationPage, PreferenceBody, PreferenceShape, PreferencesShape, ReadBody, UnreadShape } from './notifications.schema.ts'
import { preferencesOf } from './preference.queries.ts'
import { readNotifications } from './read-notifications.ts'
import { setPreference } from './set-preference.ts'

const ownProblems = problems('not_signed_in', 'malformed_json', 'unsupported_media_type')

/** What somebody was told, how far they have read, and by which ways they want to be told. */
export const notificationsRoutes = (context: Context) =>
  new Elysia({ prefix: '/api/v1', tags: ['Notifications'] })
    .use(actorGuard(context.identify))
    .get(
      '/notifications',
      async ({ actor, query, set }) => {
        set.headers['cache-control'] = 'private, no-store'
        const page = await listNotifications(context.db, asPerson(actor).accountId, { cursor: query.cursor, limit: query.limit ?? 20 })
        return {
          ...page,
          items: page.items.map(({ id, seq, event, title, message, level, url, at, isRead }) => ({
            id,
            seq,
            event,
            title,
            message,
            level,
            url,
            at,
            isRead,
          })),
        }
      },
      {
        as: 'person',
        query: t.Object({
          cursor: t.Optional(t.String({ maxLength: 500 })),
          limit: t.Optional(t.Numeric({ minimum: 1, maximum: 50, multipleOf: 1 })),
        }),
        response: { 200: NotificationPage, ...problems('not_signed_in') },
        detail: { operationId: 'listNotifications', summary: 'What you were told, newest first' },
      },
    )
    .post(
      '/notifications/read',
      async ({ actor, body }) => ({ unread: await readNotifications(context.db, asPerson(actor).accountId, body.upTo) }),
      {
        as: 'person',
        body: ReadBody,
        response: { 200: UnreadShape, ...ownProblems },
        detail: {
          operationId: 'readNotifications',
          summary: 'Mark as read up to a number',
          description: 'Never un-reads: an older number changes nothing.',
        },
      },
    )
    .get(
      '/notifications/preferences',
      async ({ actor, set }) => {
        set.headers['cache-control'] = 'private, no-store'
        return { items: await preferencesOf(context.db, asPerson(actor).accountId) }
      },
      {
        as: 'person',
        response: { 200: PreferencesShape, ...problems('not_signed_in') },
        detail: { operationId: 'listNotificationPreferences', summary: 'By which ways you are told of what' },
      },
    )
    .put(
      '/notifications/preferences',
      async ({ actor, body: { event, ...change } }) => {
        const { inApp, email, sms } = await setPreference(context.db, asPerson(actor).accountId, event, {
          ...(change.inApp === undefined ? {} : { inApp: change.inApp }),
          ...(change.email === undefined ? {} : { email: change.email }),
          ...(change.sms === undefined ? {} : { sms: change.sms }),
        })
        return { event, inApp, email, sms }
      },
      {
        as: 'person',
        body: PreferenceBody,
        response: { 200: PreferenceShape, ...ownProblems },
        detail: {
          operationId: 'setNotificationPreference',
          summary: 'Choose how to be told of one thing',
          description: 'What is not named stays.',
        },
      },
    )
