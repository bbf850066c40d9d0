import { t } from 'elysia'
import { closed, Instant } from '../../platform/http/shapes.ts'

export const LoginBody = closed(
  {
    login: t.String({ minLength: 3, maxLength: 254, description: 'E-mail or Kenyan phone number.' }),
    password: t.String({ minLength: 1, maxLength: 128 }),
  },
  { examples: [{ login: 'amina@example.co.ke', password: 'a long password' }] },
)

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
