/** `rok_` and eight letters that tell keys apart, then 256 bits nobody guesses. */
export const keyForm = /^Bearer (rok_[A-Za-z0-9]{8}_[A-Za-z0-9_-]{43})$/

/** The part of a key that is shown in lists. */
export const keyPrefix = (key: string): string => key.slice(0, 12)

/** What a signing secret is sealed for. */
export const signingPurpose = 'api-signing'
