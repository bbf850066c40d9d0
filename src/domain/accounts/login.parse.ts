import { parsePhone } from '../../lib/phone.ts'

/** What somebody typed to say who they are: an e-mail or a Kenyan phone number. */
export type Login = { readonly kind: 'email'; readonly email: string } | { readonly kind: 'phone'; readonly phone: string }

// One mailbox as it is written down; whether it exists, only a letter can tell.
const mailbox = /^[^\s@<>",;:()[\]\\]{1,64}@[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?)+$/i

/** An e-mail as it is kept: composed (NFC), without spaces around; undefined when it cannot be one. */
export function parseEmail(text: string): string | undefined {
  const email = text.trim().normalize('NFC')
  return email.length <= 254 && mailbox.test(email) ? email : undefined
}

/** What was typed at sign-in. Anything that is no phone number is looked up as an e-mail. */
export function parseLogin(text: string): Login {
  const phone = parsePhone(text)
  return phone === undefined ? { kind: 'email', email: text.trim().normalize('NFC').toLowerCase() } : { kind: 'phone', phone }
}

/** The same for every way of writing the same login, to count failures by. */
export const loginKey = (login: Login): string => (login.kind === 'phone' ? login.phone : login.email)
