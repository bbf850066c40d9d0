import { Elysia } from 'elysia'
import type { Context } from '../../context.ts'
import { actorGuard } from '../../platform/http/actor-guard.ts'
import { problems } from '../../platform/http/problem.schema.ts'
import { answerMessage } from './answer-message.ts'
import { AssistantAnswer, QuestionBody } from './assistant.schema.ts'

/** Short questions, answered from the shop's own data with the rights of who asks. */
export const assistantRoutes = (context: Context) =>
  new Elysia({ prefix: '/api/v1', tags: ['Assistant'] }).use(actorGuard(context.identify)).post(
    '/assistant/messages',
    async ({ actor, body, set }) => {
      set.headers['cache-control'] = 'private, no-store'
      return await answerMessage(context, actor, body)
    },
    {
      as: 'anyone',
      body: QuestionBody,
      response: { 200: AssistantAnswer, ...problems('malformed_json', 'unsupported_media_type', 'too_many_requests') },
      detail: {
        operationId: 'askAssistant',
        summary: 'Ask a short question',
        description:
          'Order status, fees, returns, sizes, payments, the shop, and for vendors, drivers and staff what waits at their desks. It changes nothing and keeps nothing: what is to be done is a link to its form. An order is told only to who may read it.',
      },
    },
  )
