import { t } from 'elysia'
import { type RefusalCode, refusals } from '../../lib/refusal.ts'

/** The wire shape of every error. */
export const Problem = t.Object(
  {
    type: t.String({ description: 'Where the code is explained.' }),
    title: t.String({ description: 'What the code means, in a sentence.' }),
    status: t.Number({ description: 'The HTTP status again.' }),
    code: t.String({ description: 'Stable, for programs to branch on.' }),
    detail: t.String({ description: 'A sentence a person may read.' }),
    requestId: t.String({ description: 'Quote it to support.' }),
    fields: t.Optional(
      t.Array(t.Object({ path: t.String(), code: t.String(), message: t.String() }), { description: 'The values that are not right.' }),
    ),
  },
  { additionalProperties: true, description: 'A refusal (RFC 9457 problem+json).' },
)

/**
 * The error answers of a route, grouped by status, for its `response`. Every route may also answer 422, 429, 500 and 503 where
 * that applies; `problems('not_found', 'out_of_stock')` documents both with their sentences.
 */
export function problems(...codes: RefusalCode[]): Record<number, typeof Problem> {
  const byStatus = new Map<number, RefusalCode[]>()
  for (const code of [...codes, 'malformed_request', 'invalid_input', 'internal', 'overloaded'] as const) {
    const status = refusals[code].status
    byStatus.set(status, [...(byStatus.get(status) ?? []), code])
  }
  return Object.fromEntries(
    [...byStatus].map(([status, all]) => [
      status,
      { ...Problem, description: [...new Set(all)].map((code) => `\`${code}\`: ${refusals[code].message}`).join(' ') },
    ]),
  ) as Record<number, typeof Problem>
}
