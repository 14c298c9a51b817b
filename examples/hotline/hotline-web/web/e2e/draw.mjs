/**
 * An administrator draws a small flow from nothing, is stopped by the check, mends the flow, tries it
 * and publishes it.
 *
 *   HOTLINE_URL=http://127.0.0.1:8080 node e2e/draw.mjs
 *
 * Prints DRAWN <flow>, STOPPED <finding>, TRIED <node>, PUBLISHED <version>; exits 0 when all is well.
 * HOTLINE_USER, HOTLINE_PASSWORD choose who signs in, HOTLINE_FLOW the flow's id,
 * HOTLINE_REDRAW whether it is there already and its canvas is cleared first, HOTLINE_GREETING,
 * HOTLINE_MENU, HOTLINE_QUEUE what it plays and where it leads.
 */

import assert from 'node:assert/strict'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { launch, watchErrors } from './browser.mjs'
import { choose, drawSmallFlow, publish, save, waitForErrors, wireByList } from './flow-steps.mjs'
import { DEADLINE_MS, signIn } from './steps.mjs'

const {
  HOTLINE_URL: url = 'http://127.0.0.1:8080',
  HOTLINE_USER: user = 'admin',
  HOTLINE_PASSWORD: password = 'demoadmin',
  HOTLINE_FLOW: id = 'drawn',
  HOTLINE_GREETING: greeting = 'greeting-12345',
  HOTLINE_MENU: menu = 'menu1',
  HOTLINE_QUEUE: queue = 'general',
  HOTLINE_REDRAW: redraw,
  HOTLINE_SHOTS: shots,
} = process.env

const browser = await launch()
const page = await (await browser.newContext({ baseURL: url, viewport: { width: 1366, height: 768 }, ignoreHTTPSErrors: true })).newPage()
page.setDefaultTimeout(DEADLINE_MS)
const errors = watchErrors(page)
let step = 'open'

try {
  await page.goto('/')
  await signIn(page, user, password)
  step = 'draw'
  await drawSmallFlow(page, { id, name: '浏览器画的流程', greeting, menu, queue, exists: Boolean(redraw) })
  await save(page)
  console.log(`DRAWN ${id}`)

  step = 'stop'
  await page.getByTestId('publish-open').click()
  const finding = page.locator('[data-testid^="finding-"][data-node]').first()
  await finding.waitFor()
  assert.equal(await page.getByTestId('publish-go').count(), 0)
  const code = (await finding.getAttribute('data-testid')).replace('finding-', '')
  console.log(`STOPPED ${code}`)

  step = 'mend'
  await finding.click()
  await page.getByTestId('node-findings').waitFor()
  await choose(page, 'enqueue')
  await wireByList(page, 'failed', 'hangup')
  await choose(page, 'menu')
  await wireByList(page, '1', 'enqueue')
  await waitForErrors(page, 0)

  step = 'try'
  await page.getByTestId('panel-trial').click()
  await page.getByTestId('trial-start').click()
  await page.locator('[data-testid=trial-state][data-node=play]').waitFor()
  await page.getByTestId('trial-skip').click()
  await page.locator('[data-testid=trial-state][data-node=menu]').waitFor()
  await page.getByTestId('press-1').click()
  await page.locator('[data-testid=trial-state][data-node=enqueue]').waitFor()
  await page.locator('[data-testid=node-enqueue][data-here]').waitFor()
  console.log('TRIED enqueue')
  await page.getByTestId('trial-hang-up').click()
  await page.locator('[data-testid=trial-state][data-over=true]').waitFor()

  step = 'publish'
  await publish(page, '第一个版本')
  await page.getByTestId('panel-versions').click()
  const version = page.locator('[data-testid^="version-"][data-stage=published]')
  await version.waitFor()
  console.log(`PUBLISHED ${(await version.getAttribute('data-testid')).replace('version-', '')}`)
  step = 'errors'
  assert.deepEqual(errors(), [])
} catch (error) {
  process.exitCode = 1
  console.error(`FAILED at ${step}: ${error.stack ?? error}`)
  for (const line of errors()) console.error(line)
  if (shots) {
    mkdirSync(shots, { recursive: true })
    await page.screenshot({ path: join(shots, `draw-${step}.png`) }).catch(() => {})
  }
} finally {
  await browser.close()
}
