/**
 * A message that somebody left is a task: it is on offer to the agent on his desktop, he accepts it, hears the message in
 * its mailbox, and says that it is dealt with. Somebody else leaves the message.
 *
 *   HOTLINE_URL=http://127.0.0.1:8080 node e2e/tasks.mjs
 *
 * Prints READY, OFFERED <contact>, ACCEPTED, HEARD, FINISHED; exits 0 when all is well. HOTLINE_USER, HOTLINE_PASSWORD,
 * HOTLINE_SEAT choose who signs in where, HOTLINE_SHOTS where pictures go.
 */

import assert from 'node:assert/strict'
import { join } from 'node:path'
import { launch, watchErrors } from './browser.mjs'
import { DEADLINE_MS, signIn, takeSeat } from './steps.mjs'

const {
  HOTLINE_URL: url = 'http://127.0.0.1:8080',
  HOTLINE_USER: user = '8001',
  HOTLINE_PASSWORD: password = `demo${user}`,
  HOTLINE_SEAT: seat = 'A01',
  HOTLINE_SHOTS: shots,
} = process.env

const browser = await launch()
const context = await browser.newContext({ baseURL: url, viewport: { width: 1366, height: 768 }, ignoreHTTPSErrors: true })
const page = await context.newPage()
page.setDefaultTimeout(DEADLINE_MS)
const errors = watchErrors(page)
const picture = (name) => (shots ? page.screenshot({ path: join(shots, `tasks-${name}.png`) }) : undefined)
let step = 'open'

try {
  await page.goto('/')
  step = 'ready'
  await signIn(page, user, password)
  await takeSeat(page, seat)
  console.log('READY')

  step = 'offer'
  const accept = page.locator('[data-testid^=accept-]').first()
  await accept.waitFor()
  await picture('offer')
  const contact = (await accept.getAttribute('data-testid')).replace('accept-', '')
  console.log(`OFFERED ${contact}`)
  // What is on offer and what is worked at is there also after the page was loaded anew.
  await page.reload()
  await accept.click()
  await page.getByTestId(`work-${contact}`).waitFor()
  console.log('ACCEPTED')

  step = 'hear'
  await page.getByTestId(`hear-${contact}`).click()
  await page.getByTestId('mailboxes').waitFor()
  await page.locator('[data-testid^="play-"]').first().click()
  await page.getByTestId('player-audio').waitFor()
  await picture('message')
  console.log('HEARD')

  step = 'finish'
  await page.getByTestId('menu-desktop').click()
  await page.getByTestId(`finish-${contact}`).click()
  await page.getByTestId('work').waitFor({ state: 'detached' })
  console.log('FINISHED')
  assert.deepEqual(errors(), [])
} catch (error) {
  process.exitCode = 1
  console.error(`FAILED at ${step}: ${error.stack ?? error}`)
  for (const line of errors()) console.error(line)
  await picture(step)?.catch(() => {})
} finally {
  await browser.close()
}
