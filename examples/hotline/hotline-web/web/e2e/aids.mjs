/**
 * What helps an agent while he talks: he plays a prompt to the citizen, ends and begins the recording, and sends the
 * citizen to the leader on duty, whom the phone book names first.
 *
 *   HOTLINE_URL=http://127.0.0.1:8080 HOTLINE_PROMPT=greeting-12345 HOTLINE_LEADER=8016 node e2e/aids.mjs
 *
 * Prints READY, PLAYED, STOPPED, RECORDING, BOOK <first entry>, SENT; exits 0 when all is well. HOTLINE_USER,
 * HOTLINE_PASSWORD, HOTLINE_SEAT choose who signs in where, HOTLINE_SHOTS where pictures go.
 */

import assert from 'node:assert/strict'
import { join } from 'node:path'
import { launch, watchErrors } from './browser.mjs'
import { DEADLINE_MS, signIn, takeSeat, waitForCall, waitForEnd, waitForTalk } from './steps.mjs'

const {
  HOTLINE_URL: url = 'http://127.0.0.1:8080',
  HOTLINE_USER: user = '8001',
  HOTLINE_PASSWORD: password = `demo${user}`,
  HOTLINE_SEAT: seat = 'A01',
  HOTLINE_PROMPT: prompt = 'greeting-12345',
  HOTLINE_LEADER: leader = '8016',
  HOTLINE_SHOTS: shots,
} = process.env

const browser = await launch()
const context = await browser.newContext({ baseURL: url, viewport: { width: 1366, height: 768 }, ignoreHTTPSErrors: true })
const page = await context.newPage()
page.setDefaultTimeout(DEADLINE_MS)
const errors = watchErrors(page)
const picture = (name) => (shots ? page.screenshot({ path: join(shots, `aids-${name}.png`) }) : undefined)
const pressed = (is) => page.locator(`[data-testid=call-record][aria-pressed=${is}]`)
let step = 'open'

try {
  await page.goto('/')
  step = 'ready'
  await signIn(page, user, password)
  await takeSeat(page, seat)
  console.log('READY')
  step = 'talk'
  const { call } = await waitForCall(page)
  await waitForTalk(page, call)

  step = 'play'
  await page.getByTestId('call-play').click()
  await page.locator('#prompt').click()
  await picture('play')
  await page.getByTestId(`play-prompt-${prompt}`).click()
  await page.getByTestId('play-go').click()
  await page.getByTestId('play-go').waitFor({ state: 'hidden' })
  console.log('PLAYED')

  step = 'record'
  await pressed(true).click()
  await pressed(false).waitFor()
  console.log('STOPPED')
  await pressed(false).click()
  await pressed(true).waitFor()
  console.log('RECORDING')

  step = 'book'
  await page.getByTestId('call-to').click()
  await page.locator('#target').click()
  await page.getByTestId(`target-number-${leader}`).waitFor()
  const options = page.locator('li[data-testid^="target-"]')
  const offered = (await options.first().textContent()).trim()
  assert.equal(await options.first().getAttribute('data-testid'), `target-number-${leader}`, offered)
  await picture('book')
  console.log(`BOOK ${offered}`)
  await page.getByTestId(`target-number-${leader}`).click()
  await page.getByTestId('target-transfer').click()
  await waitForEnd(page, call)
  console.log('SENT')
  assert.deepEqual(errors(), [])
} catch (error) {
  process.exitCode = 1
  console.error(`FAILED at ${step}: ${error.stack ?? error}`)
  for (const line of errors()) console.error(line)
  await picture(step)?.catch(() => {})
} finally {
  await browser.close()
}
