/**
 * An administrator writes a strategy, is stopped by an error at its line, mends it, lets a queue go by it, tries it out
 * against what was recorded, lets it follow in the shadow, switches to it and rolls back.
 *
 *   HOTLINE_URL=http://127.0.0.1:8080 node e2e/routing.mjs
 *
 * Prints STOPPED <line>, MENDED <script>, TRIED <contacts>, SHADOW <version>, SWITCHED <version>, BACK <version>; exits 0 when all
 * is well. HOTLINE_QUEUE names the queue, HOTLINE_SCRIPT the script; with HOTLINE_STAYS it is not rolled back.
 */

import assert from 'node:assert/strict'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { launch, watchErrors } from './browser.mjs'
import { DEADLINE_MS, signIn } from './steps.mjs'

const {
  HOTLINE_URL: url = 'http://127.0.0.1:8080',
  HOTLINE_USER: user = 'admin',
  HOTLINE_PASSWORD: password = 'demoadmin',
  HOTLINE_QUEUE: queue = 'general',
  HOTLINE_SCRIPT: name = 'few_calls',
  HOTLINE_STAYS: stays,
  HOTLINE_SHOTS: shots,
} = process.env

const WRONG = 'fn agent_key(a) {\n  a.calls +\n}\n'
const RIGHT = 'fn agent_key(a) {\n  a.calls * 1000 + a.talked_s\n}\n'

const browser = await launch()
const page = await (await browser.newContext({ baseURL: url, viewport: { width: 1366, height: 768 }, ignoreHTTPSErrors: true })).newPage()
page.setDefaultTimeout(DEADLINE_MS)
const errors = watchErrors(page)
const version = () => page.getByTestId('rules-version').getAttribute('data-version')
const sure = () => page.locator('.el-message-box .el-button--primary').click()
let step = 'open'

try {
  await page.goto('/')
  await signIn(page, user, password)
  await page.getByTestId('menu-routing').click()
  await page.locator('[data-testid=rules-version][data-version]').waitFor()
  const before = await version()

  step = 'stop'
  await page.getByTestId('tab-scripts').click()
  await page.getByTestId('script-new').click()
  await page.getByTestId('script-name').fill(name)
  await page.getByTestId('script-name').press('Enter')
  await page.getByTestId('script-source').fill(WRONG)
  await page.getByTestId('rules-apply').click()
  const wrong = page.getByTestId('script-wrong')
  await wrong.waitFor()
  const line = await wrong.getAttribute('data-line')
  await page.locator(`[data-testid=wrong-line][data-line="${line}"]`).waitFor()
  assert.equal(await version(), before, 'what is wrong is not in force')
  if (shots) await page.screenshot({ path: join(shots, 'routing-stopped.png') })
  console.log(`STOPPED ${line}`)

  step = 'mend'
  await page.getByTestId('script-source').fill(RIGHT)
  await wrong.waitFor({ state: 'detached' })
  await page.getByTestId('tab-queues').click()
  await page.getByTestId(`rules-queue-${queue}`).click()
  await page.getByTestId('strategy').click()
  await page.getByTestId(`strategy-${name}`).click()
  console.log(`MENDED ${name}`)

  step = 'try'
  await page.getByTestId('rules-try').click()
  const contacts = page.getByTestId('tried-contacts').locator('td').first()
  await contacts.waitFor()
  await page.getByTestId('tried-level').waitFor()
  await page.getByTestId('tried-overtakes').waitFor()
  if (shots) await page.screenshot({ path: join(shots, 'routing-tried.png') })
  console.log(`TRIED ${(await contacts.textContent()).trim()}`)
  await page.keyboard.press('Escape')
  await page.getByTestId('tried').waitFor({ state: 'hidden' })

  step = 'shadow'
  await page.getByTestId('rules-shadow').click()
  await page.getByTestId('shadow').waitFor()
  console.log(`SHADOW ${await page.getByTestId('shadow').getAttribute('data-version')}`)

  step = 'switch'
  await page.getByTestId('shadow-switch').click()
  await sure()
  await page.locator(`[data-testid=rules-version]:not([data-version="${before}"])`).waitFor()
  await page.locator('[data-testid=rules-state][data-changed=false]').waitFor()
  console.log(`SWITCHED ${await version()}`)

  if (!stays) {
    step = 'back'
    await page.getByTestId('rules-back').click()
    await sure()
    await page.locator(`[data-testid=rules-version][data-version="${before}"]`).waitFor()
    console.log(`BACK ${before}`)
  }
  step = 'errors'
  assert.deepEqual(errors(), [])
} catch (error) {
  process.exitCode = 1
  console.error(`FAILED at ${step}: ${error.stack ?? error}`)
  for (const line of errors()) console.error(line)
  if (shots) {
    mkdirSync(shots, { recursive: true })
    await page.screenshot({ path: join(shots, `routing-${step}.png`) }).catch(() => {})
  }
} finally {
  await browser.close()
}
