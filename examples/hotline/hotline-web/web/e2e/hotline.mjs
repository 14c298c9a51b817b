/**
 * An agent's first call in the browser: sign in, go ready, see a call arrive, play its recording,
 * file a ticket. Somebody else makes the call and answers it at the phone.
 *
 *   HOTLINE_URL=http://127.0.0.1:8080 node e2e/hotline.mjs
 *
 * Prints READY, CALL <call> <caller>, PLAYED <call> <seconds>, TICKET <no>; exits 0 when all is
 * well. HOTLINE_USER, HOTLINE_PASSWORD, HOTLINE_SEAT choose who signs in where (8001, demo8001,
 * A01), HOTLINE_DEADLINE_MS how long each step may take, HOTLINE_SHOTS where a picture of a
 * failure goes.
 */

import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { launch, watchErrors } from './browser.mjs'
import { fileTicket, playRecording, signIn, takeSeat, waitForCall, waitForEnd, waitForTalk } from './steps.mjs'

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
const errors = watchErrors(page)
let step = 'open'

try {
  await page.goto('/')
  step = 'sign-in'
  await signIn(page, user, password)
  step = 'ready'
  await takeSeat(page, seat)
  console.log('READY')
  step = 'call'
  const { call, caller } = await waitForCall(page)
  console.log(`CALL ${call} ${caller}`)
  step = 'talk'
  await waitForTalk(page, call)
  console.log(`TALK ${call}`)
  step = 'end'
  await waitForEnd(page, call)
  step = 'play'
  const { duration, position } = await playRecording(page, call)
  if (!(duration > 0 && position > 0)) throw new Error(`the recording does not play: ${position} of ${duration} s`)
  console.log(`PLAYED ${call} ${duration.toFixed(2)}`)
  step = 'ticket'
  const ticket = await fileTicket(page, { call, text: '经十路工地夜间施工噪音扰民，要求查处。' })
  if (ticket.number !== caller) throw new Error(`the form has number ${ticket.number}, the call is from ${caller}`)
  console.log(`TICKET ${ticket.no}`)
  step = 'errors'
  if (errors().length) throw new Error(errors().join('\n'))
} catch (error) {
  process.exitCode = 1
  console.error(`FAILED at ${step}: ${error.stack ?? error}`)
  for (const line of errors()) console.error(line)
  if (shots) {
    mkdirSync(shots, { recursive: true })
    await page.screenshot({ path: join(shots, `hotline-${step}.png`) }).catch(() => {})
  }
} finally {
  await browser.close()
}
