/** A mock server with the built page, and a browser at it. */

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { launch } from './browser.mjs'

export async function pretend() {
  const mock = spawn(process.execPath, [fileURLToPath(new URL('../dev/mock.mjs', import.meta.url))], {
    env: { ...process.env, PORT: '0', QUIET: '1' },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [line] = await once(createInterface({ input: mock.stdout }), 'line')
  const url = line.replace('LISTENING ', '')
  const browser = await launch()
  const close = async () => {
    await browser.close()
    mock.kill()
  }
  return { url, browser, close }
}

/** What a screen reader could not name: a control without text, label or title. */
export const nameless = (page) =>
  page.evaluate(() =>
    [...document.querySelectorAll('button, input, textarea, select, a[href]')]
      .filter((element) => element.offsetParent !== null && element.type !== 'hidden')
      .filter((element) => {
        const labelled = element.getAttribute('aria-labelledby')?.split(' ').some((id) => document.getElementById(id)?.textContent?.trim())
        return !(labelled || element.getAttribute('aria-label') || element.title || element.textContent?.trim() || element.labels?.length || element.placeholder)
      })
      .map((element) => element.outerHTML.slice(0, 120)),
  )

/** Runs one rule and says that it holds. */
export async function check(rule, run) {
  await run()
  console.log(`ok  ${rule}`)
}
