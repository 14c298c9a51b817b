/** What a person does in the page, step by step. Every wait has a deadline. */

export const DEADLINE_MS = Number(process.env.HOTLINE_DEADLINE_MS ?? 60_000)

/** Signs in to the page; afterwards the desktop is open and the event stream is connected. */
export async function signIn(page, user, password) {
  await page.getByTestId('sign-in-user').fill(user)
  await page.getByTestId('sign-in-password').fill(password)
  await page.getByTestId('sign-in-submit').click()
  await page.locator('[data-testid=link][data-link=open]').waitFor({ timeout: DEADLINE_MS })
}

/** Signs the agent in at a seat, if not signed in yet, and goes ready. */
export async function takeSeat(page, seat) {
  const state = page.getByTestId('my-state')
  await state.waitFor({ timeout: DEADLINE_MS })
  if ((await state.getAttribute('data-state')) === 'signed_out') {
    if (!(await page.locator('#seat').isVisible())) await page.getByTestId('bar-sign-in').click()
    await page.locator('#seat').click()
    await page.getByTestId(`seat-${seat}`).click()
    await page.getByTestId('seat-confirm').click()
    await page.locator('[data-testid=my-state]:not([data-state=signed_out])').waitFor({ timeout: DEADLINE_MS })
  }
  if (/^(not_ready|after_call_work)$/.test(await state.getAttribute('data-state'))) {
    await page.getByTestId('bar-ready').click()
  }
  await page.locator('[data-testid=my-state]:not([data-state=not_ready]):not([data-state=after_call_work])').waitFor({ timeout: DEADLINE_MS })
}

/** Waits for the card of a call that rings or talks; returns its call id and caller. */
export async function waitForCall(page) {
  const card = page.locator('[data-kind=call-card]:is([data-phase=offered],[data-phase=connected])').first()
  await card.waitFor({ timeout: DEADLINE_MS })
  const call = (await card.getAttribute('data-testid')).replace('card-', '')
  const caller = (await card.getByTestId('card-caller').textContent()).trim()
  return { call, caller }
}

/** Waits until the card of this call says that it was answered. */
export async function waitForTalk(page, call) {
  await page.locator(`[data-testid="card-${call}"]:is([data-phase=connected],[data-phase=ended])`).waitFor({ timeout: DEADLINE_MS })
}

/** Waits until the card of this call says that it is over. */
export async function waitForEnd(page, call) {
  await page.locator(`[data-testid="card-${call}"][data-phase=ended]`).waitFor({ timeout: DEADLINE_MS })
}

/** Opens the call's record and plays its recording; returns length and position in seconds. */
export async function playRecording(page, call) {
  await page.getByTestId('menu-call-records').click()
  const play = page.locator('tr', { has: page.getByTestId(`record-${call}`) }).locator('[data-testid^="play-"]')
  const until = Date.now() + DEADLINE_MS
  // The record may be written a moment after the call is over; asking again is what a person does.
  while (!(await play.isVisible())) {
    if (Date.now() > until) throw new Error(`no recording of ${call} in the call records`)
    const answered = page.waitForResponse((response) => response.url().includes('/api/v1/call-records'), { timeout: DEADLINE_MS })
    await page.getByTestId('refresh').click()
    await answered
    await play.waitFor({ timeout: 1000 }).catch(() => {})
  }
  await play.click()
  const audio = page.getByTestId('player-audio')
  await audio.waitFor({ timeout: DEADLINE_MS })
  await page.waitForFunction(
    () => {
      const element = document.querySelector('[data-testid=player-audio]')
      return element && element.duration > 0 && element.currentTime > Math.min(0.5, element.duration / 2)
    },
    undefined,
    { timeout: DEADLINE_MS },
  )
  return audio.evaluate((element) => ({ duration: element.duration, position: element.currentTime }))
}

/** Fills in the form of `call` (or the one that is open) and saves it; returns the ticket. */
export async function fileTicket(page, { call, category, text, callerName, type } = {}) {
  await page.getByTestId('menu-desktop').click()
  if (call) await page.getByTestId(`card-ticket-${call}`).click()
  await page.getByTestId('ticket-form').waitFor({ timeout: DEADLINE_MS })
  const number = await page.getByTestId('ticket-number').inputValue()
  if (type) await page.getByTestId('ticket-type').locator(`label:has(input[value="${type}"])`).click()
  if (callerName) await page.getByTestId('ticket-caller-name').fill(callerName)
  await page.locator('#ticket-category').click()
  const option = category ? page.getByTestId(`category-${category}`) : page.locator('[data-testid^="category-"]').first()
  await option.click({ timeout: DEADLINE_MS })
  await page.getByTestId('ticket-text').fill(text ?? '浏览器测试登记的工单')
  await page.getByTestId('ticket-save').click()
  const saved = page.getByTestId('ticket-no')
  await saved.waitFor({ timeout: DEADLINE_MS })
  return { no: (await saved.textContent()).trim(), number }
}
