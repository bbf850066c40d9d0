import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import axe from 'axe-core'
import type { Page } from 'playwright-core'
import type { TestShop } from '../support/shop.ts'
import { chromiumPath, fillBag, openBrowser, openSeededShop, placeOrder } from './open-browser.ts'

let shop: TestShop
beforeAll(async () => void (chromiumPath !== undefined && (shop = await openSeededShop())))
afterAll(() => shop?.close())

interface Violation {
  readonly id: string
  readonly nodes: readonly { readonly html: string; readonly failureSummary: string }[]
}

const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']

async function violations(page: Page): Promise<string[]> {
  await page.evaluate(axe.source)
  const { violations: found, passes } = (await page.evaluate(`axe.run(document, { runOnly: ${JSON.stringify(tags)} })`)) as {
    violations: Violation[]
    passes: unknown[]
  }
  // An axe that looked at nothing finds nothing.
  expect(passes.length).toBeGreaterThan(15)
  return found.map(
    ({ id, nodes }) =>
      `${id}: ${nodes.map((node) => `${node.html.slice(0, 120)} (${node.failureSummary.split('\n')[1]?.trim()})`).join('; ')}`,
  )
}

/** Every screen of a purchase, in the order a shopper meets them; `look` is called on each. */
async function walk(page: Page, phone: string, look: (screen: string) => Promise<void>): Promise<void> {
  const paths = [
    '/',
    '/c/women',
    '/c/dresses?size=M&stock=yes',
    '/search?q=no-such-thing',
    '/p/lamu-tie-dress',
    '/account',
    '/help',
    '/help/delivery',
    '/privacy',
    '/no-such-page',
    '/cart',
    '/sandbox',
  ]
  for (const path of paths) {
    await page.goto(path)
    for (const summary of await page.locator('main summary').all()) await summary.click()
    await look(path)
  }
  await page.goto('/p/lamu-tie-dress')
  await page.getByRole('button', { name: 'Add to bag' }).click()
  await page.getByRole('link', { name: 'Choose a size' }).waitFor()
  await look('a product without a size')
  await fillBag(page)
  await look('the bag')
  await page.goto('/checkout')
  await page.getByRole('button', { name: 'See the total and pay' }).click()
  await page.getByText('There is a problem').waitFor()
  await look('the checkout with errors')
  await placeOrder(page, phone)
  await page.getByRole('heading', { name: 'Check your phone' }).waitFor()
  await look('the pay page')
  await page.getByRole('link', { name: /^RAH-/ }).click()
  await page.getByRole('heading', { name: 'What happens next' }).waitFor()
  await look('the order')
}

// Needs a browser: without one a developer's machine says so and goes on, and CI fails (open-browser.ts).
describe.skipIf(chromiumPath === undefined)('every screen', () => {
  const eyes = [360, 1280].flatMap((width) => (['light', 'dark'] as const).map((scheme) => ({ width, scheme })))
  for (const [index, { width, scheme }] of eyes.entries()) {
    test(`has nothing for axe to say and no trouble with its policy, ${width} px, ${scheme}`, async () => {
      const visitor = await openBrowser(shop, { width, scheme })
      const found: Record<string, string[]> = {}
      await walk(visitor.page, `07123456${80 + index}`, async (screen) => {
        const said = await violations(visitor.page)
        if (said.length > 0) found[screen] = said
      })
      expect(found).toEqual({})
      expect(visitor.trouble).toEqual([])
      await visitor.close()
    })
  }

  test('fits a phone of 320 px without sliding sideways', async () => {
    const visitor = await openBrowser(shop, { width: 320 })
    const wide: Record<string, number> = {}
    await walk(visitor.page, '0712345689', async (screen) => {
      const width = (await visitor.page.evaluate('document.documentElement.scrollWidth')) as number
      if (width > 320) wide[screen] = width
    })
    expect(wide).toEqual({})
    await visitor.close()
  })
})
