import { expect, it } from 'vitest'
import { call } from '@/live/testing'
import { anew, close, ended, NO_POPS, sync, told, type Pops, type Told } from './pops'

const T = (second: number) => `2026-11-22T09:00:${String(second).padStart(2, '0')}+08:00`
const offered = (id: string, second = 0): Told => ({
  call: id, caller: '13800001234', called: '12345', queue: 'general', phase: 'offered', at: T(second),
})

it('makes one card for a call however often it is told', () => {
  let pops: Pops = NO_POPS
  for (const second of [0, 0, 3]) pops = told(pops, offered('call-1', second))
  pops = told(pops, { ...offered('call-1', 5), phase: 'connected' })
  expect(pops.cards).toHaveLength(1)
  expect(pops.cards[0]).toMatchObject({ phase: 'connected', offered: T(0), connected: T(5) })
})

it('does not go back to ringing when an offer is told after the connection', () => {
  const pops = told(told(NO_POPS, { ...offered('call-1'), phase: 'connected' }), offered('call-1', 1))
  expect(pops.cards[0]?.phase).toBe('connected')
})

it('makes no card at hang-up', () => {
  expect(ended(NO_POPS, 'call-1', T(9)).cards).toEqual([])
})

it('keeps an ended card until it is closed, and then it stays away', () => {
  let pops = ended(told(NO_POPS, offered('call-1')), 'call-1', T(9))
  expect(pops.cards[0]?.phase).toBe('ended')
  expect(told(pops, offered('call-1', 2)).cards[0]?.phase).toBe('ended')
  pops = close(pops, 'call-1', T(10))
  expect(told(pops, offered('call-1', 2)).cards).toEqual([])
  expect(told(pops, { ...offered('call-1', 12), phase: 'connected' }).cards).toEqual([])
  expect(sync(pops, [call('call-1', { agent: '8001', state: 'talking' })], '8001', T(30), 9).cards).toEqual([])
})

it('shows a call again that is offered to me anew', () => {
  const missed = ended(told(NO_POPS, offered('call-1', 0)), 'call-1', T(20))
  expect(told(missed, offered('call-1', 25)).cards[0]).toMatchObject({ phase: 'offered', offered: T(25) })
  expect(told(close(missed, 'call-1', T(21)), offered('call-1', 25)).cards).toHaveLength(1)
})

it('finds its calls again after a reload', () => {
  const mine = call('call-1', { agent: '8001', state: 'talking', talking_since: T(4) })
  const pops = sync(NO_POPS, [mine, call('call-2', { agent: '8002', state: 'talking' })], '8001', T(30), 9)
  expect(pops.cards.map((card) => card.call)).toEqual(['call-1'])
  expect(pops.cards[0]?.connected).toBe(T(4))
})

it('shows hold and its end', () => {
  const talking = call('call-1', { agent: '8001', state: 'talking', talking_since: T(4) })
  let pops = sync(NO_POPS, [talking], '8001', T(30), 9)
  pops = sync(pops, [{ ...talking, state: 'held' }], '8001', T(40), 9)
  expect(pops.cards[0]?.phase).toBe('held')
  pops = sync(pops, [talking], '8001', T(50), 9)
  expect(pops.cards[0]).toMatchObject({ phase: 'connected', connected: T(4) })
})

it('ends the card of a call that is no longer mine', () => {
  const pops = sync(told(NO_POPS, offered('call-1')), [call('call-1', { agent: '8002', state: 'offering' })], '8001', T(20), 9)
  expect(pops.cards[0]?.phase).toBe('ended')
})

it('does not end a card by tables that are older than the event that made it', () => {
  const queued = [call('call-1', { agent: null, state: 'queued' })]
  const pops = told(NO_POPS, { ...offered('call-1'), no: 12 })
  expect(sync(pops, queued, '8001', T(1), 11).cards[0]?.phase).toBe('offered')
  expect(sync(pops, queued, '8001', T(1), 12).cards[0]?.phase).toBe('ended')
  expect(sync(anew(pops), queued, '8001', T(1), 3).cards[0]?.phase).toBe('ended')
})

it('drops the oldest ended cards first when there are many', () => {
  let pops = told(NO_POPS, offered('call-0'))
  for (let n = 1; n < 12; n += 1) pops = ended(told(pops, offered(`call-${n}`)), `call-${n}`, T(50))
  expect(pops.cards).toHaveLength(8)
  expect(pops.cards.some((card) => card.call === 'call-0')).toBe(true)
})
