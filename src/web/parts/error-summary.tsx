import { frameWords } from '../i18n/frame.words.ts'
import { fieldId } from './form-field.tsx'

/** Field name to what is wrong with it, in the order of the form; `''` for what belongs to no field. */
export type FormErrors = Readonly<Record<string, string>>

/** Everything that is wrong, at the top, with links to the fields. Nothing when nothing is. */
export function ErrorSummary({ errors }: { errors: FormErrors | undefined }) {
  const entries = Object.entries(errors ?? {})
  if (entries.length === 0) return null
  return (
    <div class="error-summary" role="alert" tabindex={-1} aria-labelledby="error-title">
      <h2 id="error-title">{frameWords().problem}</h2>
      <ul>
        {entries.map(([name, message]) => (
          <li key={name}>{name === '' ? <strong>{message}</strong> : <a href={`#${fieldId(name)}`}>{message}</a>}</li>
        ))}
      </ul>
    </div>
  )
}
