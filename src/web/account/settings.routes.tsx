import { Elysia, t } from 'elysia'
import type { Context } from '../../context.ts'
import { accountView } from '../../domain/accounts/account.queries.ts'
import { changeContact } from '../../domain/accounts/change-contact.ts'
import { changePassword } from '../../domain/accounts/change-password.ts'
import { changeProfile } from '../../domain/accounts/change-profile.ts'
import { confirmTotp } from '../../domain/accounts/second-factor/confirm-totp.ts'
import { enrolTotp, type TotpOffer } from '../../domain/accounts/second-factor/enrol-totp.ts'
import { factorOf, recoveryCodesLeft } from '../../domain/accounts/second-factor/factor.queries.ts'
import { removeTotp } from '../../domain/accounts/second-factor/remove-totp.ts'
import { endOtherSessions } from '../../domain/accounts/sessions/end-other-sessions.ts'
import { revokeSession } from '../../domain/accounts/sessions/revoke-session.ts'
import { endedSessionCookie, sessionCookie } from '../../domain/accounts/sessions/session.cookie.ts'
import { listSessions } from '../../domain/accounts/sessions/session.queries.ts'
import type { PersonActor } from '../../lib/actor.ts'
import { isUuid } from '../../lib/ids.ts'
import { Refusal, type RefusalCode } from '../../lib/refusal.ts'
import { nairobiDay } from '../../lib/time.ts'
import { actorGuard, asPerson } from '../../platform/http/actor-guard.ts'
import { erasePerson } from '../../workflows/privacy/erase-person.ts'
import { exportPerson } from '../../workflows/privacy/export-person.ts'
import { forgetOrder } from '../checkout/last-order.ts'
import { fieldText, formBody, rawField } from '../form-values.ts'
import { accountWords } from '../i18n/account.words.ts'
import { refusalText } from '../i18n/refusal.words.ts'
import type { FormErrors } from '../parts/error-summary.tsx'
import { seeOther, showPage } from '../show-page.ts'
import { SettingsPage } from './settings-page.tsx'

type Extra = { errors?: FormErrors; offer?: TotpOffer; recoveryCodes?: readonly string[]; cookie?: string }

/** One's own account: name, contact, password, devices, second factor, and taking everything away or out. */
export const settingsPages = (context: Context) => {
  const show = async (request: Request, actor: PersonActor, extra: Extra = {}, status = 200): Promise<Response> => {
    const [account, sessions, factor] = await Promise.all([
      accountView(context.db, actor.accountId),
      listSessions(context.db, context.clock.now(), actor.accountId),
      factorOf(context.db, actor.accountId),
    ])
    if (account === undefined) throw new Refusal('not_found')
    const words = accountWords()
    const done: Readonly<Record<string, string>> = {
      saved: words.saved,
      contact: words.contactDone,
      sent: words.contactSent,
      password: words.passwordChanged,
      ended: words.ended,
    }
    return showPage(
      context,
      request,
      {
        title: words.settingsTitle,
        path: '/account/settings',
        isPrivate: true,
        hasErrors: extra.errors !== undefined,
        body: (
          <SettingsPage
            account={account}
            sessions={sessions}
            currentSessionId={actor.sessionId}
            recoveryLeft={factor === undefined ? undefined : await recoveryCodesLeft(context.db, actor.accountId)}
            offer={extra.offer}
            recoveryCodes={extra.recoveryCodes}
            news={done[new URL(request.url).searchParams.get('done') ?? '']}
            errors={extra.errors}
          />
        ),
      },
      { keep: 'never', status, headers: extra.cookie === undefined ? {} : { 'set-cookie': extra.cookie } },
    )
  }
  /** Does what a form asks for; a refusal comes back beside the field it belongs to. */
  const attempt = async (
    request: Request,
    actor: PersonActor,
    act: () => Promise<Response>,
    fields: Partial<Record<RefusalCode, string>>,
    extra: Extra = {},
  ): Promise<Response> => {
    try {
      return await act()
    } catch (error) {
      if (!(error instanceof Refusal) || error.status >= 500) throw error
      return show(request, actor, { ...extra, errors: { [fields[error.code] ?? '']: refusalText(error) } }, error.status)
    }
  }
  const guarded = { as: 'person' } as const

  return new Elysia({ prefix: '/account', detail: { hide: true } })
    .use(actorGuard(context.identify))
    .get('/settings', ({ actor, request }) => show(request, asPerson(actor)), guarded)
    .post(
      '/settings/profile',
      async ({ actor, body, request }) => {
        const form = formBody(body)
        const name = fieldText(form, 'name', 80)
        if (name.length < 2) return show(request, asPerson(actor), { errors: { name: accountWords().errorName } }, 422)
        await changeProfile(context, asPerson(actor), { name, wantsNews: fieldText(form, 'news', 3) === 'yes' })
        return seeOther('/account/settings?done=saved')
      },
      guarded,
    )
    .post(
      '/settings/contact',
      ({ actor, body, request }) => {
        const form = formBody(body)
        const person = asPerson(actor)
        const act = async () => {
          await changeContact(context, person, { contact: fieldText(form, 'contact', 254), password: rawField(form, 'contactPassword') })
          return seeOther('/account/settings?done=sent')
        }
        return attempt(request, person, act, { wrong_credentials: 'contactPassword', invalid_input: 'contact', phone_invalid: 'contact' })
      },
      guarded,
    )
    .post(
      '/settings/password',
      ({ actor, body, request }) => {
        const form = formBody(body)
        const person = asPerson(actor)
        const act = async () => {
          const session = await changePassword(context, person, {
            password: rawField(form, 'current'),
            newPassword: rawField(form, 'password'),
          })
          return seeOther('/account/settings?done=password', [['set-cookie', sessionCookie(context.config, session)]])
        }
        return attempt(request, person, act, { wrong_credentials: 'current', password_weak: 'password' })
      },
      guarded,
    )
    .post(
      '/settings/sessions',
      async ({ actor }) => {
        await endOtherSessions(context, asPerson(actor))
        return seeOther('/account/settings?done=ended')
      },
      guarded,
    )
    .post(
      '/settings/sessions/:id',
      async ({ actor, params }) => {
        if (!isUuid(params.id) || !(await revokeSession(context, asPerson(actor), params.id))) throw new Refusal('not_found')
        return seeOther('/account/settings?done=ended')
      },
      { ...guarded, params: t.Object({ id: t.String({ maxLength: 64 }) }) },
    )
    .post(
      '/settings/factor',
      async ({ actor, request }) => show(request, asPerson(actor), { offer: await enrolTotp(context, asPerson(actor)) }),
      { ...guarded, does: 'enrolTotp' },
    )
    .post(
      '/settings/factor/confirm',
      ({ actor, body, request }) => {
        const person = asPerson(actor)
        const act = async () => {
          const { session, recoveryCodes } = await confirmTotp(context, person, fieldText(formBody(body), 'code', 20))
          return show(request, person, { recoveryCodes, cookie: sessionCookie(context.config, session) })
        }
        const secret = fieldText(formBody(body), 'secret', 64)
        // The key that was shown stays on the page: it is in the app already.
        return attempt(request, person, act, { wrong_code: 'code' }, secret === '' ? {} : { offer: { secret, address: '' } })
      },
      guarded,
    )
    .post(
      '/settings/factor/remove',
      ({ actor, body, request }) => {
        const person = asPerson(actor)
        const act = async () => {
          const session = await removeTotp(context, person, fieldText(formBody(body), 'removeCode', 20))
          return seeOther('/account/settings?done=saved', [['set-cookie', sessionCookie(context.config, session)]])
        }
        return attempt(request, person, act, { wrong_code: 'removeCode' })
      },
      guarded,
    )
    .get(
      '/export',
      async ({ actor }) =>
        Response.json(await exportPerson(context, asPerson(actor)), {
          headers: {
            'cache-control': 'private, no-store',
            'content-disposition': `attachment; filename="rahim-${nairobiDay(context.clock.now())}.json"`,
          },
        }),
      { ...guarded, does: 'exportMe' },
    )
    .post(
      '/settings/erase',
      ({ actor, body, request }) => {
        const person = asPerson(actor)
        const act = async () => {
          await erasePerson(context, person, { password: rawField(formBody(body), 'erasePassword') })
          return seeOther('/account?done=erased', [['set-cookie', endedSessionCookie(context.config)], forgetOrder(context)])
        }
        return attempt(request, person, act, { wrong_credentials: 'erasePassword' })
      },
      guarded,
    )
}
