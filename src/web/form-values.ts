/** What a form sent: one text a name, or several where a name repeats. */
export type FormBody = Readonly<Record<string, string | readonly string[]>>

/** A parsed body as a form; anything that is not one counts as an empty form. */
export const formBody = (body: unknown): FormBody => (typeof body === 'object' && body !== null ? (body as FormBody) : {})

/** One field, trimmed and cut to what the shop keeps; empty when it was not sent. */
export function fieldText(form: FormBody, name: string, most: number): string {
  const value = Object.hasOwn(form, name) ? form[name] : undefined
  const text = Array.isArray(value) ? value[0] : value
  return typeof text === 'string' ? text.trim().slice(0, most) : ''
}

/** A whole number from a field; undefined when it is not one within the bounds. */
export function fieldWhole(form: FormBody, name: string, least: number, most: number): number | undefined {
  const text = fieldText(form, name, 12)
  const number = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN
  return number >= least && number <= most ? number : undefined
}

/** A path of our own to go on to after signing in; anything that could lead to another site is dropped. */
export const ownPath = (text: string): string | undefined => (/^\/(?![/\\])[\w\-./?=&%]{0,300}$/.test(text) ? text : undefined)

/** A field as it was typed: a space may be part of a password. */
export const rawField = (form: FormBody, name: string): string => {
  const value = Object.hasOwn(form, name) ? form[name] : undefined
  return typeof value === 'string' ? value.slice(0, 128) : ''
}
