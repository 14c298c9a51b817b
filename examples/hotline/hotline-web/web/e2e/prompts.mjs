/**
 * An administrator manages prompts in a browser against the mock server (started here, with the built page):
 * uploads, listens, records, makes one out of text, goes back to an earlier version.
 */

import assert from 'node:assert/strict'
import { watchErrors } from './browser.mjs'
import { check, nameless, pretend } from './pretend.mjs'
import { signIn } from './steps.mjs'

const { url, browser, close } = await pretend()
const shots = process.env.HOTLINE_SHOTS
const shoot = (page, name) => (shots ? page.screenshot({ path: `${shots}/prompts-${name}-${page.viewportSize().width}.png` }) : null)

/** A second of a tone as a WAV file of 16 kHz. */
function tone() {
  const samples = 16_000
  const file = Buffer.alloc(44 + samples * 2)
  file.write('RIFF', 0)
  file.writeUInt32LE(36 + samples * 2, 4)
  file.write('WAVEfmt ', 8)
  file.writeUInt32LE(16, 16)
  file.writeUInt16LE(1, 20)
  file.writeUInt16LE(1, 22)
  file.writeUInt32LE(samples, 24)
  file.writeUInt32LE(samples * 2, 28)
  file.writeUInt16LE(2, 32)
  file.writeUInt16LE(16, 34)
  file.write('data', 36)
  file.writeUInt32LE(samples * 2, 40)
  for (let n = 0; n < samples; n += 1) file.writeInt16LE(Math.round(9000 * Math.sin(n / 5)), 44 + n * 2)
  return file
}

const fits = (page) => page.evaluate(() => document.documentElement.scrollWidth <= document.documentElement.clientWidth)

try {
  for (const [width, height] of [[1366, 768], [1920, 1080]]) {
    const context = await browser.newContext({ baseURL: url, viewport: { width, height } })
    await context.grantPermissions(['microphone'], { origin: url })
    const page = await context.newPage()
    const errors = watchErrors(page)
    await page.goto('/')
    await signIn(page, 'admin', 'demoadmin')
    await page.getByTestId('menu-prompts').click()
    await page.getByTestId('prompt-row-all-busy').waitFor()
    await shoot(page, 'list')

    await check(`${width}: a file is uploaded, heard first, and is a new version`, async () => {
      assert.equal(await fits(page), true)
      assert.deepEqual(await nameless(page), [])
      await page.getByTestId('edit-all-busy').click()
      await page.getByTestId('how-upload').click()
      await page.getByTestId('prompt-file').setInputFiles({ name: 'busy.wav', mimeType: 'audio/wav', buffer: tone() })
      await page.getByTestId('prompt-preview').waitFor()
      await shoot(page, 'upload')
      await page.getByTestId('prompt-save').click()
      await page.getByTestId('prompt-dialog').waitFor({ state: 'detached' })
      await page.getByTestId('history-all-busy').click()
      await page.getByTestId('restore-1').waitFor()
      await page.waitForTimeout(300)
      await shoot(page, 'versions')
    })

    await check(`${width}: an earlier version is taken again`, async () => {
      await page.getByTestId('restore-1').click()
      await page.getByTestId('prompt-versions').waitFor({ state: 'detached' })
      await page.getByTestId('history-all-busy').click()
      await page.getByTestId('restore-2').waitFor()
      await page.keyboard.press('Escape')
      await page.getByTestId('prompt-versions').waitFor({ state: 'detached' })
    })

    await check(`${width}: what is said into the microphone is heard before it is saved`, async () => {
      await page.getByTestId('edit-agent-id').click()
      await page.getByTestId('record-start').click()
      await page.getByTestId('record-stop').waitFor()
      await page.waitForTimeout(700)
      await shoot(page, 'recording')
      await page.getByTestId('record-stop').click()
      await page.getByTestId('prompt-preview').waitFor()
      await page.getByTestId('prompt-save').click()
      await page.getByTestId('prompt-dialog').waitFor({ state: 'detached' })
    })

    await check(`${width}: a new prompt is made out of text`, async () => {
      await page.getByTestId('prompt-new').click()
      await page.getByTestId('prompt-id').fill(`notice-${width}`)
      await page.getByTestId('prompt-words').fill('今天下午停止办理业务')
      await page.getByTestId('how-speak').click()
      await shoot(page, 'speak')
      await page.getByTestId('prompt-save').click()
      await page.getByTestId('prompt-search').fill(`notice-${width}`)
      await page.getByTestId(`prompt-row-notice-${width}`).waitFor()
      await page.getByTestId(`listen-notice-${width}`).click()
      await page.locator(`[data-testid=listen-notice-${width}][data-playing=true]`).waitFor()
    })
    assert.deepEqual(errors(), [])
    await context.close()
  }
} catch (error) {
  process.exitCode = 1
  console.error(error)
} finally {
  await close()
}
