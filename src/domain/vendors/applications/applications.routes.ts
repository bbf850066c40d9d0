import { Elysia, t } from 'elysia'
import type { Context } from '../../../context.ts'
import { Refusal } from '../../../lib/refusal.ts'
import { actorGuard, asPerson } from '../../../platform/http/actor-guard.ts'
import { readBytes } from '../../../platform/http/body-parser.ts'
import { problems } from '../../../platform/http/problem.schema.ts'
import { closed, Instant, page, whole } from '../../../platform/http/shapes.ts'
import { applyToSell } from './apply-to-sell.ts'
import { type ApplicationWithPapers, applicationsOf, listApplications } from './application.queries.ts'
import { decideApplication } from './decide-application.ts'
import { keepPaper, type PaperPurpose } from './keep-paper.ts'
import { mostPaperBytes } from './kyc.file.ts'
import { readPaper } from './read-paper.ts'

const State = t.Union([t.Literal('pending'), t.Literal('approved'), t.Literal('rejected')])
const Purpose = t.Union([t.Literal('identity'), t.Literal('kra_certificate'), t.Literal('business_permit')])
const Nullable = t.Union([t.String(), t.Null()])
const ApplicationShape = closed({
  id: t.String(),
  name: t.String(),
  legalName: t.String(),
  town: t.String(),
  story: t.String(),
  phone: t.String(),
  kraPin: t.String(),
  state: State,
  reason: t.String(),
  vendorId: Nullable,
  createdAt: Instant,
  decidedAt: t.Union([Instant, t.Null()]),
  papers: t.Array(closed({ id: t.String(), purpose: Purpose, mediaType: t.String(), bytes: t.Number() })),
})
const ApplyBody = closed(
  {
    name: t.String({ minLength: 2, maxLength: 80 }),
    legalName: t.Optional(t.String({ maxLength: 120 })),
    town: t.String({ minLength: 2, maxLength: 80 }),
    story: t.Optional(t.String({ maxLength: 2_000 })),
    phone: t.String({ minLength: 7, maxLength: 20 }),
    kraPin: t.String({ pattern: '^[A-Z][0-9]{9}[A-Z]$' }),
  },
  { examples: [{ name: 'Kariokor Looms', town: 'Nairobi', phone: '0712345678', kraPin: 'P051234567X' }] },
)
const DecisionBody = t.Union([
  closed({
    decision: t.Literal('approved'),
    commissionBasisPoints: whole(0, 10_000, 'Hundredths of a percent; 200 is 2 %.'),
    reason: t.Optional(t.String({ maxLength: 500 })),
  }),
  closed({ decision: t.Literal('rejected'), reason: t.String({ minLength: 3, maxLength: 500, description: 'The applicant reads it.' }) }),
])
const ById = t.Object({ id: t.String({ maxLength: 64 }) })

const view = (row: ApplicationWithPapers) => ({
  id: row.id,
  name: row.name,
  legalName: row.legalName,
  town: row.town,
  story: row.story,
  phone: row.phone,
  kraPin: row.kraPin,
  state: row.state as 'pending' | 'approved' | 'rejected',
  reason: row.reason,
  vendorId: row.vendorId,
  createdAt: row.createdAt.toISOString(),
  decidedAt: row.decidedAt?.toISOString() ?? null,
  papers: row.papers.map(({ id, purpose, mediaType, bytes }) => ({ id, purpose: purpose as PaperPurpose, mediaType, bytes })),
})

/** Asking to sell here, with papers, and deciding about it. */
export const applicationsRoutes = (context: Context) =>
  new Elysia({ prefix: '/api/v1', tags: ['Vendors'] })
    .use(actorGuard(context.identify))
    .get(
      '/vendor-applications',
      async ({ actor }) => ({ items: (await applicationsOf(context.db, asPerson(actor).accountId)).map(view) }),
      {
        as: 'person',
        response: { 200: closed({ items: t.Array(ApplicationShape) }), ...problems('not_signed_in') },
        detail: { operationId: 'listOwnApplications', summary: 'One’s own applications to sell here' },
      },
    )
    .post(
      '/vendor-applications',
      async ({ actor, body, set }) => {
        const id = await applyToSell(context, asPerson(actor), body)
        set.status = 201
        return { id }
      },
      {
        as: 'person',
        body: ApplyBody,
        response: {
          201: closed({ id: t.String() }),
          ...problems('not_signed_in', 'application_open', 'phone_invalid', 'malformed_json', 'unsupported_media_type'),
        },
        detail: { operationId: 'applyToSell', summary: 'Ask to sell here', description: 'Then send the papers, one by one; staff decide.' },
      },
    )
    .post(
      '/vendor-applications/:id/papers',
      async ({ actor, params, query, request, set }) => {
        const id = await keepPaper(context, asPerson(actor), params.id, { purpose: query.purpose, bytes: await sentFile(request) })
        set.status = 201
        return { id }
      },
      {
        as: 'person',
        // Left unread, so that strangers hear 401 first; the form is read within a limit of its own.
        parse: [({ request }: { request: Request }) => request],
        params: ById,
        query: t.Object({ purpose: Purpose }),
        response: {
          201: closed({ id: t.String() }),
          ...problems('not_signed_in', 'not_found', 'file_refused', 'too_many_files', 'body_too_large', 'unsupported_media_type'),
        },
        detail: {
          operationId: 'keepPaper',
          summary: 'Add a paper to one’s application',
          description:
            'A form (multipart/form-data) with one `file`: JPEG, PNG or PDF by its content, at most 5 MB and three an application. Kept encrypted; only staff can read it.',
        },
      },
    )
    .get(
      '/admin/vendor-applications',
      async ({ query, set }) => {
        set.headers['cache-control'] = 'private, no-store'
        const found = await listApplications(context.db, {
          state: query.state ?? 'pending',
          cursor: query.cursor,
          limit: query.limit ?? 20,
        })
        return { items: found.items.map(view), nextCursor: found.nextCursor }
      },
      {
        as: 'staff',
        query: t.Object({
          state: t.Optional(State),
          cursor: t.Optional(t.String({ maxLength: 500 })),
          limit: t.Optional(t.Numeric({ minimum: 1, maximum: 100, multipleOf: 1 })),
        }),
        response: { 200: page(ApplicationShape), ...problems('not_signed_in', 'not_allowed') },
        detail: { operationId: 'listApplications', summary: 'Applications to sell here, those that wait longest first' },
      },
    )
    .get(
      '/admin/vendor-applications/:id/papers/:fileId',
      async ({ actor, params, set }) => {
        const { name, bytes } = await readPaper(context, asPerson(actor), params.id, params.fileId)
        // Never shown in a page of ours, whatever the file says it is.
        set.headers['content-type'] = 'application/octet-stream'
        set.headers['content-disposition'] = `attachment; filename="${name}"`
        set.headers['content-security-policy'] = "default-src 'none'; sandbox"
        set.headers['cache-control'] = 'private, no-store'
        return bytes
      },
      {
        as: 'staff',
        params: t.Object({ id: t.String({ maxLength: 64 }), fileId: t.String({ maxLength: 64 }) }),
        response: {
          200: t.Uint8Array({ description: 'The paper, as a download.' }),
          ...problems('not_signed_in', 'not_allowed', 'not_found'),
        },
        detail: {
          operationId: 'readPaper',
          summary: 'A paper of an application',
          description: 'That somebody looked stands in the audit log.',
        },
      },
    )
    .post(
      '/admin/vendor-applications/:id/decision',
      async ({ actor, params, body }) => {
        await decideApplication(context, asPerson(actor), params.id, body)
        return { decision: body.decision }
      },
      {
        as: 'staff',
        params: ById,
        body: DecisionBody,
        response: {
          200: closed({ decision: t.Union([t.Literal('approved'), t.Literal('rejected')]) }),
          ...problems(
            'not_signed_in',
            'not_allowed',
            'not_found',
            'application_decided',
            'papers_missing',
            'malformed_json',
            'unsupported_media_type',
          ),
        },
        detail: {
          operationId: 'decideApplication',
          summary: 'Approve or refuse an application',
          description: 'Approval makes the vendor, with the applicant as its owner.',
        },
      },
    )

/** The one file of a form. Refuses with unsupported_media_type, body_too_large, file_refused. */
async function sentFile(request: Request): Promise<Uint8Array> {
  const type = request.headers.get('content-type') ?? ''
  if (!/^multipart\/form-data;\s*boundary=/i.test(type))
    throw new Refusal('unsupported_media_type', { detail: 'Send a form with one file.' })
  const bytes = await readBytes(request, mostPaperBytes + 65_536)
  let form: FormData
  try {
    form = await new Response(Buffer.from(bytes), { headers: { 'content-type': type } }).formData()
  } catch (error) {
    throw new Refusal('file_refused', { detail: 'The form could not be read.', cause: error })
  }
  const files = Array.from(form.values() as Iterable<unknown>).filter((value): value is File => value instanceof File)
  const [file] = files
  if (file === undefined || files.length !== 1) throw new Refusal('file_refused', { detail: 'Send exactly one file.' })
  return new Uint8Array(await file.arrayBuffer())
}
