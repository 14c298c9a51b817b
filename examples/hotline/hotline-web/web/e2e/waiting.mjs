/**
 * A supervisor orders who waits: three callers wait, the last one goes to the front, one goes on in
 * another queue, one is kept for an agent, one is removed; and the page says why they wait.
 *
 *   HOTLINE_URL=http://127.0.0.1:8080 node e2e/waiting.mjs
 *
 * Prints WAITING <contacts>, WHY <words>, WHYNOT <words>, FIRST <contact>, ASSIGNED <contact>, MOVED <contact>,
 * REMOVED <contact>; exits 0 when all is well. HOTLINE_QUEUE, HOTLINE_OTHER name the queues, HOTLINE_TALKS who is on a call.
 */

import assert from 'node:assert/strict'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { launch, watchErrors } from './browser.mjs'
import { DEADLINE_MS, signIn } from './steps.mjs'

const {
  HOTLINE_URL: url = 'http://127.0.0.1:8080',
  HOTLINE_USER: user = '8000',
  HOTLINE_PASSWORD: password = 'demo8000',
  HOTLINE_QUEUE: queue = 'general',
  HOTLINE_OTHER: other = 'gjj',
  HOTLINE_TALKS: talks = '8001',
  HOTLINE_SHOTS: shots,
} = process.env

const browser = await launch()
const page = await (await browser.newContext({ baseURL: url, viewport: { width: 1366, height: 768 }, ignoreHTTPSErrors: true })).newPage()
page.setDefaultTimeout(DEADLINE_MS)
const errors = watchErrors(page)
const row = (contact, place = '') => page.locator(`[data-testid="waits-${contact}"]${place}`)
let step = 'open'

try {
  await page.goto('/')
  await signIn(page, user, password)
  step = 'wait'
  await page.getByTestId('menu-waiting').click()
  await page.getByTestId(`pick-${queue}`).click()
  await page.locator('[data-testid^="waits-"]').nth(2).waitFor()
  const ids = await page.locator('[data-testid^="waits-"]').evaluateAll((rows) => rows.map((one) => one.dataset.contact))
  assert.equal(ids.length, 3)
  const [first, second, third] = ids
  console.log(`WAITING ${ids.join(' ')}`)

  step = 'why'
  await page.getByTestId(`why-${third}`).click()
  const now = page.getByTestId('why-now')
  await now.waitFor()
  const words = (await now.locator('p').textContent()).trim()
  assert.match(words, /第 3 位/)
  console.log(`WHY ${words}`)
  await page.getByTestId('why-agent').click()
  await page.getByTestId(`why-agent-${talks}`).click()
  await page.getByTestId('why-not').waitFor()
  console.log(`WHYNOT ${(await page.getByTestId('why-not').textContent()).trim()}`)

  step = 'first'
  await row(third).focus()
  await page.keyboard.press('t')
  await row(third, '[data-position="1"]').waitFor()
  await row(first, '[data-position="2"]').waitFor()
  console.log(`FIRST ${third}`)
  await page.keyboard.press('-')
  await row(third, '[data-position="3"]').waitFor()

  step = 'assign'
  await page.getByTestId(`assign-${first}`).click()
  await page.locator('#choose').click()
  await page.getByTestId(`choose-${talks}`).click()
  await page.getByTestId('choose-go').click()
  await row(first).filter({ hasText: talks }).waitFor()
  console.log(`ASSIGNED ${first}`)

  step = 'move'
  await page.getByTestId(`move-${second}`).click()
  await page.locator('#choose').click()
  await page.getByTestId(`choose-${other}`).click()
  await page.getByTestId('choose-go').click()
  await row(second).waitFor({ state: 'detached' })
  await page.getByTestId(`pick-${other}`).click()
  await row(second, '[data-position="1"]').waitFor()
  console.log(`MOVED ${second}`)

  step = 'remove'
  await page.getByTestId(`pick-${queue}`).click()
  await row(third).focus()
  await page.keyboard.press('Delete')
  await page.locator('.el-message-box .el-button--primary').click()
  await row(third).waitFor({ state: 'detached' })
  console.log(`REMOVED ${third}`)
  step = 'errors'
  assert.deepEqual(errors(), [])
} catch (error) {
  process.exitCode = 1
  console.error(`FAILED at ${step}: ${error.stack ?? error}`)
  for (const line of errors()) console.error(line)
  if (shots) {
    mkdirSync(shots, { recursive: true })
    await page.screenshot({ path: join(shots, `waiting-${step}.png`) }).catch(() => {})
  }
} finally {
  await browser.close()
}
