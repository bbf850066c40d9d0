import { afterAll, describe, expect, test } from 'bun:test'
import { chromium } from 'playwright-core'
import { until } from '../support/shop-process.ts'
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
    'at %i pixels it shows every group and draws its operations, asks nobody else, breaks no rule of its policy and needs no sideways scrolling',
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
        // Groups are closed at first: with every operation of the shop drawn at once the page takes minutes.
        const document = (await (await shop.fetch('/swagger/json')).json()) as { paths: Record<string, Record<string, { tags: string[] }>> }
        const operations = Object.values(document.paths).flatMap((methods) => Object.values(methods))
        const groups = new Set(operations.flatMap(({ tags }) => tags))
        await page.waitForSelector('.opblock-tag-section')
        expect(await page.locator('.opblock-tag-section').count()).toBe(groups.size)
        await page.click('#operations-tag-Checkout')
        await page.click('#operations-Checkout-placeOrder .opblock-summary-control')
        await page.waitForSelector('#operations-Checkout-placeOrder .responses-table')
        expect(await page.locator('.opblock').count()).toBe(operations.filter(({ tags }) => tags.includes('Checkout')).length)
        expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width)
        expect({ foreign, complaints }).toEqual({ foreign: [], complaints: [] })
      } finally {
        await browser.close()
      }
    },
    120_000,
  )

  test('the address of an error code leads to its explanation', async () => {
    const browser = await chromium.launch({
      executablePath: executablePath ?? '',
      args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage'],
    })
    try {
      const page = await (await browser.newContext({ viewport: { width: 360, height: 900 } })).newPage()
      await page.goto(`http://127.0.0.1:${server.port}/swagger#out_of_stock`)
      await page.waitForSelector('.opblock-tag-section')
      // Asked from here: a condition handed to the page would be compiled there, which its policy forbids.
      await until(
        async () => Math.abs(await page.evaluate<number>('document.getElementById("out_of_stock").getBoundingClientRect().top')) < 100,
        'the explanation to be in view',
      )
      expect(page.url()).toEndWith('/swagger#out_of_stock')
    } finally {
      await browser.close()
    }
  }, 120_000)
})
