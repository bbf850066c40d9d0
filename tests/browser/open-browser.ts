import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type BrowserContext, chromium, type Page } from 'playwright-core'
import type { TestShop } from '../support/shop.ts'

export { openSeededShop } from '../support/seeded-shop.ts'

/** The browser of this machine; undefined when there is none, which only a developer's machine may say. */
export const chromiumPath = Bun.which('chromium') ?? Bun.which('chromium-browser') ?? Bun.which('google-chrome') ?? undefined

if (chromiumPath === undefined) {
  const message = 'Browser tests need Chromium: no chromium, chromium-browser or google-chrome on the PATH.'
  if (process.env['CI']) throw new Error(message)
  process.stderr.write(`${message} They are skipped here and run in CI.\n`)
}

/** How a visitor looks at the shop. */
export interface Eyes {
  readonly width?: number
  readonly scheme?: 'light' | 'dark'
  readonly hasScripts?: boolean
}

/** A visitor with a new, empty browser, and everything that went wrong in it. */
export interface Visitor {
  readonly page: Page
  readonly context: BrowserContext
  /** Policy violations, script errors and requests to other addresses, in order; a good shop leaves it empty. */
  readonly trouble: readonly string[]
  close(): Promise<void>
}

/** Opens a browser. */
export async function openBrowser(shop: TestShop, { width = 360, scheme = 'light', hasScripts = true }: Eyes = {}): Promise<Visitor> {
  const profile = await mkdtemp(join(tmpdir(), 'rahim-browser-'))
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: chromiumPath ?? '',
    args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage'],
    viewport: { width, height: width > 800 ? 800 : 740 },
    colorScheme: scheme,
    // A cross-fade half way is neither page, for axe as for a picture.
    reducedMotion: 'reduce',
    javaScriptEnabled: hasScripts,
    baseURL: shop.origin,
  })
  const trouble: string[] = []
  context.on('request', (request) => {
    if (!request.url().startsWith(`${shop.origin}/`) && !request.url().startsWith('data:')) trouble.push(`asks ${request.url()}`)
  })
  context.on('console', (message) => {
    // A form answered with 422 is logged as a failed load; that is the shop saying no, not trouble.
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource')) trouble.push(message.text())
  })
  context.on('weberror', (error) => trouble.push(error.error().message))
  return {
    page: context.pages()[0] ?? (await context.newPage()),
    context,
    trouble,
    async close() {
      await context.close()
      await rm(profile, { recursive: true, force: true })
    },
  }
}

/** Puts a dress into the bag. */
export async function fillBag(page: Page): Promise<void> {
  await page.goto('/p/lamu-tie-dress?size=M')
  await page.getByRole('button', { name: 'Add to bag' }).click()
  await page.waitForURL('**/cart?added=*')
}

/** Fills the checkout in, sees the fee, and places the order. */
export async function placeOrder(page: Page, phone: string): Promise<void> {
  await page.goto('/checkout')
  await page.getByLabel('Phone', { exact: true }).fill(phone)
  await page.getByLabel('Name', { exact: true }).fill('Amina Wanjiru')
  await page.getByLabel('County').selectOption('Mombasa')
  await page.getByRole('button', { name: /the fee$/ }).click()
  await page.getByText('Delivery to Mombasa').waitFor()
  await page.getByLabel('Town or area').fill('Nyali')
  await page.getByLabel('Landmark and directions').fill('White wall behind the petrol station')
  await page.getByRole('button', { name: /^Pay KSh/ }).click()
  await page.waitForURL('**/pay/*')
}

/** Does on the simulated phone what a person would: `pin` with the right one, `wrong` with another, or one of the simulator's own actions. */
export async function pressOnPhone(shop: TestShop, phone: string, action: 'pin' | 'wrong' | 'cancel' | 'poor'): Promise<void> {
  const deadlineMs = performance.now() + 20_000
  for (;;) {
    const { items } = (await (await shop.fetch(`/sandbox/mpesa/prompts?phone=${phone}`)).json()) as {
      items: { id: string; state: string }[]
    }
    const prompt = items.find(({ state }) => state === 'waiting')
    if (prompt !== undefined) {
      const isPin = action === 'pin' || action === 'wrong'
      await shop.post(
        `/sandbox/mpesa/prompts/${prompt.id}/${isPin ? 'pin' : action}`,
        isPin ? { pin: action === 'pin' ? '1234' : '9999' } : {},
      )
      return
    }
    if (performance.now() > deadlineMs) throw new Error(`no request came to ${phone}`)
    await Bun.sleep(100)
  }
}
