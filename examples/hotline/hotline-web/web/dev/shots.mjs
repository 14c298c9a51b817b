/**
 * Takes a picture of every page at both sizes into `shots/`, from the mock server or HOTLINE_URL,
 * and fails when a page scrolls sideways, breaks the content policy or logs an error.
 */

import { mkdirSync } from 'node:fs'
import { launch, watchErrors } from '../e2e/browser.mjs'
import { signIn, takeSeat } from '../e2e/steps.mjs'

/** Holds, asks a colleague, and brings him in. */
async function consult(page, shot) {
  await page.getByTestId('call-hold').click()
  await page.getByTestId('call-retrieve').waitFor()
  await shot('call-held')
  await page.getByTestId('call-to').click()
  await page.locator('#target').fill('8006')
  await page.getByTestId('target-agent-8006').waitFor()
  await page.waitForTimeout(400)
  await shot('call-to')
  await page.getByTestId('target-agent-8006').click()
  await page.getByTestId('target-consult').click()
  await page.getByTestId('asking').waitFor()
  await page.locator('[data-testid=call-conference]:not([disabled])').waitFor()
  await page.waitForTimeout(300)
  await shot('call-asking')
  await page.getByTestId('call-conference').click()
  await page.getByTestId('call-hold').waitFor()
  await page.waitForTimeout(400)
  await shot('call-conference')
}

/** The flow editor and the prompts, as an administrator sees them. */
async function flows() {
  for (const [width, height] of [[1366, 768], [1920, 1080]]) {
    const page = await browser.newPage({ viewport: { width, height }, baseURL: url })
    const shot = (name) => page.screenshot({ path: `${out}/${name}-${width}.png` })
    await page.goto('/')
    await signIn(page, 'admin', 'demoadmin')
    await page.getByTestId('menu-flows').click()
    await page.getByTestId('flow-hotline-12345').waitFor()
    await shot('flows')
    await page.getByTestId('flow-hotline-12345').click()
    await page.getByTestId('node-answer').waitFor()
    await page.waitForTimeout(900)
    await shot('flow')
    await page.getByTestId('find-node').click()
    await page.getByTestId('find-node-input').fill('general')
    await page.keyboard.press('Enter')
    for (const panel of ['properties', 'findings', 'trial', 'versions', 'statistics']) {
      await page.getByTestId(`panel-${panel}`).click()
      if (panel === 'trial') {
        await page.getByTestId('trial-start').click()
        await page.getByTestId('trial-state').waitFor()
      }
      await page.waitForTimeout(700)
      await shot(`flow-${panel}`)
    }
    await page.getByTestId('menu-prompts').click()
    await page.locator('[data-testid^=prompt-row-]').first().waitFor()
    await shot('prompts')
    await page.close()
  }
}

const url = process.env.HOTLINE_URL ?? 'http://127.0.0.1:8080'
const out = process.env.SHOTS ?? new URL('../shots', import.meta.url).pathname
const only = process.argv.slice(2)
mkdirSync(out, { recursive: true })
const browser = await launch()
let bad = 0

for (const [width, height] of [[1366, 768], [1920, 1080]]) {
  const page = await browser.newPage({ viewport: { width, height }, baseURL: url })
  const errors = watchErrors(page)
  const shot = async (name) => {
    if (only.length && !only.includes(name)) return
    await page.screenshot({ path: `${out}/${name}-${width}.png` })
    const wide = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth || document.querySelector('main')?.scrollWidth > document.querySelector('main')?.clientWidth)
    if (wide) {
      bad += 1
      console.log(`${name} scrolls sideways at ${width}`)
    }
  }
  await page.goto('/')
  await page.getByTestId('sign-in-user').waitFor()
  await shot('sign-in')
  await page.getByTestId('sign-in-user').fill('8001')
  await page.getByTestId('sign-in-password').fill('wrong')
  await page.getByTestId('sign-in-submit').click()
  await page.getByTestId('sign-in-error').waitFor()
  await shot('sign-in-wrong')
  await signIn(page, '8001', 'demo8001')
  if (width === 1366 && (await page.getByTestId('my-state').getAttribute('data-state')) === 'signed_out') {
    await page.getByTestId('bar-sign-in').click()
    await page.locator('#seat').click()
    await page.getByTestId('seat-A01').waitFor()
    await page.waitForTimeout(400)
    await shot('seat')
    await page.locator('#seat').press('Escape')
  }
  await takeSeat(page, 'A01')
  await page.waitForTimeout(500)
  await shot('desktop-idle')
  await page.request.post('/mock/call').catch(() => {})
  await page.locator('[data-kind=call-card]').first().waitFor({ timeout: 90_000 })
  await shot('desktop-ringing')
  await page.locator('[data-kind=call-card][data-phase=connected]').first().waitFor({ timeout: 20_000 })
  await page.getByTestId('ticket-text').fill('经十路与舜华路交叉口工地连续三晚 23 点后仍在施工，影响休息，要求查处。')
  await page.getByTestId('ticket-caller-name').fill('王先生')
  await page.waitForTimeout(900)
  await shot('desktop')
  await consult(page, shot)
  await page.getByTestId('ticket-save').click()
  await page.waitForTimeout(300)
  await shot('desktop-missing')
  await page.locator('#ticket-category').click()
  await page.getByTestId('category-noise').click()
  await page.getByTestId('ticket-save').click()
  await page.getByTestId('ticket-no').waitFor()
  await shot('desktop-saved')
  await page.request.post('/mock/hang-up').catch(() => {})
  await page.locator('[data-kind=call-card][data-phase=ended]').first().waitFor()
  await page.waitForTimeout(500)
  await shot('desktop-ended')
  for (const name of ['call-records', 'recordings', 'messages', 'tickets', 'alarms']) {
    await page.getByTestId(`menu-${name}`).click()
    await page.locator('.el-table__row').first().waitFor()
    if (name === 'call-records') {
      await page.locator('.el-table__expand-icon').nth(3).click()
      await page.locator('[data-testid^=play-]').first().click()
      await page.getByTestId('player-audio').waitFor()
    }
    await page.waitForTimeout(400)
    await shot(name)
    if (name === 'call-records') await page.getByTestId('player-close').click()
    if (name === 'tickets') {
      await page.locator('[data-testid^=ticket-3701]').first().click()
      await page.getByTestId('ticket-detail').waitFor()
      await page.waitForTimeout(700)
      await shot('ticket')
    }
  }
  await page.getByTestId('menu-desktop').click()
  await page.getByTestId('user-menu').click()
  await page.getByTestId('switch-language').click()
  await page.waitForTimeout(500)
  await shot('desktop-en')
  await page.request.post('/mock/drop').catch(() => {})
  await page.getByTestId('connection-lost').waitFor({ timeout: 5000 }).catch(() => console.log('no banner'))
  await shot('desktop-lost')
  await page.getByTestId('connection-lost').waitFor({ state: 'detached', timeout: 15_000 })
  await page.evaluate(() => localStorage.removeItem('hotline.language'))
  for (const error of errors()) {
    bad += 1
    console.log(`at ${width}: ${error}`)
  }
  await page.close()
}

const boss = await browser.newPage({ viewport: { width: 1366, height: 768 }, baseURL: url })
await boss.goto('/')
await signIn(boss, '8000', 'demo8000')
await boss.getByTestId('act-8002').click()
await boss.getByTestId('force-ready-8002').waitFor()
await boss.waitForTimeout(400)
await boss.screenshot({ path: `${out}/supervisor-1366.png` })
await boss.keyboard.press('Escape')
await boss.locator('[data-testid^=supervise-]').nth(1).click()
await boss.locator('[data-testid^=monitor-]:visible').waitFor()
await boss.waitForTimeout(400)
await boss.screenshot({ path: `${out}/supervise-1366.png` })
await flows()
await browser.close()
process.exit(bad ? 1 : 0)
