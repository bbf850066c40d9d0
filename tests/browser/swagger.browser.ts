import { afterAll, describe, expect, test } from 'bun:test'
import { chromium } from 'playwright-core'
import { openShopWithoutServers } from '../support/shop-without-servers.ts'

const executablePath = ['chromium', 'chromium-browser', 'google-chrome'].map((name) => Bun.which(name)).find((path) => path !== null)
const shop = openShopWithoutServers()
const server = Bun.serve({
  port: 0,
  hostname: '127.0.0.1',
  fetch: async (request) => (await shop.app.handle(request)) ?? new Response(null, { status: 426 }),
})
afterAll(async () => {
  await server.stop(true)
  await shop.close()
})

describe('the reference in a browser', () => {
  test.each([360, 1280])(
    'at %i pixels it draws every operation, asks nobody else, breaks no rule of its policy and needs no sideways scrolling',
    async (width) => {
      const browser = await chromium.launch({
        executablePath: executablePath ?? '',
        args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage'],
      })
      try {
        const page = await (await browser.newContext({ viewport: { width, height: 900 } })).newPage()
        const foreign: string[] = []
        const complaints: string[] = []
        page.on('request', (request) => {
          if (!request.url().startsWith(`http://127.0.0.1:${server.port}/`) && !request.url().startsWith('data:'))
            foreign.push(request.url())
        })
        page.on('console', (message) => {
          if (message.type() === 'error') complaints.push(message.text())
        })
        page.on('pageerror', (error) => complaints.push(error.message))
        await page.goto(`http://127.0.0.1:${server.port}/swagger`)
        await page.click('#operations-Checkout-placeOrder .opblock-summary-control')
        await page.waitForSelector('#operations-Checkout-placeOrder .responses-table')
        const document = (await (await shop.fetch('/swagger/json')).json()) as { paths: Record<string, object> }
        const operations = Object.values(document.paths).reduce((sum, methods) => sum + Object.keys(methods).length, 0)
        expect(await page.locator('.opblock').count()).toBe(operations)
        expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width)
        expect({ foreign, complaints }).toEqual({ foreign: [], complaints: [] })
      } finally {
        await browser.close()
      }
    },
    30_000,
  )

  test('the address of an error code leads to its explanation', async () => {
    const browser = await chromium.launch({
      executablePath: executablePath ?? '',
      args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage'],
    })
    try {
      const page = await (await browser.newContext({ viewport: { width: 360, height: 900 } })).newPage()
      await page.goto(`http://127.0.0.1:${server.port}/swagger#out_of_stock`)
      await page.waitForSelector('.opblock')
      await page.waitForFunction('Math.abs(document.getElementById("out_of_stock").getBoundingClientRect().top) < 100')
      expect(page.url()).toEndWith('/swagger#out_of_stock')
    } finally {
      await browser.close()
    }
  }, 30_000)
})
