/**
 * How the flow editor and the prompts page treat a person's work, in a browser against the mock server
 * (started here, with the built page): `npm run build && npm run test:browser`.
 */

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { watchErrors } from './browser.mjs'
import { choose, drawSmallFlow, openFlow, publish, save, waitForErrors, wireByList } from './flow-steps.mjs'
import { check, nameless, pretend } from './pretend.mjs'
import { DEADLINE_MS, signIn } from './steps.mjs'

const { url, browser, close } = await pretend()
const context = await browser.newContext({ baseURL: url, viewport: { width: 1366, height: 768 }, permissions: ['microphone'] })
const page = await context.newPage()
page.setDefaultTimeout(DEADLINE_MS)
const errors = watchErrors(page)
const nodes = () => page.locator('[data-testid^="node-"][data-type]').count()
const state = (dirty) => page.locator(`[data-testid=save-state][data-dirty=${dirty}]`).waitFor()
const dialog = (name) => page.getByRole('dialog', { name })
const sideways = () => page.evaluate(() => document.documentElement.scrollWidth > innerWidth || document.querySelector('main').scrollWidth > document.querySelector('main').clientWidth)

try {
  await page.goto('/')
  await signIn(page, 'admin', 'demoadmin')

  await check('a small flow is drawn from nothing', async () => {
    await drawSmallFlow(page, { id: 'small', name: '小流程', greeting: 'greeting-12345', menu: 'menu1', queue: 'general' })
    assert.equal(await nodes(), 5)
    assert.deepEqual(await nameless(page), [])
    assert.equal(await sideways(), false)
  })

  await check('undo and redo go back and forth by the keyboard', async () => {
    await page.keyboard.press('Escape')
    await page.locator('.vue-flow__pane').click({ position: { x: 12, y: 12 } })
    await page.getByTestId('node-hangup').locator('.name').click()
    await page.keyboard.press('Delete')
    await page.getByTestId('node-hangup').waitFor({ state: 'detached' })
    await page.keyboard.press('Control+z')
    await page.getByTestId('node-hangup').waitFor()
    await page.keyboard.press('Control+y')
    await page.getByTestId('node-hangup').waitFor({ state: 'detached' })
    await page.keyboard.press('Control+z')
    await page.getByTestId('node-hangup').waitFor()
  })

  await check('a copy gets an id of its own', async () => {
    await page.getByTestId('node-play').locator('.name').click()
    await page.keyboard.press('Control+c')
    await page.keyboard.press('Control+v')
    await page.getByTestId('node-play-2').waitFor()
    await page.keyboard.press('Delete')
    await page.getByTestId('node-play-2').waitFor({ state: 'detached' })
  })

  await check('arrows move what is selected', async () => {
    await page.getByTestId('node-play').locator('.name').click()
    const before = await page.getByTestId('node-play').boundingBox()
    await page.keyboard.press('Shift+ArrowDown')
    await page.keyboard.press('ArrowRight')
    await page.waitForFunction((y) => document.querySelector('[data-testid=node-play]').getBoundingClientRect().y > y + 20, before.y)
  })

  await check('what is unsaved outlives a reload of the page', async () => {
    await state(true)
    page.once('dialog', (asked) => asked.accept())
    await page.reload()
    await page.getByTestId('restored').waitFor()
    assert.equal(await nodes(), 5)
    await state(true)
  })

  await check('leaving with unsaved changes asks, and staying is possible', async () => {
    await page.getByTestId('menu-desktop').click()
    const box = page.locator('.el-message-box')
    await box.waitFor()
    await box.locator('.el-message-box__headerbtn').click()
    await box.waitFor({ state: 'hidden' })
    assert.match(page.url(), /\/flows\/small$/)
    await save(page)
    assert.equal(await page.getByTestId('restored').count(), 0)
  })

  await check('the check stops a flow with faults, and each finding leads to its node', async () => {
    await page.getByTestId('publish-open').click()
    await page.getByTestId('findings').waitFor()
    assert.equal(await page.getByTestId('publish-note').count(), 0)
    await page.locator('[data-testid^="finding-"][data-node="enqueue"]').click()
    await page.locator('[data-testid=node-form][data-node=enqueue]').waitFor()
    await page.getByTestId('wrong-enqueue').waitFor()
    await wireByList(page, 'failed', 'hangup')
    await choose(page, 'menu')
    await wireByList(page, '1', 'enqueue')
    await waitForErrors(page, 0)
    await page.getByTestId('wrong-enqueue').waitFor({ state: 'detached' })
  })

  await check('a trial shows the way on the canvas, key by key', async () => {
    await page.getByTestId('panel-properties').focus()
    await page.getByTestId('panel-findings').click()
    await page.keyboard.press('ArrowRight')
    assert.deepEqual(await nameless(page), [])
    await page.getByTestId('coverage').click()
    await page.locator('[data-testid=coverage-told][data-missed="1"]').waitFor()
    await page.getByTestId('trial-start').click()
    await page.locator('[data-testid=node-play][data-here]').waitFor()
    await page.getByTestId('trial-skip').click()
    await page.locator('[data-testid=node-menu][data-here]').waitFor()
    await page.getByTestId('trial').focus()
    await page.keyboard.press('1')
    await page.locator('[data-testid=node-enqueue][data-here]').waitFor()
    assert.deepEqual(await nameless(page), [])
    await page.getByTestId('leaves-overflow').click()
    await page.locator('[data-testid=trial-state][data-over=true]').waitFor()
  })

  await check('it is published, and the next version shows what changed', async () => {
    await publish(page, '第一版')
    await choose(page, 'play')
    await page.getByTestId('node-name').fill('问候')
    await waitForErrors(page, 0)
    await page.getByTestId('publish-open').click()
    await page.getByTestId('publish-diff').click()
    await page.getByTestId('diff-play').waitFor()
    await dialog('版本比较').locator('.el-dialog__headerbtn').click()
    await page.getByTestId('publish-note').fill('改名')
    await page.getByTestId('publish-go').click()
    await dialog('发布流程').waitFor({ state: 'hidden' })
    await page.getByTestId('panel-versions').click()
    await page.locator('[data-testid^="version-"][data-stage=retired]').waitFor()
    assert.equal(await page.locator('[data-testid^="version-"][data-stage]').count(), 2)
  })

  await check('a version is rolled back to, with a reason', async () => {
    const old = page.locator('[data-testid^="version-"][data-stage=retired]')
    const name = (await old.getAttribute('data-testid')).replace('version-', '')
    await page.getByTestId(`version-menu-${name}`).click()
    await page.locator('[data-testid=version-roll-back]:visible').click()
    await page.locator('.el-message-box input').fill('新名有误')
    await page.keyboard.press('Enter')
    await page.locator(`[data-testid="version-${name}"][data-stage=published]`).waitFor()
  })

  await check('a save over the work of somebody else is told and loses nothing', async () => {
    await choose(page, 'play')
    await page.getByTestId('node-name').fill('我的改动')
    await save(page)
    await page.request.post('/mock/edit/small')
    await page.getByTestId('node-name').fill('我的第二次改动')
    await page.keyboard.press('Control+s')
    await page.getByTestId('conflict').waitFor()
    assert.match(await page.getByTestId('conflict').textContent(), /李主任/)
    await page.getByTestId('conflict-keep').click()
    assert.equal(await page.getByTestId('node-name').inputValue(), '我的第二次改动')
    await state(true)
    await page.keyboard.press('Control+s')
    await page.getByTestId('conflict-mine').click()
    await state(false)
  })

  await check('an export comes back by import', async () => {
    await page.getByTestId('editor-tools').click()
    const [file] = await Promise.all([page.waitForEvent('download'), page.getByTestId('export').click()])
    const text = readFileSync(await file.path(), 'utf8').replace('"id": "small"', '"id": "small-again"')
    await page.getByTestId('menu-flows').click()
    await page.getByTestId('flow-import').click()
    await page.getByTestId('import-text').fill(text)
    await page.getByTestId('import-go').click()
    await page.getByTestId('node-enqueue').waitFor()
    assert.match(page.url(), /small-again$/)
    await state(true)
    await save(page)
  })

  await check('a shipped flow opens as it was published, with counts on its wires', async () => {
    await openFlow(page, 'hotline-12345')
    await state(false)
    await page.getByTestId('panel-statistics').click()
    await page.getByTestId('count-answer-next').waitFor()
    await page.getByTestId('panel-properties').click()
    await page.getByTestId('count-answer-next').waitFor({ state: 'detached' })
    await page.getByTestId('find-node').click()
    await page.getByTestId('find-node-input').fill('值班电话')
    await page.keyboard.press('Enter')
    await page.locator('[data-testid=node-form][data-node=duty]').waitFor()
    assert.deepEqual(await nameless(page), [])
  })

  await check('a prompt that a flow lacks is missing until it is recorded in the browser', async () => {
    await openFlow(page, 'small')
    await choose(page, 'play')
    const select = page.getByTestId('field-prompt').locator('.el-select')
    await select.click()
    await select.locator('input').fill('spring-news')
    await page.keyboard.press('Enter')
    await waitForErrors(page, 1)
    await save(page)
    await page.getByTestId('menu-prompts').click()
    await page.locator('[data-testid="prompt-row-spring-news"][data-status=missing]').waitFor()
    assert.deepEqual(await nameless(page), [])
    await page.getByTestId('edit-spring-news').click()
    await page.getByTestId('record-start').click()
    await page.waitForTimeout(900)
    await page.getByTestId('record-stop').click()
    await page.getByTestId('prompt-preview').waitFor()
    await page.getByTestId('prompt-words').fill('春节期间照常服务')
    await page.getByTestId('prompt-save').click()
    await page.locator('[data-testid="prompt-row-spring-news"][data-status=present]').waitFor()
    await page.getByTestId('listen-spring-news').click()
  })

  await check('a supervisor looks on, tries, and changes nothing', async () => {
    const other = await (await browser.newContext({ baseURL: url, viewport: { width: 1366, height: 768 } })).newPage()
    await other.goto('/')
    await signIn(other, '8000', 'demo8000')
    await openFlow(other, 'hotline-12345')
    await other.getByTestId('node-answer').waitFor()
    for (const control of ['save', 'publish-open', 'undo', 'palette-search']) assert.equal(await other.getByTestId(control).count(), 0)
    await other.getByTestId('panel-trial').click()
    await other.getByTestId('trial-start').click()
    await other.getByTestId('trial-state').waitFor()
    await other.close()
  })

  await check('an agent has no way to flows', async () => {
    const other = await (await browser.newContext({ baseURL: url })).newPage()
    await other.goto('/flows')
    await signIn(other, '8002', 'demo8002')
    assert.equal(new URL(other.url()).pathname, '/desktop')
    assert.equal(await other.getByTestId('menu-flows').count(), 0)
    await other.close()
  })

  assert.deepEqual(errors(), [])
} catch (error) {
  process.exitCode = 1
  console.error(error)
  console.error(errors().join('\n'))
  if (process.env.HOTLINE_SHOTS) await page.screenshot({ path: `${process.env.HOTLINE_SHOTS}/editor-failed.png` }).catch(() => {})
} finally {
  await close()
}
