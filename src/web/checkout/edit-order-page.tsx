import type { CountyDelivery } from '../../domain/delivery/zone.queries.ts'
import { formatMoney } from '../../lib/money.ts'
import { checkoutWords } from '../i18n/checkout.words.ts'
import { returnWords } from '../i18n/return.words.ts'
import { localPath } from '../i18n/words.ts'
import { ErrorSummary, type FormErrors } from '../parts/error-summary.tsx'
import { Flash } from '../parts/flash.tsx'
import { SelectField, TextArea, TextField } from '../parts/form-field.tsx'

/** What of an unpaid order can be changed here, as it was typed. */
export type EditForm = { name: string; phone: string; county: string; town: string; landmark: string; total: string }

/** Who an unpaid order is for and where it goes. */
export function EditOrderPage({
  number,
  token,
  form,
  counties,
  errors,
  change,
}: {
  number: string
  token: string | undefined
  form: EditForm
  counties: readonly CountyDelivery[]
  errors: FormErrors | undefined
  change: string | undefined
}) {
  const [words, checkout] = [returnWords(), checkoutWords()]
  return (
    <div class="max-w-text stack">
      <h1>{words.editTitle}</h1>
      <p>{words.editLead}</p>
      <ErrorSummary errors={errors} />
      {change !== undefined && <Flash tone="warn">{change}</Flash>}
      <form method="post" action={localPath(`/orders/${number}/edit`)} novalidate>
        {token !== undefined && <input type="hidden" name="token" value={token} />}
        <input type="hidden" name="total" value={form.total} />
        <TextField name="name" label={checkout.name} autocomplete="name" error={errors?.['name']} value={form.name} maxlength={80} />
        <TextField
          name="phone"
          label={checkout.phone}
          type="tel"
          inputmode="tel"
          autocomplete="tel"
          error={errors?.['phone']}
          value={form.phone}
          maxlength={20}
          class="input-short"
        />
        <SelectField
          name="county"
          label={checkout.county}
          error={errors?.['county']}
          value={form.county}
          options={counties.map(({ county, feeMinor }) => ({ value: county, label: `${county}, ${formatMoney(feeMinor)}` }))}
        />
        <TextField name="town" label={checkout.town} error={errors?.['town']} value={form.town} maxlength={80} />
        <TextArea name="landmark" label={checkout.landmark} error={errors?.['landmark']} value={form.landmark} maxlength={300} />
        <button class="btn btn-big">{words.save}</button>
      </form>
    </div>
  )
}
