import { accountWords } from '../i18n/account.words.ts'
import { frameWords } from '../i18n/frame.words.ts'
import { localPath } from '../i18n/words.ts'
import { ErrorSummary, type FormErrors } from '../parts/error-summary.tsx'
import { CheckField, TextField } from '../parts/form-field.tsx'

/** What somebody typed who wants an account. */
export type JoinForm = { name: string; contact: string; wantsNews: boolean; agrees: boolean }

/** Three fields and a yes. */
export function RegisterPage({ form, errors }: { form: JoinForm; errors: FormErrors | undefined }) {
  const words = accountWords()
  return (
    <div class="max-w-text stack">
      <h1>{words.registerTitle}</h1>
      <p>{words.registerWhy}</p>
      <ErrorSummary errors={errors} />
      <form method="post" action={localPath('/account/register')} novalidate>
        <TextField name="name" label={words.name} autocomplete="name" error={errors?.['name']} value={form.name} maxlength={80} />
        <TextField
          name="contact"
          label={words.login}
          autocomplete="username"
          error={errors?.['contact']}
          value={form.contact}
          maxlength={254}
        />
        <NewPassword errors={errors} />
        <CheckField
          name="agree"
          checked={form.agrees}
          error={errors?.['agree']}
          label={
            <>
              {words.agree} <a href={localPath('/terms')}>{frameWords().terms}</a>,{' '}
              <a href={localPath('/privacy')}>{frameWords().privacy}</a>
            </>
          }
        />
        <CheckField name="news" checked={form.wantsNews} label={words.news} />
        <button class="btn btn-big" data-busy={words.sending}>
          {words.register}
        </button>
      </form>
    </div>
  )
}

/** The field for a password that is being chosen. */
export function NewPassword({ errors }: { errors: FormErrors | undefined }) {
  const words = accountWords()
  return (
    <TextField
      name="password"
      label={words.newPassword}
      hint={words.newPasswordHint}
      type="password"
      autocomplete="new-password"
      error={errors?.['password']}
      maxlength={128}
    />
  )
}

/** One field: whose password it is. */
export function ForgotPage({ login, errors }: { login: string; errors: FormErrors | undefined }) {
  const words = accountWords()
  return (
    <div class="max-w-text stack">
      <h1>{words.forgotTitle}</h1>
      <p>{words.forgotText}</p>
      <ErrorSummary errors={errors} />
      <form method="post" action={localPath('/account/forgot')} novalidate>
        <TextField name="login" label={words.login} autocomplete="username" error={errors?.['login']} value={login} maxlength={254} />
        <button class="btn btn-big" data-busy={words.sending}>
          {words.register}
        </button>
      </form>
    </div>
  )
}

/** The new password, behind the link of a message. */
export function ResetPage({ token, errors }: { token: string; errors: FormErrors | undefined }) {
  const words = accountWords()
  return (
    <div class="max-w-text stack">
      <h1>{words.resetTitle}</h1>
      <ErrorSummary errors={errors} />
      <form method="post" action={localPath('/account/reset')} novalidate>
        <input type="hidden" name="token" value={token} />
        <NewPassword errors={errors} />
        <button class="btn btn-big">{words.reset}</button>
      </form>
    </div>
  )
}

/** A message was sent: where to look, in the same words whether or not there is such an account. */
export function SentPage({ title, text }: { title: string; text: string }) {
  return (
    <div class="max-w-text stack">
      <h1>{title}</h1>
      <p>{text}</p>
    </div>
  )
}

/** One press behind a link: mail programs open links by themselves, so opening alone must change nothing. */
export function PressPage({
  title,
  text,
  action,
  token,
  label,
}: {
  title: string
  text: string
  action: string
  token: string
  label: string
}) {
  return (
    <div class="max-w-text stack">
      <h1>{title}</h1>
      <p>{text}</p>
      <form method="post" action={localPath(action)}>
        <input type="hidden" name="token" value={token} />
        <button class="btn btn-big">{label}</button>
      </form>
    </div>
  )
}
