import type { ComponentChildren, JSX } from 'preact'
import { frameWords } from '../i18n/frame.words.ts'

type FieldFrame = { name: string; label: string; hint?: ComponentChildren; error?: string | undefined; isOptional?: boolean }

type TextInput = {
  type?: 'text' | 'tel' | 'email' | 'password' | 'number' | 'search' | 'url' | 'date'
  value?: string | number | undefined
  autocomplete?: string
  inputmode?: 'text' | 'numeric' | 'decimal' | 'tel' | 'email' | 'search'
  maxlength?: number
  min?: number | string
  max?: number | string
  placeholder?: string
  spellcheck?: boolean
  list?: string
  /** `input-short` for numbers and codes. */
  class?: string
}

/** The id of a field's control, which is where the error summary links to. */
export const fieldId = (name: string): string => `f-${name}`

/** A one-line field. What was typed is always given back; the error stands beside it in the words of the summary. */
export function TextField({ name, label, hint, error, isOptional, class: look = '', type = 'text', ...input }: FieldFrame & TextInput) {
  // Preact types an input by its literal type; ours is one of several text-like ones that share their attributes.
  const attributes = {
    class: `input ${look}`.trim(),
    type,
    ...input,
    ...controlOf({ name, hint, error }),
  } as JSX.IntrinsicElements['input']
  return (
    <Frame name={name} label={label} hint={hint} error={error} isOptional={isOptional ?? false}>
      <input {...attributes} />
    </Frame>
  )
}

/** A field of several lines, for landmarks and messages. */
export function TextArea({
  name,
  label,
  hint,
  error,
  isOptional,
  value,
  ...area
}: FieldFrame & { value?: string; rows?: number; maxlength?: number; autocomplete?: string }) {
  return (
    <Frame name={name} label={label} hint={hint} error={error} isOptional={isOptional ?? false}>
      <textarea class="input" rows={3} {...area} {...controlOf({ name, hint, error })}>
        {value}
      </textarea>
    </Frame>
  )
}

/** A list to choose one from. */
export function SelectField({
  name,
  label,
  hint,
  error,
  isOptional,
  options,
  value,
  prompt,
  autocomplete,
}: FieldFrame & {
  options: readonly { value: string; label: string }[]
  value?: string | undefined
  prompt?: string
  autocomplete?: string
}) {
  return (
    <Frame name={name} label={label} hint={hint} error={error} isOptional={isOptional ?? false}>
      <select class="input" autocomplete={autocomplete} {...controlOf({ name, hint, error })}>
        {prompt !== undefined && <option value="">{prompt}</option>}
        {options.map((option) => (
          <option key={option.value} value={option.value} selected={option.value === value}>
            {option.label}
          </option>
        ))}
      </select>
    </Frame>
  )
}

/** Radio buttons as full rows. The first one carries the id the error summary links to. */
export function RadioGroup({
  name,
  label,
  hint,
  error,
  options,
  value,
}: FieldFrame & {
  options: readonly { value: string; label: ComponentChildren; note?: ComponentChildren; disabled?: boolean }[]
  value?: string | undefined
}) {
  return (
    <fieldset class={error ? 'field field-error' : 'field'} aria-describedby={describedBy({ name, hint, error })}>
      <legend>{label}</legend>
      <Notes name={name} hint={hint} error={error} />
      {options.map((option, index) => (
        <label key={option.value} class="choice">
          <input
            type="radio"
            name={name}
            value={option.value}
            checked={option.value === value}
            disabled={option.disabled}
            id={index === 0 ? fieldId(name) : undefined}
          />
          <span>
            {option.label}
            {option.note && <span class="meta block">{option.note}</span>}
          </span>
        </label>
      ))}
    </fieldset>
  )
}

/** One box to tick. Never ticked for the visitor. */
export function CheckField({
  name,
  label,
  error,
  checked = false,
  value = 'yes',
}: {
  name: string
  label: ComponentChildren
  error?: string
  checked?: boolean
  value?: string
}) {
  return (
    <div class={error ? 'field field-error' : 'field'}>
      <Notes name={name} error={error} />
      <label class="check">
        <input type="checkbox" value={value} checked={checked} {...controlOf({ name, error })} />
        <span>{label}</span>
      </label>
    </div>
  )
}

function Frame({ name, label, hint, error, isOptional, children }: FieldFrame & { children: ComponentChildren }) {
  return (
    <div class={error ? 'field field-error' : 'field'}>
      <label for={fieldId(name)}>
        {label}
        {isOptional && <span class="meta"> ({frameWords().optional})</span>}
      </label>
      <Notes name={name} hint={hint} error={error} />
      {children}
    </div>
  )
}

type Noted = { name: string; hint?: ComponentChildren; error?: string | undefined }

function Notes({ name, hint, error }: Noted) {
  return (
    <>
      {hint && (
        <span class="hint" id={`${fieldId(name)}-hint`}>
          {hint}
        </span>
      )}
      {error && (
        <span class="error-text" id={`${fieldId(name)}-error`}>
          {error}
        </span>
      )}
    </>
  )
}

function controlOf({ name, hint, error }: Noted) {
  return {
    id: fieldId(name),
    name,
    'aria-invalid': error ? ('true' as const) : undefined,
    'aria-describedby': describedBy({ name, hint, error }),
  }
}

function describedBy({ name, hint, error }: Noted): string | undefined {
  return [hint && `${fieldId(name)}-hint`, error && `${fieldId(name)}-error`].filter(Boolean).join(' ') || undefined
}
