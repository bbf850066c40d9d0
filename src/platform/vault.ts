import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto'
import { mkdir, rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'

/** Private files: encrypted on disk under random names, in a folder that nothing serves. */
export interface Vault {
  /** Keeps bytes and answers the name to ask for them by. */
  put(bytes: Uint8Array): Promise<string>
  /** The bytes, or undefined when they are gone or were changed. */
  get(name: string): Promise<Uint8Array | undefined>
  remove(name: string): Promise<void>
}

const [ivBytes, tagBytes] = [12, 16]
const safeName = /^[a-f0-9]{48}$/

/** A vault in a folder. The key is made from the server secret (HKDF, AES-256-GCM); rotating that makes its files unreadable. */
export function createVault(folder: string, secret: string): Vault {
  const root = resolve(folder)
  const key = Buffer.from(hkdfSync('sha256', secret, 'rahim-online', 'vault', 32))
  return {
    async put(bytes) {
      const name = randomBytes(24).toString('hex')
      const iv = randomBytes(ivBytes)
      const cipher = createCipheriv('aes-256-gcm', key, iv)
      const sealed = Buffer.concat([iv, cipher.update(bytes), cipher.final(), cipher.getAuthTag()])
      await mkdir(root, { recursive: true, mode: 0o700 })
      await Bun.write(join(root, name), sealed, { mode: 0o600 })
      return name
    },
    async get(name) {
      const file = Bun.file(join(root, name))
      if (!safeName.test(name) || !(await file.exists())) return undefined
      const sealed = await file.bytes()
      if (sealed.length < ivBytes + tagBytes) return undefined
      const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, ivBytes))
      decipher.setAuthTag(sealed.subarray(-tagBytes))
      try {
        return Buffer.concat([decipher.update(sealed.subarray(ivBytes, -tagBytes)), decipher.final()])
      } catch {
        // The tag does not fit: another secret, or somebody changed the bytes.
        return undefined
      }
    },
    async remove(name) {
      if (safeName.test(name)) await rm(join(root, name), { force: true })
    },
  }
}
