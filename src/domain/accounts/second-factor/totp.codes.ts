import { Secret, TOTP } from 'otpauth'

/** RFC 6238 as every authenticator app does it: SHA-1, six digits, thirty seconds. */
const stepS = 30
const settings = { algorithm: 'SHA1', digits: 6, period: stepS } as const

/** A fresh secret, base32: 160 bits. */
export const newTotpSecret = (): string => new Secret({ size: 20 }).base32

/** The address an authenticator app reads from a picture: otpauth://totp/... */
export const totpAddress = (secret: string, label: string): string =>
  new TOTP({ ...settings, issuer: 'Rahim Online', label, secret: Secret.fromBase32(secret) }).toString()

/**
 * The time step a code belongs to, if it is one of the last, the present or the next step (a phone's clock may be half a minute off);
 * else undefined.
 */
export function totpStep(secret: string, code: string, now: Date): number | undefined {
  if (!/^\d{6}$/.test(code)) return undefined
  const totp = new TOTP({ ...settings, secret: Secret.fromBase32(secret) })
  const delta = totp.validate({ token: code, timestamp: now.getTime(), window: 1 })
  return delta === null ? undefined : Math.floor(now.getTime() / 1_000 / stepS) + delta
}
