/**
 * `bun run pictures`: opens the demo shop, lives through an order in it, and writes what people see to docs/pictures for the README.
 * Pages that do not exist are left out and said so.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type BrowserContext, chromium, type Page } from 'playwright-core'
import { demoPassword } from '../../src/cli/seed/people.data.ts'
import { freePort } from '../../src/platform/embedded-server.ts'

const root = join(import.meta.dirname, '../..')
const pictures = join(root, 'docs/pictures')
const executablePath = Bun.which('chromium') ?? Bun.which('chromium-browser') ?? Bun.which('google-chrome')
if (executablePath === null) throw new Error('Pictures need Chromium on the PATH')

const port = await freePort()
const origin = `http://localhost:${port}`
const environment = {
  ...process.env,
  PORT: String(port),
  PUBLIC_URL: origin,
  LOG_LEVEL: 'error',
  THROTTLES: 'off',
  DATA_DIR: join(root, '.data/pictures'),
}
const shop = Bun.spawn([process.execPath, join(root, 'src/server.ts')], {
  cwd: root,
  env: environment,
  stdout: 'ignore',
  stderr: 'inherit',
})
const profile = await mkdtemp(join(tmpdir(), 'rahim-pictures-'))
const context = await chromium.launchPersistentContext(profile, {
  executablePath,
  args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--hide-scrollbars'],
  baseURL: origin,
  reducedMotion: 'reduce',
})

const phoneSize = { width: 390, height: 780 }
const deskSize = { width: 1280, height: 800 }

try {
  while (
    !(await fetch(`${origin}/readyz`).then(
      (answer) => answer.ok,
      () => false,
    ))
  )
    await Bun.sleep(100)
  const page = await context.newPage()
  await page.setViewportSize(deskSize)
  await shoot(page, '/', 'home')
  await shoot(page, '/p/lamu-tie-dress?colour=Indigo&size=M', 'product')
  await shoot(page, '/c/women', 'list')
  await page.setViewportSize(phoneSize)
  await pay(page)
  await track(page)
  for (const { name, login, path, size } of [
    { name: 'driver', login: 'dennis@example.co.ke', path: '/driver', size: phoneSize },
    { name: 'vendor', login: 'kariokor@example.co.ke', path: '/vendor', size: deskSize },
    { name: 'staff', login: 'admin@example.co.ke', path: '/admin', size: deskSize },
  ]) {
    await page.setViewportSize(size)
    await signIn(context, page, login)
    await shoot(page, path, name)
  }
} finally {
  await context.close()
  await rm(profile, { recursive: true, force: true })
  shop.kill('SIGTERM')
  await shop.exited
}

/** A picture of a page as it stands in the window. */
async function shoot(page: Page, path: string, name: string): Promise<void> {
  const answer = await page.goto(path)
  if (answer?.status() === 404) return void process.stdout.write(`${name}: ${path} is not there, no picture\n`)
  await keep(page, name)
}

async function keep(page: Page, name: string): Promise<void> {
  await page.waitForLoadState('networkidle')
  await page.screenshot({ path: join(pictures, `${name}.png`) })
  process.stdout.write(`${name}: docs/pictures/${name}.png\n`)
}

async function pay(page: Page): Promise<void> {
  await page.goto('/p/lamu-tie-dress?colour=Indigo&size=M')
  await page.locator('form[action="/cart/lines"] button').click()
  await page.goto('/checkout')
  await page.getByLabel('Phone', { exact: true }).fill('0712 345 678')
  await page.getByLabel('Name', { exact: true }).fill('Wanjiku Kamau')
  await page.getByLabel('County').selectOption('Nairobi')
  await page.getByRole('button', { name: /^Pay KSh/ }).waitFor()
  await page.getByLabel('Town or area').fill('Kilimani')
  await page.getByLabel('Landmark and directions').fill('Blue gate opposite the bus stage, door 12')
  await page.getByRole('button', { name: /^Pay KSh/ }).click()
  await page.getByRole('heading', { name: 'Check your phone' }).waitFor()
  await keep(page, 'pay')
}

/** Follows the rider of the demo's own story while it is being told. */
async function track(page: Page): Promise<void> {
  const story = Bun.spawn([process.execPath, join(root, 'src/cli.ts'), 'demo', '--url', origin, '--fixes', '6'], {
    cwd: root,
    env: environment,
    stdout: 'pipe',
    stderr: 'inherit',
  })
  let told = ''
  let isTaken = false
  for await (const chunk of story.stdout) {
    told += new TextDecoder().decode(chunk)
    const path = /(\/track\/[\w-]+)/.exec(told)?.[1]
    if (isTaken || path === undefined || !told.includes('shopper sees')) continue
    isTaken = true
    await page.setViewportSize({ width: phoneSize.width, height: 1_080 })
    await page.goto(path)
    await page.locator('main summary').first().click()
    await page.evaluate('scrollTo(0, 0)')
    await keep(page, 'tracking')
  }
  if ((await story.exited) !== 0) throw new Error('the story of the demo broke off')
}

async function signIn(browser: BrowserContext, page: Page, login: string): Promise<void> {
  await browser.clearCookies()
  await page.goto('/account')
  await page.locator('input[name=login]').fill(login)
  await page.locator('input[name=password]').fill(demoPassword)
  await page.locator('form[action="/account/sign-in"] button').click()
  await page.waitForURL((url) => url.pathname === '/account')
}
