/**
 * How the desktop treats calls and forms, in a browser against the mock server (started here, with
 * the built page): `npm run build && npm run test:browser`.
 */

import assert from 'node:assert/strict'
import { watchErrors } from './browser.mjs'
import { check, nameless as namelessOf, pretend } from './pretend.mjs'
import { signIn, takeSeat, waitForCall, waitForEnd, waitForTalk } from './steps.mjs'

const { url, browser, close } = await pretend()
const page = await (await browser.newContext({ baseURL: url, viewport: { width: 1366, height: 768 } })).newPage()
const errors = watchErrors(page)
const tell = (what) => page.request.post(`/mock/${what}`)
const cards = () => page.locator('[data-kind=call-card]').count()
const tabs = () => page.locator('[data-testid^=ticket-tab-]').count()

const nameless = () => namelessOf(page)

async function callMe() {
  // The idle agents of the mock are asked before the one who has just become ready.
  for (let n = 0; n < 6; n += 1) await tell('call')
  const { call } = await waitForCall(page)
  return call
}

try {
  await page.goto('/call-records')
  await check('a page behind the sign-in is shown after it', async () => {
    assert.deepEqual(await nameless(), [])
    await signIn(page, '8001', 'demo8001')
    assert.equal(new URL(page.url()).pathname, '/call-records')
    await page.getByTestId('menu-desktop').click()
  })

  await check('a form that was typed into is not replaced by a call', async () => {
    await page.getByTestId('ticket-text').fill('市民来访，口述')
    await takeSeat(page, 'A01')
    const call = await callMe()
    assert.equal(await page.getByTestId('ticket-text').inputValue(), '市民来访，口述')
    assert.equal(await page.getByTestId('unseen-calls').isVisible(), true)
    assert.equal(await tabs(), 2)
    await waitForTalk(page, call)
    await page.getByTestId(`ticket-tab-${call}`).click()
    assert.equal(await page.getByTestId('unseen-calls').count(), 0)
    assert.notEqual(await page.getByTestId('ticket-number').inputValue(), '')
    assert.deepEqual(await nameless(), [])
  })

  await check('a lost stream resumes without a second card or form', async () => {
    await tell('drop')
    await page.getByTestId('connection-lost').waitFor()
    await page.locator('[data-testid=link][data-link=open]').waitFor()
    assert.deepEqual([await cards(), await tabs()], [1, 2])
  })

  await check('a reload keeps the session, the card and what was typed', async () => {
    await page.getByTestId('ticket-text').fill('路灯不亮')
    await page.reload()
    await page.locator('[data-testid=link][data-link=open]').waitFor()
    assert.equal(await page.getByTestId('ticket-text').inputValue(), '路灯不亮')
    assert.deepEqual([await cards(), await tabs()], [1, 2])
    assert.equal(await page.locator('[data-kind=call-card]').getAttribute('data-phase'), 'connected')
  })

  await check('hanging up makes no new card, and a closed card stays away', async () => {
    const { call } = await waitForCall(page)
    await tell('hang-up')
    await waitForEnd(page, call)
    assert.equal(await cards(), 1)
    await page.getByTestId(`card-close-${call}`).click()
    await page.reload()
    await page.locator('[data-testid=link][data-link=open]').waitFor()
    assert.deepEqual([await cards(), await tabs()], [0, 2])
  })

  await check('a ticket is filed with the keyboard alone', async () => {
    await page.getByTestId('ticket-text').focus()
    await page.locator('#ticket-category').focus()
    await page.keyboard.press('Enter')
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('Enter')
    await page.getByTestId('ticket-text').focus()
    await page.keyboard.press('Control+Enter')
    await page.getByTestId('ticket-no').waitFor()
  })

  await check('signing out leaves nothing behind in the browser', async () => {
    await page.getByTestId('user-menu').click()
    await page.getByTestId('leave').click()
    await page.getByTestId('sign-in-user').waitFor()
    assert.equal(await page.evaluate(() => sessionStorage.length), 0)
  })

  assert.deepEqual(errors(), [])
} catch (error) {
  process.exitCode = 1
  console.error(error)
  console.error(errors().join('\n'))
  if (process.env.HOTLINE_SHOTS) await page.screenshot({ path: `${process.env.HOTLINE_SHOTS}/desk.png` }).catch(() => {})
} finally {
  await close()
}
