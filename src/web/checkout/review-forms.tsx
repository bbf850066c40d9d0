import type { OrderWithLines } from '../../domain/orders/order.queries.ts'
import { reviewWords } from '../i18n/review.words.ts'
import { localPath } from '../i18n/words.ts'
import { SelectField, TextArea } from '../parts/form-field.tsx'

/** A folded form for each piece that has come: stars, how it fits, and a few words. */
export function ReviewForms({ order, token }: { order: OrderWithLines; token: string | undefined }) {
  const words = reviewWords()
  return (
    <section class="no-print">
      <h2>{words.say}</h2>
      {order.lines.map((line) => (
        <details key={line.id}>
          <summary>{words.about(`${line.name}, ${line.size}`)}</summary>
          <form method="post" action={localPath(`/orders/${order.number}/reviews/${line.id}`)}>
            {token !== undefined && <input type="hidden" name="token" value={token} />}
            <SelectField
              name={`stars-${line.id}`}
              label={words.howMany}
              value="5"
              options={['5', '4', '3', '2', '1'].map((stars) => ({ value: stars, label: words.stars(stars) }))}
            />
            <SelectField
              name={`fit-${line.id}`}
              label={words.fit}
              value=""
              options={[
                { value: '', label: words.noFit },
                ...(['small', 'true', 'large'] as const).map((fit) => ({ value: fit, label: words[fit] })),
              ]}
            />
            <TextArea name={`body-${line.id}`} label={words.text} isOptional maxlength={1000} />
            <button class="btn btn-quiet">{words.send}</button>
          </form>
        </details>
      ))}
    </section>
  )
}
