import { t } from 'elysia'
import { type Intent, intents } from './read-intent.ts'

/** A question. */
export const QuestionBody = t.Object(
  {
    message: t.String({ minLength: 1, maxLength: 500, pattern: '\\S', description: 'What somebody wants to know, in English or Swahili.' }),
    lang: t.Optional(
      t.Union([t.Literal('en'), t.Literal('sw')], { description: 'The language of the page; without it the words decide.' }),
    ),
    orderToken: t.Optional(t.String({ maxLength: 64, description: 'The token of an order’s link, for a guest.' })),
  },
  { additionalProperties: false },
)

/** An answer and the pages it came from. */
export const AssistantAnswer = t.Object({
  intent: t.Unsafe<Intent>(t.Union(intents.map((intent) => t.Literal(intent)))),
  lang: t.Union([t.Literal('en'), t.Literal('sw')]),
  text: t.String(),
  links: t.Array(
    t.Object({
      kind: t.Union([t.Literal('page'), t.Literal('form'), t.Literal('person')], {
        description: '`page`: where the answer is from; `form`: where it is done; `person`: WhatsApp.',
      }),
      label: t.String(),
      href: t.String(),
    }),
  ),
})
