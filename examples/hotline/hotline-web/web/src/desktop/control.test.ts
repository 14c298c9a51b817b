import { expect, test } from 'vitest'
import type { Call, Party } from '@/api/calls'
import { control, othersGoOn } from './control'

const party = (by: Partial<Party>): Party => ({
  leg: 'leg-1', agent: null, seat: null, device: null, number: null, state: 'connected', role: 'full', coaches: null,
  muted: false, served: false, entry: 'offered', since: null, ...by,
})

const call = (id: string, by: Partial<Call>): Call => ({
  id, contact: 'contact-1', direction: 'inbound', kind: 'service', caller: '138', called: '12345', state: 'talking',
  flow: null, queue: null, position: null, agent: '8001', seat: null, started: '', answered: null, talking_since: null,
  recording: false, consults: null, parties: [], ...by,
})

const citizen = party({ leg: 'leg-1', number: '138', served: true })
const table = (...calls: Call[]) => new Map(calls.map((one) => [one.id, one]))

test('a call in which I do not take part is not mine to steer', () => {
  const calls = table(call('call-1', { parties: [citizen, party({ agent: '8001', state: 'alerting' })] }))
  expect(control(calls, 'call-1', '8001')).toBeNull()
  expect(control(calls, 'call-9', '8001')).toBeNull()
})

test('the call in which I ask is found by the one that it keeps on hold', () => {
  const held = call('call-1', { state: 'held', parties: [citizen, party({ agent: '8001', state: 'hold' })] })
  const asks = call('call-2', {
    kind: 'consult', consults: 'call-1',
    parties: [party({ agent: '8001', served: true }), party({ agent: '8002', state: 'alerting' })], state: 'offering',
  })
  const ringing = control(table(held, asks), 'call-1', '8001')!
  expect(ringing.asking?.id).toBe('call-2')
  expect([ringing.askingActive, ringing.answered]).toEqual([true, false])
  const answered = control(table(held, { ...asks, state: 'talking' }), 'call-1', '8001')!
  expect(answered.answered).toBe(true)
  expect(control(table(held, asks), 'call-1', '8002')).toBeNull()
})

test('a listener does not keep a conversation alive when I leave', () => {
  const me = party({ agent: '8001' })
  const boss = party({ device: '8000', role: 'listen_only' })
  expect(othersGoOn(call('call-1', { parties: [citizen, me, boss] }), '8001')).toBe(false)
  const third = party({ agent: '8002' })
  expect(othersGoOn(call('call-1', { parties: [citizen, me, third] }), '8001')).toBe(true)
})
