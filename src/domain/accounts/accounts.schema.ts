import { t } from 'elysia'
import { apiScopes } from '../../lib/actor.ts'
import { closed, Instant } from '../../platform/http/shapes.ts'

const Password = (description: string) => t.String({ minLength: 1, maxLength: 128, description })
const Token = t.String({ minLength: 16, maxLength: 64, pattern: '^[A-Za-z0-9_-]+$', description: 'The token of the link.' })
const Code = t.String({ minLength: 6, maxLength: 24, description: 'Six digits of the authenticator app, or a recovery code.' })

export const LoginBody = closed(
  {
    login: t.String({ minLength: 3, maxLength: 254, description: 'E-mail or Kenyan phone number.' }),
    password: Password('The password.'),
    code: t.Optional(Code),
  },
  { examples: [{ login: 'amina@example.co.ke', password: 'a long password' }] },
)

export const RegisterBody = closed(
  {
    name: t.String({ minLength: 1, maxLength: 120, pattern: '\\S' }),
    email: t.Optional(t.String({ minLength: 3, maxLength: 254, description: 'Either this or `phone`.' })),
    phone: t.Optional(t.String({ minLength: 9, maxLength: 20, description: 'A Kenyan mobile number.' })),
    password: Password('At least 12 characters that are not easy to guess.'),
    acceptsTerms: t.Literal(true, { description: 'The person agrees to the terms and the privacy notice.' }),
    wantsNews: t.Optional(t.Boolean({ description: 'The person wants letters about offers. Off unless they say so.' })),
  },
  {
    examples: [{ name: 'Amina Wanjiru', email: 'amina@example.co.ke', password: 'three words of mine', acceptsTerms: true }],
  },
)

export const ActivateBody = closed({ token: Token })
export const ForgotBody = closed(
  { login: t.String({ minLength: 3, maxLength: 254, description: 'E-mail or phone number.' }) },
  { examples: [{ login: 'amina@example.co.ke' }] },
)
export const ResetBody = closed({ token: Token, password: Password('The new password.') })
export const ChangePasswordBody = closed({ password: Password('The present password.'), newPassword: Password('The new one.') })
export const ContactBody = closed({
  contact: t.String({ minLength: 3, maxLength: 254, description: 'The new e-mail or phone number.' }),
  password: Password('The password.'),
})
export const ProofBody = t.Union([closed({ password: Password('The password.') }), closed({ code: Code })], {
  description: 'A code where the account has a second factor, else the password.',
})
export const CodeBody = closed({ code: Code })
export const ProfileBody = closed({
  name: t.Optional(t.String({ minLength: 1, maxLength: 120, pattern: '\\S' })),
  wantsNews: t.Optional(t.Boolean()),
})

export const AccountShape = closed({
  id: t.String(),
  name: t.String(),
  email: t.Union([t.String(), t.Null()]),
  phone: t.Union([t.String({ description: '2547XXXXXXXX' }), t.Null()]),
  roles: t.Array(t.String()),
})

export const SignedInShape = closed({
  token: t.String({ description: 'Send it as `Authorization: Bearer <token>`. Shown once.' }),
  expiresAt: Instant,
  user: AccountShape,
})

export const RenewedShape = closed({
  token: t.String({ description: 'The new token of this session; the old one is worth nothing.' }),
  expiresAt: Instant,
})

/** The one answer to a wish that may concern somebody else’s address. */
export const SentShape = closed({
  status: t.Literal('sent', { description: 'Look at your messages. Says nothing about whether there is an account.' }),
})

export const SessionList = closed({
  items: t.Array(
    closed({
      id: t.String(),
      userAgent: t.Union([t.String(), t.Null()]),
      createdAt: Instant,
      lastSeenAt: Instant,
      expiresAt: Instant,
      isCurrent: t.Boolean(),
    }),
  ),
})

export const EndedShape = closed({ ended: t.Number({ multipleOf: 1, description: 'How many sessions ended.' }) })
export const StepUpShape = closed({ until: Instant })
export const CsrfShape = closed({ token: t.String({ description: 'Send it as X-CSRF-Token where a browser names no origin.' }) })

export const SecondFactorShape = closed({
  isOn: t.Boolean(),
  confirmedAt: t.Union([Instant, t.Null()]),
  recoveryCodesLeft: t.Number({ multipleOf: 1 }),
})
export const TotpOfferShape = closed({
  secret: t.String({ description: 'Base32, to type into the app. Shown once.' }),
  address: t.String({ description: 'otpauth://, for a QR picture.' }),
})
export const TotpConfirmedShape = closed({
  token: t.String(),
  expiresAt: Instant,
  recoveryCodes: t.Array(t.String(), { description: 'Each works once. Shown once.' }),
})

const Scope = t.Union(apiScopes.map((scope) => t.Literal(scope)))
export const KeyBody = closed(
  {
    name: t.String({ minLength: 1, maxLength: 80, pattern: '\\S' }),
    scopes: t.Array(Scope, { minItems: 1, maxItems: 20 }),
    vendorId: t.Optional(t.String({ format: 'uuid', description: 'Which vendor; an admin leaves it out for a key of the shop.' })),
    days: t.Optional(t.Number({ multipleOf: 1, minimum: 1, maximum: 730, description: 'How long it lives. Without end when left out.' })),
    isSigning: t.Optional(t.Boolean({ description: 'Requests must be signed; the key alone opens nothing.' })),
  },
  { examples: [{ name: 'Stock sync', scopes: ['catalog:read', 'orders:read'], days: 90 }] },
)
export const MadeKeyShape = closed({
  id: t.String(),
  keyId: t.String({ description: 'Tells keys apart; the X-Key-Id of signed requests.' }),
  key: t.Union([t.String(), t.Null()], { description: 'Send it as a bearer token. Shown once.' }),
  signingSecret: t.Union([t.String(), t.Null()], { description: 'For signing keys. Shown once.' }),
  expiresAt: t.Union([Instant, t.Null()]),
})
export const KeyList = closed({
  items: t.Array(
    closed({
      id: t.String(),
      keyId: t.String(),
      name: t.String(),
      vendorId: t.Union([t.String(), t.Null()]),
      scopes: t.Array(t.String()),
      createdAt: Instant,
      expiresAt: t.Union([Instant, t.Null()]),
      lastUsedAt: t.Union([Instant, t.Null()]),
    }),
  ),
})

const RoleShape = t.Union([t.Literal('driver'), t.Literal('support'), t.Literal('finance'), t.Literal('admin')])
export const AccountList = closed({
  items: t.Array(closed({ ...AccountShape.properties, status: t.String(), createdAt: Instant })),
  nextCursor: t.Union([t.String(), t.Null()]),
})
export const ChangeAccountBody = closed({
  roles: t.Optional(t.Array(RoleShape, { maxItems: 4, uniqueItems: true })),
  status: t.Optional(t.Union([t.Literal('active'), t.Literal('disabled')])),
})
