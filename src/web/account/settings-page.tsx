import type { ComponentChildren } from 'preact'
import type { AccountView } from '../../domain/accounts/account.queries.ts'
import type { TotpOffer } from '../../domain/accounts/second-factor/enrol-totp.ts'
import type { SessionView } from '../../domain/accounts/sessions/session.queries.ts'
import { formatPhone } from '../../lib/phone.ts'
import { accountWords } from '../i18n/account.words.ts'
import { momentText } from '../i18n/dates.ts'
import { localPath } from '../i18n/words.ts'
import { Crumbs } from '../parts/crumbs.tsx'
import { ErrorSummary, type FormErrors } from '../parts/error-summary.tsx'
import { Flash } from '../parts/flash.tsx'
import { CheckField, TextField } from '../parts/form-field.tsx'
import { NewPassword } from './join-pages.tsx'

export type SettingsView = {
  account: AccountView
  sessions: readonly SessionView[]
  currentSessionId: string
  /** How many recovery codes are left; undefined while there is no second factor. */
  recoveryLeft: number | undefined
  /** A key to add to the app, shown while it is being set up. */
  offer: TotpOffer | undefined
  /** Shown once, when the second factor has just been turned on. */
  recoveryCodes: readonly string[] | undefined
  news: string | undefined
  errors: FormErrors | undefined
}

/** Everything about one's own account that can be changed, each part a form of its own. */
export function SettingsPage(view: SettingsView) {
  const { account, news, errors } = view
  const words = accountWords()
  return (
    <div class="max-w-text stack">
      <Crumbs trail={[{ name: words.title, href: '/account' }, { name: words.settingsTitle }]} />
      <h1>{words.settingsTitle}</h1>
      {news !== undefined && <Flash tone="ok">{news}</Flash>}
      <ErrorSummary errors={errors} />
      <Part title={words.profile} action="/account/settings/profile" label={words.save}>
        <TextField name="name" label={words.name} autocomplete="name" error={errors?.['name']} value={account.name} maxlength={80} />
        <CheckField name="news" label={words.news} />
      </Part>
      <Part title={words.contacts} action="/account/settings/contact" label={words.contactSend}>
        <p>{[account.phone === null ? undefined : formatPhone(account.phone), account.email].filter(Boolean).join(', ')}</p>
        <TextField name="contact" label={words.contactNew} hint={words.contactHint} error={errors?.['contact']} maxlength={254} />
        <CurrentPassword name="contactPassword" errors={errors} />
      </Part>
      <Part title={words.changePassword} action="/account/settings/password" label={words.changePassword}>
        <CurrentPassword name="current" errors={errors} />
        <NewPassword errors={errors} />
      </Part>
      <Devices {...view} />
      <SecondFactor {...view} />
      <section>
        <h2>{words.data}</h2>
        <p>{words.dataText}</p>
        <p>
          <a class="btn btn-quiet" href={localPath('/account/export')} download>
            {words.export}
          </a>
        </p>
        <details open={errors?.['erasePassword'] !== undefined}>
          <summary>{words.erase}</summary>
          <p>{words.eraseText}</p>
          <form method="post" action={localPath('/account/settings/erase')} novalidate>
            <CurrentPassword name="erasePassword" errors={errors} />
            <button class="btn btn-danger">{words.erase}</button>
          </form>
        </details>
      </section>
    </div>
  )
}

function Part({ title, action, label, children }: { title: string; action: string; label: string; children: ComponentChildren }) {
  return (
    <section>
      <h2>{title}</h2>
      <form method="post" action={localPath(action)} novalidate>
        {children}
        <button class="btn btn-quiet">{label}</button>
      </form>
    </section>
  )
}

function CurrentPassword({ name, errors }: { name: string; errors: FormErrors | undefined }) {
  return (
    <TextField
      name={name}
      label={accountWords().currentPassword}
      type="password"
      autocomplete="current-password"
      error={errors?.[name]}
      maxlength={128}
    />
  )
}

function Devices({ sessions, currentSessionId }: SettingsView) {
  const words = accountWords()
  return (
    <section>
      <h2>{words.devices}</h2>
      <ul class="lines">
        {sessions.map((session) => (
          <li key={session.id} class="wide">
            <div>
              <p>{deviceName(session.userAgent) ?? words.unknownDevice}</p>
              <p class="meta">{words.lastSeen(momentText(session.lastSeenAt))}</p>
            </div>
            {session.id === currentSessionId ? (
              <span class="badge ok">{words.thisDevice}</span>
            ) : (
              <form method="post" action={localPath(`/account/settings/sessions/${session.id}`)}>
                <button class="btn-link">{words.end}</button>
              </form>
            )}
          </li>
        ))}
      </ul>
      {sessions.length > 1 && (
        <form method="post" action={localPath('/account/settings/sessions')} class="bar">
          <button class="btn btn-quiet">{words.endOthers}</button>
        </form>
      )}
    </section>
  )
}

function SecondFactor({ recoveryLeft, offer, recoveryCodes, errors }: SettingsView) {
  const words = accountWords()
  return (
    <section id="factor">
      <h2>{words.factor}</h2>
      {recoveryCodes !== undefined && (
        <div class="panel">
          <p>{words.recovery}</p>
          <ul class="code-list">
            {recoveryCodes.map((code) => (
              <li key={code}>
                <code>{code}</code>
              </li>
            ))}
          </ul>
        </div>
      )}
      {recoveryLeft !== undefined ? (
        <>
          <p>{words.factorOn(recoveryLeft)}</p>
          <form method="post" action={localPath('/account/settings/factor/remove')} novalidate>
            <Code name="removeCode" errors={errors} />
            <button class="btn btn-danger">{words.factorRemove}</button>
          </form>
        </>
      ) : offer !== undefined ? (
        <form method="post" action={localPath('/account/settings/factor/confirm')} novalidate>
          <p>{words.factorSecret}</p>
          <p>
            <code class="secret">{offer.secret.match(/.{1,4}/g)?.join(' ')}</code>
          </p>
          <input type="hidden" name="secret" value={offer.secret} />
          {offer.address !== '' && (
            <p>
              <a href={offer.address}>{words.factorOpen}</a>
            </p>
          )}
          <Code name="code" errors={errors} />
          <button class="btn">{words.factorConfirm}</button>
        </form>
      ) : (
        <>
          <p>{words.factorOff}</p>
          <form method="post" action={localPath('/account/settings/factor')}>
            <button class="btn btn-quiet">{words.factorStart}</button>
          </form>
        </>
      )}
    </section>
  )
}

function Code({ name, errors }: { name: string; errors: FormErrors | undefined }) {
  const words = accountWords()
  return (
    <TextField
      name={name}
      label={words.code}
      hint={words.codeHint}
      inputmode="numeric"
      autocomplete="one-time-code"
      error={errors?.[name]}
      maxlength={20}
      class="input-short"
    />
  )
}

/** "Chrome on Android": enough to know one's own phone again; undefined for what names neither. */
function deviceName(userAgent: string | null): string | undefined {
  const browser = /(Firefox|Edg|OPR|SamsungBrowser|Chrome|Safari)\//.exec(userAgent ?? '')?.[1]
  const system = /(Android|iPhone|iPad|Windows|Mac OS X|Linux)/.exec(userAgent ?? '')?.[1]
  const names: Readonly<Record<string, string>> = { Edg: 'Edge', OPR: 'Opera', SamsungBrowser: 'Samsung Internet', 'Mac OS X': 'Mac' }
  const known = [browser, system].filter((name) => name !== undefined).map((name) => names[name] ?? name)
  return known.length === 0 ? undefined : known.join(', ')
}
