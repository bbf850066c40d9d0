import type { OrderWithLines } from '../../domain/orders/order.queries.ts'
import { returnReasons } from '../../domain/returns/create-return.ts'
import { returnWords } from '../i18n/return.words.ts'
import { localPath } from '../i18n/words.ts'
import { ErrorSummary, type FormErrors } from '../parts/error-summary.tsx'
import { SelectField, TextArea } from '../parts/form-field.tsx'

/** How many of each line can still go back. */
export const returnable = ({ quantity, returnedQuantity }: OrderWithLines['lines'][number]): number => quantity - returnedQuantity

/** One order's lines, each with how many go back and why. */
export function ReturnPage({
  order,
  token,
  chosen,
  comment,
  errors,
}: {
  order: OrderWithLines
  token: string | undefined
  /** What was chosen before, by line. */
  chosen: ReadonlyMap<string, { quantity: string; reason: string }>
  comment: string
  errors: FormErrors | undefined
}) {
  const words = returnWords()
  const lines = order.lines.filter((line) => returnable(line) > 0)
  return (
    <div class="max-w-text stack">
      <h1>{words.title}</h1>
      <p>{words.lead(order.number)}</p>
      <ErrorSummary errors={errors} />
      {lines.length === 0 ? (
        <p class="notice">{words.nothingLeft}</p>
      ) : (
        <form method="post" action={localPath(`/orders/${order.number}/return`)} novalidate>
          {token !== undefined && <input type="hidden" name="token" value={token} />}
          {lines.map((line, index) => {
            const what = `${line.name}, ${line.colour}, ${line.size}`
            const before = chosen.get(line.id)
            return (
              <fieldset key={line.id} class="part panel">
                <legend>{what}</legend>
                <div class="joined">
                  <SelectField
                    name={`quantity-${line.id}`}
                    label={words.howMany(what)}
                    error={index === 0 ? errors?.[`quantity-${line.id}`] : undefined}
                    value={before?.quantity ?? '0'}
                    options={Array.from({ length: returnable(line) + 1 }, (_, count) => ({
                      value: String(count),
                      label: count === 0 ? words.none : String(count),
                    }))}
                  />
                  <SelectField
                    name={`reason-${line.id}`}
                    label={words.why(what)}
                    value={before?.reason ?? 'too_small'}
                    options={returnReasons.map((reason) => ({ value: reason, label: words[reason] }))}
                  />
                </div>
              </fieldset>
            )
          })}
          <TextArea name="comment" label={words.comment} isOptional value={comment} maxlength={500} />
          <button class="btn btn-big">{words.send}</button>
        </form>
      )}
    </div>
  )
}
