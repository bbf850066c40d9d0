/** A form with bracket names as the object it means: `line_items[0][price_data][currency]=kes`. Lists become objects by index. */
export interface FormTree {
  readonly [name: string]: string | FormTree | undefined
}

/** Reads a flat form. Object.create(null), so that a field called __proto__ is only a field. */
export function nestForm(flat: unknown): FormTree {
  const tree: Record<string, string | FormTree | undefined> = Object.create(null)
  if (typeof flat !== 'object' || flat === null) return tree
  for (const [name, value] of Object.entries(flat)) {
    const path = [name.split('[')[0] ?? name, ...[...name.matchAll(/\[([^\]]*)\]/g)].map(([, part = '']) => part)]
    let place: Record<string, string | FormTree | undefined> = tree
    for (const part of path.slice(0, -1)) {
      const next = place[part]
      const branch: Record<string, string | FormTree | undefined> =
        typeof next === 'object' ? (next as Record<string, string | FormTree | undefined>) : Object.create(null)
      place[part] = branch
      place = branch
    }
    place[path.at(-1) ?? name] = Array.isArray(value) ? String(value.at(-1)) : String(value)
  }
  return tree
}

/** A part of a form that is a form itself. */
export const branchOf = (value: FormTree[string]): FormTree => (typeof value === 'object' ? value : Object.create(null))

/** A part of a form that is a text. */
export const textOf = (value: FormTree[string]): string | undefined => (typeof value === 'string' ? value : undefined)

/** A part of a form whose parts are all texts. */
export const textsOf = (value: FormTree[string]): Record<string, string> =>
  Object.fromEntries(Object.entries(branchOf(value)).flatMap(([name, each]) => (typeof each === 'string' ? [[name, each]] : [])))
