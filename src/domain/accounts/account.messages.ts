/** A letter to the owner of an account; where they gave a phone, the short text goes there instead. */
export interface AccountMessage {
  readonly subject: string
  readonly text: string
  /** One text message: plain letters. */
  readonly sms: string
}

/** The link that makes the account. */
export const activationMessage = (name: string, url: string): AccountMessage => ({
  subject: 'Confirm your Rahim Online account',
  text: `Habari ${name},\n\nOpen this link within 24 hours to finish your account:\n\n${url}\n\nIf you did not ask for an account, do nothing: none was made.\n\nRahim Online`,
  sms: `Rahim Online: finish your account within 24 hours: ${url} Not you? Do nothing.`,
})

/** Somebody asked for an account at an address that has one. */
export const knownMessage = (signInUrl: string, resetUrl: string): AccountMessage => ({
  subject: 'You have a Rahim Online account already',
  text: `Habari,\n\nSomebody, probably you, asked for an account with this address. It has one already.\n\nSign in: ${signInUrl}\nForgot the password: ${resetUrl}\n\nIf it was not you, do nothing: nothing was changed.\n\nRahim Online`,
  sms: `Rahim Online: this number has an account already. Sign in: ${signInUrl}`,
})

/** The link to set a new password. */
export const resetMessage = (url: string): AccountMessage => ({
  subject: 'Set a new password at Rahim Online',
  text: `Habari,\n\nOpen this link within 30 minutes to set a new password:\n\n${url}\n\nIt works once and signs you out everywhere. If you did not ask for it, do nothing: your password stays as it is.\n\nRahim Online`,
  sms: `Rahim Online: set a new password within 30 minutes: ${url} Not you? Do nothing.`,
})

/** The password was changed. */
export const passwordChangedMessage = (resetUrl: string, supportEmail: string): AccountMessage => ({
  subject: 'Your Rahim Online password was changed',
  text: `Habari,\n\nThe password of your account was changed just now, and every other device was signed out.\n\nIf it was not you, set a new one at once (${resetUrl}) and write to ${supportEmail}.\n\nRahim Online`,
  sms: `Rahim Online: your password was changed. Not you? Set a new one: ${resetUrl}`,
})

/** The link that confirms a new e-mail or phone. */
export const contactMessage = (url: string): AccountMessage => ({
  subject: 'Confirm this address for Rahim Online',
  text: `Habari,\n\nOpen this link within 24 hours to use this address with your account:\n\n${url}\n\nIf you did not ask for this, do nothing.\n\nRahim Online`,
  sms: `Rahim Online: use this number with your account: ${url} Not you? Do nothing.`,
})

/** Tells the address that is being replaced. */
export const contactChangedMessage = (supportEmail: string): AccountMessage => ({
  subject: 'The contact of your Rahim Online account was changed',
  text: `Habari,\n\nThe e-mail or phone number of your account was changed. If it was not you, write to ${supportEmail} at once.\n\nRahim Online`,
  sms: `Rahim Online: the contact of your account was changed. Not you? Write to ${supportEmail}`,
})
