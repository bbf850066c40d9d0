import { accountWords } from '../i18n/account.words.ts'
import { localPath } from '../i18n/words.ts'
import { ErrorSummary, type FormErrors } from '../parts/error-summary.tsx'
import { Flash } from '../parts/flash.tsx'
import { TextField } from '../parts/form-field.tsx'

/** What the form held when it came back. */
export type SignInView = {
  login: string
  next: string
  errors?: FormErrors
  /** The password was right, and the account wants a code beside it. */
  wantsCode?: boolean
  /** What has just happened: a password was set, an account deleted. */
  news?: string | undefined
}

/** The door to an account. Buying needs none, and the page says so first. */
export function SignInPage({ login, next, errors, wantsCode, news, isSandbox }: SignInView & { isSandbox: boolean }) {
  const words = accountWords()
  return (
    <div class="max-w-text stack">
      <h1>{wantsCode ? words.codeTitle : words.signIn}</h1>
      {news !== undefined && <Flash tone="ok">{news}</Flash>}
      <p>{words.signInWhy}</p>
      <ErrorSummary errors={errors} />
      <form method="post" action={localPath('/account/sign-in')} novalidate>
        {next !== '' && <input type="hidden" name="next" value={next} />}
        <TextField name="login" label={words.login} autocomplete="username" error={errors?.['login']} value={login} maxlength={254} />
        <TextField
          name="password"
          label={words.password}
          type="password"
          autocomplete="current-password"
          error={errors?.['password']}
          maxlength={128}
        />
        {wantsCode && (
          <TextField
            name="code"
            label={words.code}
            hint={words.codeHint}
            inputmode="numeric"
            autocomplete="one-time-code"
            error={errors?.['code']}
            maxlength={20}
            class="input-short"
          />
        )}
        <button class="btn btn-big" data-busy={words.signingIn}>
          {words.signIn}
        </button>
      </form>
      <p>
        <a href={localPath('/account/forgot')}>{words.forgotLink}</a>
      </p>
      <p>
        {words.noAccountYet} <a href={localPath('/account/register')}>{words.makeOne}</a>
      </p>
      {isSandbox && (
        <p class="notice demo">
          {words.demo} <a href="/sandbox">{words.demoLink}</a>.
        </p>
      )}
      <p class="meta">{words.guestOrder}</p>
    </div>
  )
}
