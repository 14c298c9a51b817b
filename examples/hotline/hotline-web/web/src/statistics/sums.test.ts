import { expect, test } from 'vitest'
import type { AgentStep, QueueStep } from '@/api/statistics'
import { agentTotal, csv, level, meanWait, occupancy, queueTotal, signedIn, spent } from './sums'

const queue = (by: Partial<QueueStep>): QueueStep => ({
  queue: 'a', name: null, since: '', offered: 0, answered: 0, answered_in_time: 0, abandoned: 0, overflowed: 0, left: 0, most_inside: 0, wait_answered_ms: 0, longest_wait_ms: 0, ...by,
})
const agent = (by: Partial<AgentStep>): AgentStep => ({ agent: '8001', name: null, since: '', answered: 0, no_answer: 0, rejected: 0, unreachable: 0, times_ms: {}, ...by })

test('times of all reasons of not ready count together', () => {
  const times = { 'not_ready:break': 10, 'not_ready:lunch': 20, ready: 50, on_call: 40, after_call_work: 10, signed_out: 5 }
  expect([spent(times, 'not_ready'), spent(times, 'ready'), signedIn(times)]).toEqual([30, 50, 130])
  expect(occupancy(times)).toBe(0.5)
  expect(occupancy({ 'not_ready:break': 10 })).toBeNull()
})

test('queues add up, and the highest stays the highest', () => {
  const total = queueTotal([queue({ offered: 4, answered: 3, answered_in_time: 2, abandoned: 1, wait_answered_ms: 9000, longest_wait_ms: 7000, most_inside: 2 }), queue({ answered: 1, answered_in_time: 1, longest_wait_ms: 5000, most_inside: 3 })])!
  expect([total.answered, total.most_inside, total.longest_wait_ms]).toEqual([4, 3, 7000])
  expect(level(total)).toBe(0.6)
  expect(meanWait(total)).toBe(2250)
  expect([level(queue({})), meanWait(queue({})), queueTotal([])]).toEqual([null, null, null])
})

test('agents add up with the times of each activity', () => {
  const total = agentTotal([agent({ answered: 2, times_ms: { ready: 5, on_call: 7 } }), agent({ answered: 1, no_answer: 1, times_ms: { on_call: 3 } })])!
  expect([total.answered, total.no_answer, total.times_ms]).toEqual([3, 1, { ready: 5, on_call: 10 }])
})

test('a table is written so that a spreadsheet reads it and computes nothing of it', () => {
  expect(csv([['a,b', 1, -2], ['say "x"', '=1+1', '']])).toBe('\uFEFF"a,b",1,-2\r\n"say ""x""",\'=1+1,\r\n')
})
