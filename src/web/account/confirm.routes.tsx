import { Elysia } from 'elysia'
import type { Context } from '../../context.ts'
import { factorOf } from '../../domain/accounts/second-factor/factor.queries.ts'
import { stepUp } from '../../domain/accounts/sessions/step-up.ts'
import type { PersonActor } from '../../lib/actor.ts'
import { Refusal } from '../../lib/refusal.ts'
import { actorGuard, asPerson } from '../../platform/http/actor-guard.ts'
import { fieldText, formBody, ownPath, rawField } from '../form-values.ts'
import { accountWords } from '../i18n/account.words.ts'
import { refusalText } from '../i18n/refusal.words.ts'
import { localPath } from '../i18n/words.ts'
import { ErrorSummary } from '../parts/error-summary.tsx'
import { TextField } from '../parts/form-field.tsx'
import { seeOther, showPage } from '../show-page.ts'

/** Proving afresh that it is oneself, on the way to a refund, a payout, a key or one's data. */
export const confirmPages = (context: Context) =>
  new Elysia({ prefix: '/account', detail: { hide: true } })
    .use(actorGuard(context.identify))
    .get('/confirm', ({ actor, request }) => show(context, request, asPerson(actor), new URL(request.url).searchParams.get('next') ?? ''), {
      as: 'person',
    })
    .post(
      '/confirm',
      async ({ actor, body, request }) => {
        const form = formBody(body)
        const person = asPerson(actor)
        const next = fieldText(form, 'next', 300)
        const code = fieldText(form, 'code', 24)
        try {
          await stepUp(context, person, code === '' ? { password: rawField(form, 'password') } : { code })
          return seeOther(ownPath(next) ?? '/account')
        } catch (error) {
          if (!(error instanceof Refusal) || error.status >= 500) throw error
          return await show(context, request, person, next, error)
        }
      },
      { as: 'person' },
    )

async function show(context: Context, request: Request, person: PersonActor, next: string, refusal?: Refusal): Promise<Response> {
  const words = accountWords()
  const field = (await factorOf(context.db, person.accountId)) === undefined ? 'password' : 'code'
  const errors = refusal === undefined ? undefined : { [field]: refusalText(refusal) }
  const back = ownPath(next)
  const body = (
    <div class="max-w-text stack">
      <h1>{words.confirmTitle}</h1>
      <p>{words.confirmWhy}</p>
      <ErrorSummary errors={errors} />
      <form method="post" action={localPath('/account/confirm')} novalidate>
        {back !== undefined && <input type="hidden" name="next" value={back} />}
        {field === 'password' ? (
          <TextField
            name="password"
            label={words.password}
            type="password"
            autocomplete="current-password"
            error={errors?.['password']}
            maxlength={128}
          />
        ) : (
          <TextField
            name="code"
            label={words.code}
            hint={words.codeHint}
            inputmode="numeric"
            autocomplete="one-time-code"
            error={errors?.['code']}
            maxlength={24}
            class="input-short"
          />
        )}
        <button class="btn btn-big">{words.confirm}</button>
      </form>
    </div>
  )
  return showPage(
    context,
    request,
    { title: words.confirmTitle, path: '/account/confirm', isPrivate: true, hasErrors: errors !== undefined, body },
    { keep: 'private', status: refusal?.status ?? 200 },
  )
}
