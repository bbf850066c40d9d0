import type { Config } from '../config.ts'

/** The value of one cookie of a request; undefined when absent or not of a safe form. */
export function readCookie(request: Request, name: string): string | undefined {
  for (const part of (request.headers.get('cookie') ?? '').split(';')) {
    const at = part.indexOf('=')
    if (at > 0 && part.slice(0, at).trim() === name) {
      const value = part.slice(at + 1).trim()
      return /^[A-Za-z0-9_.-]{1,256}$/.test(value) ? value : undefined
    }
  }
  return undefined
}

/** A cookie's full name: __Host- binds it to this host and to TLS, which plain http on a developer's machine cannot have. */
export const cookieName = (config: Config, name: string): string => (config.publicUrl.startsWith('https:') ? `__Host-${name}` : name)

/** A Set-Cookie header. HttpOnly and SameSite=Lax always; an age of 0 removes it. */
export const setCookie = (config: Config, name: string, value: string, maxAgeS: number): string =>
  `${cookieName(config, name)}=${value}; Path=/; Max-Age=${maxAgeS}; HttpOnly; SameSite=Lax${config.publicUrl.startsWith('https:') ? '; Secure' : ''}`
