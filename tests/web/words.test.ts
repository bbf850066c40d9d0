import { describe, expect, test } from 'bun:test'
import { join } from 'node:path'
import { inLanguage, localPath } from '../../src/web/i18n/words.ts'

const web = join(import.meta.dirname, '../../src/web')
const wordFiles = [...new Bun.Glob('i18n/*.words.ts').scanSync({ cwd: web })].sort()

type Words = Readonly<Record<string, unknown>>
/** Every room of words, by the name pages call it by. */
async function rooms(): Promise<{ file: string; name: string; en: Words; sw: Words }[]> {
  const found = []
  for (const file of wordFiles) {
    const module = (await import(join(web, file))) as Record<string, unknown>
    for (const [name, value] of Object.entries(module)) {
      if (!name.endsWith('Words') || typeof value !== 'function') continue
      const speak = value as (lang: 'en' | 'sw') => Words
      found.push({ file, name, en: speak('en'), sw: speak('sw') })
    }
  }
  return found
}

describe('the words of the shop', () => {
  test('are there in both languages, key by key, and none is empty', async () => {
    const all = await rooms()
    expect(all.length).toBeGreaterThan(7)
    for (const { name, en, sw } of all) {
      expect([name, Object.keys(sw).sort()]).toEqual([name, Object.keys(en).sort()])
      for (const words of [en, sw])
        for (const [key, value] of Object.entries(words)) {
          const said = typeof value === 'function' ? (value as (...given: unknown[]) => string)('a', 'b', 'c') : value
          expect([name, key, typeof said === 'string' && said.trim() !== '']).toEqual([name, key, true])
        }
    }
  })

  test('are really two languages: few keys say the same in both', async () => {
    for (const { name, en, sw } of await rooms()) {
      const texts = Object.keys(en).filter((key) => typeof en[key] === 'string')
      const same = texts.filter((key) => en[key] === sw[key])
      expect([name, same.length <= Math.max(4, texts.length * 0.15)]).toEqual([name, true])
    }
  })

  test('are all used by a page', async () => {
    const pages = (
      await Promise.all(
        [...new Bun.Glob('**/*.{ts,tsx}').scanSync({ cwd: web })].map(async (file) => ({
          file,
          text: await Bun.file(join(web, file)).text(),
        })),
      )
    ).filter(({ file }) => !wordFiles.includes(file))
    // Words for states and reasons are looked up by the names the domain gives them.
    const domain = join(web, '../domain')
    const names = (
      await Promise.all(
        [...new Bun.Glob('**/*.{states,rules}.ts').scanSync({ cwd: domain }), 'returns/create-return.ts'].map((file) =>
          Bun.file(join(domain, file)).text(),
        ),
      )
    ).join(' ')
    const unused: string[] = []
    for (const { name, en } of await rooms()) {
      const users = pages.filter(({ text }) => text.includes(name)).map(({ text }) => text)
      // Composed keys such as `t404` and `cardNote` are named by the template that makes them.
      const composed = users.flatMap((text) =>
        [...text.matchAll(/\[`(\w*)\$\{[^}]+\}(\w*)`\]/g)].map(([, head = '', tail = '']) => ({ head, tail })),
      )
      for (const key of Object.keys(en)) {
        const isNamed = users.some((text) => new RegExp(`\\.${key}\\b|'${key}'`).test(text))
        const isComposed = composed.some(({ head, tail }) => key.startsWith(head) && key.endsWith(tail))
        const isLookedUp = users.some((text) => /\[(\w+\.)*(reason|state)\]/.test(text)) && new RegExp(`\\b${key}\\b`).test(names)
        if (!isNamed && !isComposed && !isLookedUp) unused.push(`${name}.${key}`)
      }
    }
    expect(unused).toEqual([])
  })
})

describe('an address', () => {
  test('carries the language it is read in, and leads out of it unchanged', () => {
    expect(localPath('/cart')).toBe('/cart')
    expect(inLanguage('sw', () => [localPath('/'), localPath('/p/x?size=M'), localPath('/sw/cart')])).toEqual([
      '/sw',
      '/sw/p/x?size=M',
      '/sw/cart',
    ])
    for (const path of ['https://wa.me/254', '/assets/shop.js', '/media/a.webp', '/api/v1/cart', '/sandbox'])
      expect(inLanguage('sw', () => localPath(path))).toBe(path)
  })
})
