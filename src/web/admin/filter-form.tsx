import { SelectField, TextField } from '../parts/form-field.tsx'

/** What a list can be narrowed by: typed, or chosen from a few. */
export type FilterField = { name: string; label: string; value: string | undefined; options?: readonly string[] }

/** Filters in one row; they stand in the address, so that a list can be kept and sent to somebody. */
export function FilterForm({ action, fields }: { action: string; fields: readonly FilterField[] }) {
  return (
    <form class="filters" method="get" action={action} role="search">
      {fields.map(({ name, label, value, options }) =>
        options === undefined ? (
          <TextField key={name} name={name} label={label} value={value ?? ''} maxlength={100} />
        ) : (
          <SelectField
            key={name}
            name={name}
            label={label}
            value={value ?? ''}
            options={[{ value: '', label: 'All' }, ...options.map((option) => ({ value: option, label: option.replaceAll('_', ' ') }))]}
          />
        ),
      )}
      <button class="btn">Show</button>
    </form>
  )
}
