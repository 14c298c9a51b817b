import { expect, test } from 'vitest'
import type { Queue } from '@/api/queues'
import { actOf, first, lowered, named, raised, waiters } from './order'

const queue = (id: string, priorities: number[]): Queue => ({
  id, name: `queue ${id}`, waiting: priorities.length, longest_wait_ms: 0, agents_ready: 0, agents_signed_in: 0, service_level_15s: null,
  offered_today: 0, answered_today: 0, abandoned_today: 0,
  callers: priorities.map((priority, n) => ({
    contact: `${id}-${n + 1}`, call: null, medium: 'voice', caller: '138', priority, assigned: null, position: n + 1, waited_ms: 0, since: '',
  })),
})

test('all who wait are listed queue by queue, or those of one queue', () => {
  const queues = [queue('a', [0, 0]), queue('b', []), queue('c', [3])]
  expect(waiters(queues, null).map((it) => `${it.queueName}/${it.contact}`)).toEqual(['queue a/a-1', 'queue a/a-2', 'queue c/c-1'])
  expect(waiters(queues, 'c').map((it) => it.contact)).toEqual(['c-1'])
})

test('priorities stay between 0 and 255', () => {
  expect([raised(0), raised(255), lowered(0), lowered(9)]).toEqual([1, 255, 0, 8])
})

test('to the front means before the highest of the same queue, and never lowers', () => {
  const queues = [queue('a', [7, 2, 0]), queue('b', [90])]
  const [highest, , last] = waiters(queues, 'a')
  expect(first(last!, queues)).toBe(8)
  expect(first(highest!, queues)).toBe(7)
  expect(first(waiters(queues, 'b')[0]!, queues)).toBe(90)
  const full = [queue('a', [255, 0])]
  expect(first(waiters(full, 'a')[1]!, full)).toBe(255)
})

test('each action has its key, small or capital', () => {
  expect(['+', '-', 'T', 'm', 'A', 'e', 'Delete', 'ArrowUp'].map(actOf)).toEqual(['raise', 'lower', 'top', 'move', 'assign', 'why', 'remove', 'up'])
  expect(actOf('x')).toBeNull()
})

test('ids in words become numbers and names as far as they are known', () => {
  const queues = [queue('contact', [0])]
  queues[0]!.callers[0]!.contact = 'contact-7'
  expect(named('队列 contact 第 2 位；contact-7 早到 1 秒；contact-70 更早', queues)).toBe('队列 queue contact 第 2 位；138 早到 1 秒；contact-70 更早')
  expect(named('number 2 in queue other', queues)).toBe('number 2 in queue other')
})
