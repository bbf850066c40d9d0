import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import type { TestShop } from '../support/shop.ts'
import { chromiumPath, fillBag, openBrowser, openSeededShop, placeOrder } from './open-browser.ts'

let shop: TestShop
beforeAll(async () => void (chromiumPath !== undefined && (shop = await openSeededShop())))
afterAll(() => shop?.close())

// Needs a browser: without one a developer's machine says so and goes on, and CI fails (open-browser.ts).
describe.skipIf(chromiumPath === undefined)('a purchase', () => {
  test('goes from the shelf to the paid order without scripts, over a failed first try', async () => {
    const visitor = await openBrowser(shop, { hasScripts: false })
    const { page, context } = visitor
    await page.goto('/')
    await page.getByRole('link', { name: 'Women', exact: true }).first().click()
    await page.getByRole('link', { name: 'Lamu tie dress' }).click()
    await page.getByRole('button', { name: 'Add to bag' }).click()
    await page.getByRole('link', { name: 'Choose a size' }).waitFor()
    await page.locator('label', { hasText: /^M/ }).click()
    await page.getByRole('button', { name: 'Add to bag' }).click()
    await page.getByRole('link', { name: 'Check out' }).click()
    await placeOrder(page, '0712 345 699')
    // The page looks again by itself, every five seconds, until the request is on the phone.
    await page.getByRole('heading', { name: 'Check your phone' }).waitFor()

    const phone = await context.newPage()
    await phone.goto('/sandbox/handset?phone=254712345699')
    await phone.getByRole('button', { name: 'Cancel' }).first().click()
    await page.getByRole('heading', { name: 'You cancelled the request' }).waitFor()
    await page.getByRole('button', { name: /^Try again/ }).click()
    await page.getByRole('heading', { name: 'Check your phone' }).waitFor()
    await phone.goto('/sandbox/handset?phone=254712345699')
    await phone.locator('input[name=pin]').first().fill('1234')
    await phone
      .locator('form', { has: phone.locator('input[name=pin]') })
      .first()
      .getByRole('button')
      .first()
      .click()

    await page.getByRole('heading', { name: 'Paid. Thank you' }).waitFor()
    await page.getByRole('link', { name: 'See your order' }).click()
    await page.getByText('We are packing your clothes').waitFor()
    expect(await page.locator('h1').innerText()).toMatch(/^Order RAH-/)
    expect(visitor.trouble).toEqual([])
    await visitor.close()
  })

  test('is followed live with scripts: the fee on choosing a county, the payment as it arrives, the number in the bag', async () => {
    const visitor = await openBrowser(shop, { width: 1280 })
    const { page, context } = visitor
    await fillBag(page)
    await page.goto('/')
    await page.locator('[data-bag-count]', { hasText: '1' }).waitFor()
    await page.goto('/checkout')
    await page.getByLabel('County').selectOption('Turkana')
    await page.getByRole('button', { name: /^Pay KSh\s3,950$/ }).waitFor()
    expect(await page.locator('input[name=total]').inputValue()).toBe('395000')
    await placeOrder(page, '0712 345 698')
    await page.getByRole('heading', { name: 'Check your phone' }).waitFor()
    const phone = await context.newPage()
    await phone.goto('/sandbox/handset?phone=254712345698')
    await phone.locator('input[name=pin]').first().fill('1234')
    await phone
      .locator('form', { has: phone.locator('input[name=pin]') })
      .first()
      .getByRole('button')
      .first()
      .click()
    await page.bringToFront()
    await page.getByRole('heading', { name: 'Paid. Thank you' }).waitFor()
    expect(visitor.trouble).toEqual([])
    await visitor.close()
  })

  test('is possible by keyboard alone up to the request on the phone', async () => {
    const visitor = await openBrowser(shop, { width: 1280 })
    const { page } = visitor
    const { keyboard } = page
    await page.goto('/p/lamu-tie-dress')
    await page.getByRole('radio', { name: 'Indigo' }).focus()
    await keyboard.press('Tab')
    await keyboard.press('Space')
    await keyboard.press('Tab')
    await keyboard.press('Enter')
    await page.waitForURL('**/cart?added=*')
    await page.getByRole('link', { name: 'Check out' }).focus()
    await keyboard.press('Enter')
    await page.getByLabel('Phone', { exact: true }).focus()
    for (const text of ['0712345697', 'Amina', '']) {
      await keyboard.type(text)
      await keyboard.press('Tab')
    }
    await keyboard.type('Nairobi')
    await page.getByRole('button', { name: /^Pay KSh/ }).waitFor()
    await keyboard.press('Tab')
    await keyboard.press('Tab')
    await keyboard.type('Kilimani')
    await keyboard.press('Tab')
    await keyboard.type('Blue gate')
    await page.getByRole('button', { name: /^Pay KSh/ }).focus()
    await keyboard.press('Enter')
    await page.getByRole('heading', { name: 'Check your phone' }).waitFor()
    expect(visitor.trouble).toEqual([])
    await visitor.close()
  })
})
