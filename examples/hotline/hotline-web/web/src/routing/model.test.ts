import { expect, test } from 'vitest'
import { indent, pieces, startOf } from './highlight'
import { lines, occupancy, profileOf, rulesOf, same, usedBy, withProfile, withQueue, withScript, type AgentLoad, type QueueReport, type Rules } from './model'

const rules = (by: Partial<Rules> = {}): Rules => ({
  queues: [], between: 'first_come', misses: { after_no_answer_ms: 0, after_reject_ms: 0, after_unreachable_ms: 0, max_misses: 0, pause_ms: 0 }, ...by,
})

test('a queue about which nothing is said has the rules that change nothing', () => {
  const general = rulesOf(rules(), 'general')
  expect([general.strategy, general.max_wait_ms, general.ageing.by, general.nobody_staffed_after_ms]).toEqual(['longest_idle', null, 'strict', 5000])
  const changed = withQueue(rules({ queues: [{ queue: 'night' }] }), { ...general, strategy: 'ring_all' })
  expect(changed.queues.map((it) => [it.queue, it.strategy])).toEqual([['night', undefined], ['general', 'ring_all']])
  expect(rulesOf(changed, 'general').strategy).toBe('ring_all')
})

test('changing one queue leaves what the page does not know as it is', () => {
  const unknown = rules({ queues: [{ queue: 'a', colour: 'red' } as never] })
  expect(withQueue(unknown, { ...rulesOf(unknown, 'a'), weight: 3 }).queues[0]).toMatchObject({ colour: 'red', weight: 3 })
})

test('an agent of whom nothing is known any more is not listed', () => {
  const skilled = withProfile(rules(), { ...profileOf(rules(), '8001'), skills: { english: 7 }, site: 'north', queues: { a: { tier: 1, position: 0, rank: 1 }, b: { tier: 2, position: 0, rank: 1 } } })
  expect(skilled.agents).toEqual([{ agent: '8001', skills: { english: 7 }, regions: [], site: 'north', queues: { b: { tier: 2, position: 0, rank: 1 } } }])
  const emptied = withProfile(skilled, { ...profileOf(skilled, '8001'), skills: {}, site: null, queues: {} })
  expect(emptied.agents).toEqual([])
})

test('queues follow a script that is renamed, and go back to longest idle when it is taken out', () => {
  const scripted = rules({ queues: [{ queue: 'a', strategy: 'vip' }, { queue: 'b', strategy: 'random' }], scripts: [{ name: 'vip', source: 'x' }] })
  const renamed = withScript(scripted, 'vip', { name: 'first', source: 'y' })
  expect([renamed.scripts, usedBy(renamed, 'first')]).toEqual([[{ name: 'first', source: 'y' }], ['a']])
  expect(withScript(renamed, 'first', null)).toMatchObject({ scripts: [], queues: [{ strategy: 'longest_idle' }, { strategy: 'random' }] })
})

test('documents are the same whatever the order of their fields', () => {
  expect(same({ a: 1, b: [{ c: 1, d: 2 }] }, { b: [{ d: 2, c: 1 }], a: 1 })).toBe(true)
  expect(same({ a: [1, 2] }, { a: [2, 1] })).toBe(false)
})

const report = (by: Partial<QueueReport>): QueueReport => ({
  contacts: 100, answered: 90, in_time: 80, abandoned: 10, overflowed: 0, waits: { mean_ms: 9000, p50_ms: 5000, p90_ms: 20_000, p95_ms: 30_000, max_ms: 60_000 }, overtakes: 4, ...by,
})
const load = (busy: number, idle: number): AgentLoad => ({ answered: 1, busy: { secs: busy, nanos: 0 }, idle: { secs: idle, nanos: 0 } })

test('two runs of a day are compared figure by figure, and better is told from worse', () => {
  const compared = lines({ report: report({}), loads: [load(60, 40), load(20, 80)] }, { report: report({ in_time: 90, abandoned: 12, overtakes: 4 }), loads: [load(50, 50), load(30, 70)] })
  const of = (figure: string) => compared.find((it) => it.figure === figure)!
  expect([of('level').before, of('level').after, of('level').better]).toEqual([0.8, 0.9, true])
  expect(of('abandoned').better).toBe(false)
  expect([of('overtakes').better, of('contacts').better]).toEqual([null, null])
  expect([of('busiest').before, of('busiest').after, of('busiest').better]).toEqual([0.6, 0.5, true])
  expect(occupancy(load(0, 0))).toBe(0)
  const empty = lines({ report: report({ contacts: 0, in_time: 0, abandoned: 0 }), loads: [] }, { report: report({}), loads: [] })
  expect(empty.find((it) => it.figure === 'level')!.before).toBe(1)
  expect(empty.some((it) => it.figure === 'busiest')).toBe(false)
})

test('a script is shown in colours and nothing of it is lost', () => {
  const source = 'fn pick(c, agents) { // best\n  if c.skill("english") > 5 { 0x } else { `a` }\n}'
  const shown = pieces(source)
  expect(shown.map((it) => it.text).join('')).toBe(source)
  const kind = (text: string) => shown.find((it) => it.text === text)?.kind
  expect([kind('fn'), kind('pick'), kind('// best'), kind('"english"'), kind('5'), kind('c')]).toEqual(['keyword', 'entry', 'comment', 'quoted', 'number', 'plain'])
  for (const open of ['"open', '/* open', '`open']) expect(pieces(open).map((it) => it.text).join('')).toBe(open)
})

test('a new line is indented as the one before, deeper behind a brace', () => {
  expect([indent('fn a() {'), indent('x\n  y'), indent('  if a { ')]).toEqual(['  ', '  ', '    '])
  expect([startOf('ab\ncd\ne', 1), startOf('ab\ncd\ne', 3), startOf('ab', 9)]).toEqual([0, 6, 0])
})
