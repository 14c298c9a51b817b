/**
 * A newcomer calls from the page `/call` and an agent answers in another tab: both with nothing but a
 * browser. Each sends a tone of its own, and each page measures what it hears.
 *
 *   HOTLINE_URL=http://127.0.0.1:8080 node e2e/phone.mjs
 *
 * Prints READY, RINGING, TALK, CALLER <hertz>, AGENT <hertz>, MICROPHONE, ENDED; exits 0 when all is well.
 * HOTLINE_NUMBER is dialled (12345) and HOTLINE_KEYS are pressed once it is answered.
 */

import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { launchWithSound, watchErrors } from './browser.mjs'
import { DEADLINE_MS, signIn, takeSeat } from './steps.mjs'

const {
  HOTLINE_URL: url = 'http://127.0.0.1:8080',
  HOTLINE_USER: user = '8001',
  HOTLINE_PASSWORD: password = `demo${user}`,
  HOTLINE_SEAT: seat = 'A01',
  HOTLINE_NUMBER: number = '12345',
  HOTLINE_KEYS: keys = '',
  HOTLINE_SHOTS: shots,
} = process.env

const CALLER_HZ = 440
const AGENT_HZ = 1000
const NEAR_HZ = 25

const browser = await launchWithSound()
const context = await browser.newContext({ baseURL: url, permissions: ['microphone'], ignoreHTTPSErrors: true })
const desk = await context.newPage()
const caller = await context.newPage()
const errors = [watchErrors(desk), watchErrors(caller)]
let step = 'open'

const phoneState = (state) => desk.locator(`[data-testid=soft-phone][data-state=${state}]`).waitFor({ timeout: DEADLINE_MS })
const callState = (state) => caller.locator(`[data-testid=call-state][data-state=${state}]`).waitFor({ timeout: DEADLINE_MS })

/** Waits until the strongest frequency that a page plays is the wanted one. */
async function hears(page, hertz) {
  const found = await page.waitForFunction(
    async ([wanted, near]) => {
      const stream = [...document.querySelectorAll('audio')].map((it) => it.srcObject).find(Boolean)
      if (!stream) return null
      const at = (window.heardBy ??= (() => {
        const context = new AudioContext()
        const analyser = new AnalyserNode(context, { fftSize: 8192, smoothingTimeConstant: 0 })
        new MediaStreamAudioSourceNode(context, { mediaStream: stream }).connect(analyser)
        return { context, analyser, bins: new Float32Array(analyser.frequencyBinCount) }
      })())
      await at.context.resume()
      at.analyser.getFloatFrequencyData(at.bins)
      const strongest = at.bins.reduce((best, value, index) => (value > at.bins[best] ? index : best), 0)
      const hertz = (strongest * at.context.sampleRate) / at.analyser.fftSize
      return at.bins[strongest] > -60 && Math.abs(hertz - wanted) < near ? hertz : null
    },
    [hertz, NEAR_HZ],
    { timeout: DEADLINE_MS, polling: 100 },
  )
  return Math.round(await found.jsonValue())
}

try {
  step = 'agent'
  await desk.goto('/')
  await signIn(desk, user, password)
  await desk.getByTestId('soft-phone').click()
  await desk.getByTestId('soft-phone-user').fill(user)
  await desk.getByTestId('soft-phone-password').fill(password)
  await desk.getByTestId('soft-phone-tone').click()
  await desk.getByTestId('soft-phone-connect').click()
  await phoneState('ready')
  await desk.keyboard.press('Escape')
  await desk.locator('.bar').click({ position: { x: 5, y: 5 } })
  await takeSeat(desk, seat)
  console.log('READY')

  step = 'call'
  await caller.goto('/call')
  await callState('ready')
  await caller.getByTestId('call-number').fill(number)
  await caller.getByTestId('call-tone').check()
  await caller.getByTestId('call-button').click()
  await callState('talking')
  for (const key of keys) {
    await caller.waitForTimeout(3000)
    await caller.getByTestId(`key-${key}`).click()
  }

  step = 'answer'
  await phoneState('ringing')
  console.log('RINGING')
  if (!(await desk.getByTestId('soft-phone-answer').isVisible())) await desk.getByTestId('soft-phone').click()
  await desk.getByTestId('soft-phone-answer').click()
  await phoneState('talking')
  console.log('TALK')

  step = 'hear'
  console.log(`CALLER ${await hears(caller, AGENT_HZ)}`)
  console.log(`AGENT ${await hears(desk, CALLER_HZ)}`)
  const shown = await caller.getByTestId('call-duration').textContent()
  if (!/^\d\d:\d\d$/.test(shown)) throw new Error(`the duration is shown as ${shown}`)
  await caller.waitForTimeout(3000)

  step = 'hang-up'
  await caller.getByTestId('call-button').click()
  await callState('ready')
  await phoneState('ready')

  step = 'microphone'
  await caller.getByTestId('call-tone').uncheck()
  await caller.getByTestId('call-button').click()
  await callState('talking')
  const source = await caller.getByTestId('call-source').textContent()
  if (!source.includes('麦克风')) throw new Error(`the source is ${source}`)
  console.log('MICROPHONE')
  await caller.getByTestId('call-button').click()
  await callState('ready')
  console.log('ENDED')
  step = 'errors'
  const seen = errors.flatMap((seen) => seen())
  if (seen.length) throw new Error(seen.join('\n'))
} catch (error) {
  process.exitCode = 1
  console.error(`FAILED at ${step}: ${error.stack ?? error}`)
  for (const line of errors.flatMap((seen) => seen())) console.error(line)
  if (shots) {
    mkdirSync(shots, { recursive: true })
    await desk.screenshot({ path: join(shots, `phone-${step}-desk.png`) }).catch(() => {})
    await caller.screenshot({ path: join(shots, `phone-${step}-caller.png`) }).catch(() => {})
  }
} finally {
  await browser.close()
}
