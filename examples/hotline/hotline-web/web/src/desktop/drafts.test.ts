import { expect, it } from 'vitest'
import { fresh, isDirty, MOST_DRAFTS, openByHand, openForCall, show, shut, type Drafts } from './drafts'

const START: Drafts = { open: [fresh('hand', 'k')], active: 'hand' }

function typed(drafts: Drafts, key: string): Drafts {
  return {
    ...drafts,
    open: drafts.open.map((draft) =>
      draft.key === key ? { ...draft, fields: { ...draft.fields, text: '路灯不亮' } } : draft,
    ),
  }
}

it('opens the form of a call with the caller filled in', () => {
  const drafts = openForCall(START, 'call-1', '13800001234', 'k1')
  expect(drafts.active).toBe('call-1')
  expect(drafts.open).toHaveLength(1)
  expect(drafts.open[0]?.fields).toMatchObject({ number: '13800001234', type: 'complaint' })
  expect(isDirty(drafts.open[0]!)).toBe(false)
})

it('opens it once however often the call is told', () => {
  const once = openForCall(START, 'call-1', '13800001234', 'k1')
  expect(openForCall(once, 'call-1', '13800001234', 'k2')).toBe(once)
})

it('fills in a number that becomes known later, but not over a typed one', () => {
  const unknown = openForCall(START, 'call-1', '', 'k1')
  expect(openForCall(unknown, 'call-1', '138', 'k2').open[0]?.fields.number).toBe('138')
  const open = unknown.open.map((draft) => ({ ...draft, fields: { ...draft.fields, number: '139' } }))
  expect(openForCall({ ...unknown, open }, 'call-1', '138', 'k2').open[0]?.fields.number).toBe('139')
})

it('never replaces a form that was typed into, and marks the new one', () => {
  const busy = typed(START, 'hand')
  const drafts = openForCall(busy, 'call-1', '138', 'k1')
  expect(drafts.active).toBe('hand')
  expect(drafts.open.map((draft) => draft.key)).toEqual(['hand', 'call-1'])
  expect(drafts.open[1]?.unseen).toBe(true)
  expect(show(drafts, 'call-1').open[1]?.unseen).toBe(false)
})

it('shows the form beside a closed one, and a new one after the last', () => {
  const drafts = openByHand(openForCall(typed(START, 'hand'), 'call-1', '138', 'k1'), 'hand-2', 'k2')
  const once = shut(drafts, 'hand-2', fresh('spare', 'k3'))
  expect(once.active).toBe('call-1')
  const last = shut(shut(once, 'call-1', fresh('spare', 'k3')), 'hand', fresh('spare', 'k3'))
  expect(last.open.map((draft) => draft.key)).toEqual(['spare'])
})

it('is bounded and never drops an unsaved form', () => {
  let drafts = START
  for (let n = 0; n < MOST_DRAFTS + 5; n += 1) drafts = typed(openByHand(drafts, `hand-${n}`, 'k'), `hand-${n}`)
  expect(drafts.open).toHaveLength(MOST_DRAFTS)
  expect(drafts.open.filter(isDirty)).toHaveLength(MOST_DRAFTS)
  expect(openForCall(drafts, 'call-1', '138', 'k1')).toBe(drafts)
})
