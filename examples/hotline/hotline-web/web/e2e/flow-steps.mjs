/** What a person does in the flow editor, step by step. Every wait has a deadline. */

import { DEADLINE_MS } from './steps.mjs'

/** Makes a flow in the list; afterwards its empty canvas is open. */
export async function newFlow(page, { id, name, kind }) {
  await page.getByTestId('menu-flows').click()
  await page.getByTestId('flow-new').click()
  await page.getByTestId('new-name').fill(name)
  await page.getByTestId('new-id').fill(id)
  if (kind) {
    await page.locator('#new-kind').click()
    await page.getByRole('option', { name: kind }).click()
  }
  await page.getByTestId('new-create').click()
  await page.getByTestId('canvas-empty').waitFor({ timeout: DEADLINE_MS })
}

/** Opens a flow and takes everything off its canvas. */
export async function clearFlow(page, id) {
  await openFlow(page, id)
  await page.locator('[data-testid^="node-"][data-type]').first().waitFor({ timeout: DEADLINE_MS })
  await page.locator('.vue-flow__pane').click({ position: { x: 8, y: 8 } })
  await page.keyboard.press('Control+a')
  await page.keyboard.press('Delete')
  await page.getByTestId('canvas-empty').waitFor({ timeout: DEADLINE_MS })
}

/** Opens a flow from the list. */
export async function openFlow(page, id) {
  await page.getByTestId('menu-flows').click()
  await page.getByTestId(`flow-${id}`).click()
  await page.getByTestId('canvas').waitFor({ timeout: DEADLINE_MS })
}

/** Drags a node type from the palette to a place on the canvas. */
export async function dragNode(page, type, x, y) {
  await page.getByTestId(`add-${type}`).dragTo(page.locator('.vue-flow__pane'), { targetPosition: { x, y } })
  await page.locator(`[data-testid^="node-"][data-type="${type}"]`).first().waitFor({ timeout: DEADLINE_MS })
}

/** Pulls a wire from an outlet to a node. */
export async function pullWire(page, from, outlet, to) {
  const start = await page.getByTestId(`out-${from}-${outlet}`).boundingBox()
  const end = await page.getByTestId(`node-${to}`).boundingBox()
  await page.mouse.move(start.x + start.width / 2, start.y + start.height / 2)
  await page.mouse.down()
  await page.mouse.move(end.x - 30, end.y + 30, { steps: 4 })
  await page.mouse.move(end.x + 12, end.y + 34, { steps: 4 })
  await page.mouse.up()
}

/** Chooses a node; its properties are shown. */
export async function choose(page, id) {
  await page.getByTestId(`node-${id}`).locator('.name').click()
  await page.getByTestId('panel-properties').click()
  await page.locator(`[data-testid=node-form][data-node="${id}"]`).waitFor({ timeout: DEADLINE_MS })
}

/** Leads an outlet of the chosen node to another one by the list in its properties. */
export async function wireByList(page, outlet, to) {
  await page.getByTestId(`wire-${outlet}`).click()
  await page.getByTestId(`wire-${outlet}`).locator('input').fill(to)
  await page.keyboard.press('Enter')
}

/** Adds a recording to a field of the chosen node. */
export async function addPrompt(page, id, field = 'prompt') {
  const select = page.getByTestId(`field-${field}`).locator('.el-select')
  await select.click()
  await select.locator('input').fill(id)
  await page.locator(`[data-testid="prompt-${id}"]:visible`).click()
}

/** Fills a field that is chosen from a list. */
export async function pickValue(page, field, value) {
  const select = page.getByTestId(`field-${field}`).locator('.el-select')
  await select.click()
  await select.locator('input').fill(value)
  await page.keyboard.press('Enter')
}

/** Waits until the check says so many errors of what is on the canvas now. */
export async function waitForErrors(page, errors) {
  await page.getByTestId('panel-findings').click()
  await page.getByTestId('check-again').click()
  await page.locator(`[data-testid=findings-count][data-errors="${errors}"]`).waitFor({ timeout: DEADLINE_MS })
}

export async function save(page) {
  await page.keyboard.press('Control+s')
  await page.locator('[data-testid=save-state][data-dirty=false]').waitFor({ timeout: DEADLINE_MS })
}

/** Publishes what is on the canvas with this note; answers once it is in force. */
export async function publish(page, note) {
  await page.getByTestId('publish-open').click()
  await page.getByTestId('publish-note').fill(note)
  await page.getByTestId('publish-go').click()
  await page.locator('.el-message--success', { hasText: /[0-9a-f]{8}/ }).waitFor({ timeout: DEADLINE_MS })
}

/**
 * Draws a small flow from nothing: answer, greeting, menu, queue, good-bye. One outlet is left open, so
 * that the check has something to say.
 */
export async function drawSmallFlow(page, { id, name, greeting, menu, queue, exists = false }) {
  if (exists) await clearFlow(page, id)
  else await newFlow(page, { id, name })
  await dragNode(page, 'answer', 30, 120)
  await dragNode(page, 'play', 290, 120)
  await choose(page, 'play')
  await addPrompt(page, greeting)
  // Typed in the palette and entered: the same without a mouse.
  await page.getByTestId('palette-search').fill('menu')
  await page.getByTestId('palette-search').press('Enter')
  await page.locator('[data-testid=node-form][data-node=menu]').waitFor({ timeout: DEADLINE_MS })
  await page.getByTestId('palette-search').fill('')
  await addPrompt(page, menu)
  await dragNode(page, 'enqueue', 40, 330)
  await choose(page, 'enqueue')
  await pickValue(page, 'queue', queue)
  await dragNode(page, 'hangup', 360, 400)
  await page.getByTestId('arrange').click()
  await page.waitForTimeout(400)
  await pullWire(page, 'answer', 'next', 'play')
  await pullWire(page, 'play', 'next', 'menu')
  await choose(page, 'menu')
  await wireByList(page, '0', 'enqueue')
  await wireByList(page, 'exhausted', 'hangup')
  await choose(page, 'enqueue')
  for (const outlet of ['overflow', 'no_staff', 'full', 'left']) await wireByList(page, outlet, 'hangup')
}
