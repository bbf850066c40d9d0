import { Elysia, t } from 'elysia'
import type { Context } from '../../context.ts'
import { deliveriesForDriver } from '../../domain/delivery/delivery.queries.ts'
import { isOnDuty } from '../../domain/delivery/driver.queries.ts'
import { setDuty } from '../../domain/delivery/set-duty.ts'
import type { PersonActor } from '../../lib/actor.ts'
import { Refusal, type RefusalCode, refusals } from '../../lib/refusal.ts'
import { admit, asPerson } from '../../platform/http/actor-guard.ts'
import { acceptRun } from '../../workflows/dispatch/accept-run.ts'
import { completeRun } from '../../workflows/dispatch/complete-run.ts'
import { failReasons, failRun } from '../../workflows/dispatch/fail-run.ts'
import { startRun } from '../../workflows/dispatch/start-run.ts'
import { fieldText, type FormBody, formBody } from '../form-values.ts'
import { seeOther, showPage } from '../show-page.ts'
import { socketOrigin } from '../socket-origin.ts'
import { DriverPage, type DriverView } from './driver-page.tsx'
import { doneWords } from './driver.steps.ts'

const verbs = ['accept', 'pickup', 'depart', 'arrive', 'deliver', 'fail'] as const
type Verb = (typeof verbs)[number]

/** The rider's page: complete as forms; a script adds sharing the position. */
export const driverPages = (context: Context) =>
  new Elysia({ prefix: '/driver' })
    .get(
      '',
      async ({ request, query }) => {
        const driver = await mustBeDriver(context, request)
        const [onDuty, { own, waiting }] = await Promise.all([
          isOnDuty(context.db, driver.accountId),
          deliveriesForDriver(context.db, driver.accountId),
        ])
        const body = <DriverPage name={driver.name} isOnDuty={onDuty} own={own} waiting={waiting} message={messageOf(query)} />
        return showPage(
          context,
          request,
          { title: 'Today', path: '/driver', body, isPrivate: true, shelves: [], scripts: ['share-position.js'] },
          {
            keep: 'never',
            policy: { 'connect-src': socketOrigin(context.config.publicUrl) },
            headers: { 'permissions-policy': 'geolocation=(self), screen-wake-lock=(self), camera=(), microphone=(), payment=(), usb=()' },
          },
        )
      },
      {
        query: t.Object({
          done: t.Optional(t.String({ maxLength: 20 })),
          problem: t.Optional(t.String({ maxLength: 40 })),
          left: t.Optional(t.String({ maxLength: 2 })),
        }),
        detail: { hide: true },
      },
    )
    .post(
      '/duty',
      async ({ request, body }) => {
        const driver = await mustBeDriver(context, request)
        const duty = fieldText(formBody(body), 'duty', 3) === 'on'
        await setDuty(context.db, driver.accountId, duty)
        return seeOther(`/driver?done=${duty ? 'on' : 'off'}`)
      },
      { detail: { hide: true } },
    )
    .post(
      '/deliveries/:id/:verb',
      async ({ request, params, body }) => {
        const driver = await mustBeDriver(context, request)
        return afterwards(params.verb, () => act(context, driver, params.id, params.verb, formBody(body)))
      },
      {
        params: t.Object({ id: t.String({ maxLength: 36 }), verb: t.Unsafe<Verb>(t.Union(verbs.map((verb) => t.Literal(verb)))) }),
        detail: { hide: true },
      },
    )

async function mustBeDriver(context: Context, request: Request): Promise<PersonActor> {
  const actor = await context.identify(request)
  admit(actor, 'driver')
  return asPerson(actor)
}

async function act(context: Context, driver: PersonActor, deliveryId: string, verb: Verb, form: FormBody): Promise<void> {
  if (verb === 'accept') await acceptRun(context, driver, deliveryId)
  else if (verb === 'pickup') await startRun(context, driver, 'picked_up', { deliveryId })
  else if (verb === 'depart') await startRun(context, driver, 'en_route', { deliveryId })
  else if (verb === 'arrive') await startRun(context, driver, 'arriving', { deliveryId })
  else if (verb === 'deliver') await completeRun(context, driver, { deliveryId, code: fieldText(form, 'code', 10) })
  else
    await failRun(context, driver, {
      deliveryId,
      reason: failReasons.find((reason) => reason === fieldText(form, 'reason', 20)) ?? 'other',
    })
}

/** Back to the page, which says what happened; a refusal is part of the day and no error page. */
async function afterwards(verb: Verb, run: () => Promise<void>): Promise<Response> {
  try {
    await run()
    return seeOther(`/driver?done=${verb}`)
  } catch (error) {
    if (!(error instanceof Refusal) || error.status >= 500) throw error
    const left = error.extra['triesLeft']
    return seeOther(`/driver?problem=${error.code}${typeof left === 'number' ? `&left=${left}` : ''}`)
  }
}

function messageOf({
  done,
  problem,
  left,
}: {
  done?: string | undefined
  problem?: string | undefined
  left?: string | undefined
}): DriverView['message'] {
  if (problem !== undefined && Object.hasOwn(refusals, problem)) {
    const tries =
      left !== undefined && /^\d$/.test(left) ? (left === '0' ? ' No tries are left: call the dispatcher.' : ` ${left} tries left.`) : ''
    return { tone: 'bad', text: `${refusals[problem as RefusalCode].message}${tries}` }
  }
  const text = done !== undefined && Object.hasOwn(doneWords, done) ? doneWords[done] : undefined
  return text === undefined ? undefined : { tone: 'ok', text }
}
