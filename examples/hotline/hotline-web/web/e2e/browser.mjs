/** Starts headless Chromium and collects what goes wrong in a page. */

import { existsSync } from 'node:fs'
import { chromium } from 'playwright-core'

const ARGS = [
  '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync', '--autoplay-policy=no-user-gesture-required', '--mute-audio',
  '--use-fake-ui-for-media-stream', '--use-fake-device-for-media-stream',
]
const PLACES = [process.env.CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']

/** A pretended microphone, and calls within one machine. */
const SOUND = [
  '--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream', '--allow-loopback-in-peer-connection',
]

/** Starts a browser that can telephone. */
export function launchWithSound() {
  return launch(SOUND)
}

export function launch(more = []) {
  const executablePath = PLACES.find((place) => place && existsSync(place))
  if (!executablePath) throw new Error('no Chromium found; install it or set CHROMIUM to its path')
  return chromium.launch({ executablePath, headless: true, args: [...ARGS, ...more] })
}

/** Returns a function that gives the script errors and policy violations seen so far. */
export function watchErrors(page) {
  const seen = []
  page.on('pageerror', (error) => seen.push(`script error: ${error.message}`))
  page.on('console', (message) => {
    const text = message.text()
    const expected = /Failed to load resource|WebSocket connection/.test(text)
    if (message.type() === 'error' && !expected) seen.push(`console: ${text}`)
    if (/Content Security Policy/.test(text)) seen.push(`policy: ${text}`)
  })
  return () => [...new Set(seen)]
}
