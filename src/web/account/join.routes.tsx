import { Elysia } from 'elysia'
import type { ComponentChild } from 'preact'
import type { Context } from '../../context.ts'
import { activate } from '../../domain/accounts/activate.ts'
import { confirmContact } from '../../domain/accounts/change-contact.ts'
import { forgotPassword } from '../../domain/accounts/forgot-password.ts'
import { parseEmail } from '../../domain/accounts/login.parse.ts'
import { register } from '../../domain/accounts/register.ts'
import { resetPassword } from '../../domain/accounts/reset-password.ts'
import { sessionCookie } from '../../domain/accounts/sessions/session.cookie.ts'
import { parsePhone } from '../../lib/phone.ts'
import { Refusal } from '../../lib/refusal.ts'
import { actorGuard } from '../../platform/http/actor-guard.ts'
import { fieldText, formBody, type FormBody, rawField } from '../form-values.ts'
import { accountWords } from '../i18n/account.words.ts'
import { refusalText } from '../i18n/refusal.words.ts'
import type { FormErrors } from '../parts/error-summary.tsx'
import { seeOther, showPage } from '../show-page.ts'
import { ForgotPage, type JoinForm, PressPage, RegisterPage, ResetPage, SentPage } from './join-pages.tsx'

/** Getting an account and getting back into one, by links in messages. */
export const joinPages = (context: Context) => {
  const show = (request: Request, path: string, title: string, body: ComponentChild, status = 200, errors?: FormErrors) =>
    showPage(
      context,
      request,
      { title, path, isPrivate: true, hasErrors: errors !== undefined, body },
      // A token may stand in the address.
      { keep: 'private', status, headers: { 'referrer-policy': 'same-origin' } },
    )
  const gone = (request: Request) =>
    show(
      request,
      '/account/forgot',
      accountWords().goneTitle,
      <SentPage title={accountWords().goneTitle} text={accountWords().goneText} />,
      410,
    )
  const tokenOf = (request: Request): string => new URL(request.url).searchParams.get('token')?.slice(0, 200) ?? ''

  return new Elysia({ detail: { hide: true } })
    .use(actorGuard(context.identify))
    .get('/account/register', ({ request }) =>
      show(request, '/account/register', accountWords().registerTitle, <RegisterPage form={emptyForm} errors={undefined} />),
    )
    .post('/account/register', async ({ body, request }) => {
      const { form, password } = readJoin(formBody(body))
      const errors = await joinErrors(context, form, password)
      if (Object.keys(errors).length > 0)
        return show(request, '/account/register', accountWords().registerTitle, <RegisterPage form={form} errors={errors} />, 422, errors)
      const words = accountWords()
      return show(request, '/account/register', words.sentTitle, <SentPage title={words.sentTitle} text={words.sentText(form.contact)} />)
    })
    .get('/account/activate', ({ request }) => {
      const words = accountWords()
      return show(
        request,
        '/account/activate',
        words.activateTitle,
        <PressPage
          title={words.activateTitle}
          text={words.activateText}
          action="/account/activate"
          token={tokenOf(request)}
          label={words.activate}
        />,
      )
    })
    .post('/account/activate', async ({ body, request }) => {
      try {
        const session = await activate(context, {
          token: fieldText(formBody(body), 'token', 200),
          userAgent: request.headers.get('user-agent'),
        })
        return seeOther('/account?welcome=yes', [['set-cookie', sessionCookie(context.config, session)]])
      } catch (error) {
        if (error instanceof Refusal && error.code === 'gone') return gone(request)
        throw error
      }
    })
    .get('/account/forgot', ({ request }) =>
      show(request, '/account/forgot', accountWords().forgotTitle, <ForgotPage login="" errors={undefined} />),
    )
    .post('/account/forgot', async ({ body, request }) => {
      const words = accountWords()
      const login = fieldText(formBody(body), 'login', 254)
      const again = (errors: FormErrors, status: number) =>
        show(request, '/account/forgot', words.forgotTitle, <ForgotPage login={login} errors={errors} />, status, errors)
      if (login.length < 3) return again({ login: words.errorLogin }, 422)
      try {
        await forgotPassword(context, login)
      } catch (error) {
        if (!(error instanceof Refusal) || error.status >= 500) throw error
        return again({ login: refusalText(error) }, error.status)
      }
      return show(request, '/account/forgot', words.sentTitle, <SentPage title={words.sentTitle} text={words.forgotSent(login)} />)
    })
    .get('/account/reset', ({ request }) =>
      show(request, '/account/reset', accountWords().resetTitle, <ResetPage token={tokenOf(request)} errors={undefined} />),
    )
    .post('/account/reset', async ({ body, request }) => {
      const words = accountWords()
      const form = formBody(body)
      const token = fieldText(form, 'token', 200)
      try {
        await resetPassword(context, { token, password: rawField(form, 'password') })
      } catch (error) {
        if (!(error instanceof Refusal) || error.status >= 500) throw error
        if (error.code === 'gone') return gone(request)
        const errors = { password: refusalText(error) }
        return show(request, '/account/reset', words.resetTitle, <ResetPage token={token} errors={errors} />, error.status, errors)
      }
      return seeOther('/account?done=password')
    })
    .get(
      '/account/contact',
      ({ actor, request }) => {
        const words = accountWords()
        if (actor.kind !== 'person')
          return seeOther(`/account?${new URLSearchParams({ next: `/account/contact?token=${tokenOf(request)}` })}`)
        return show(
          request,
          '/account/contact',
          words.contactTitle,
          <PressPage
            title={words.contactTitle}
            text={words.contactText}
            action="/account/contact"
            token={tokenOf(request)}
            label={words.contactConfirm}
          />,
        )
      },
      { as: 'anyone' },
    )
    .post(
      '/account/contact',
      async ({ actor, body, request }) => {
        if (actor.kind !== 'person') throw new Refusal('not_signed_in')
        try {
          await confirmContact(context, actor, fieldText(formBody(body), 'token', 200))
          return seeOther('/account/settings?done=contact')
        } catch (error) {
          if (error instanceof Refusal && error.code === 'gone') return gone(request)
          throw error
        }
      },
      { as: 'person' },
    )
}

const emptyForm: JoinForm = { name: '', contact: '', wantsNews: false, agrees: false }

const readJoin = (form: FormBody): { form: JoinForm; password: string } => ({
  form: {
    name: fieldText(form, 'name', 80),
    contact: fieldText(form, 'contact', 254),
    wantsNews: fieldText(form, 'news', 3) === 'yes',
    agrees: fieldText(form, 'agree', 3) === 'yes',
  },
  password: rawField(form, 'password'),
})

/** What keeps the form from being sent on; nothing once it has been. */
async function joinErrors(context: Context, form: JoinForm, password: string): Promise<FormErrors> {
  const words = accountWords()
  const phone = parsePhone(form.contact)
  const email = phone === undefined ? parseEmail(form.contact) : undefined
  const errors = {
    ...(form.name.length < 2 ? { name: words.errorName } : {}),
    ...(phone === undefined && email === undefined ? { contact: words.errorContact } : {}),
    ...(form.agrees ? {} : { agree: words.errorTerms }),
  }
  if (Object.keys(errors).length > 0) return errors
  try {
    await register(context, {
      name: form.name,
      password,
      wantsNews: form.wantsNews,
      ...(phone === undefined ? { email } : { phone }),
    })
    return {}
  } catch (error) {
    if (!(error instanceof Refusal) || error.status >= 500) throw error
    return { [error.code === 'password_weak' ? 'password' : '']: refusalText(error) }
  }
}
