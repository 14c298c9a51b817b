import { describe, expect, it } from 'vitest'
import type { Frame } from './frames'
import { parseFrame } from './frames'
import { apply, EMPTY, replace, type Applied, type LiveState } from './reducer'
import { agent, call, event, snapshot } from './testing'

function feed(frames: Frame[], from: LiveState = EMPTY) {
  const events: number[] = []
  let reloads = 0
  let state = from
  for (const frame of frames) {
    const applied: Applied = apply(state, frame)
    state = applied.state
    if (applied.event?.no !== undefined) events.push(applied.event.no)
    if (applied.reload) reloads += 1
  }
  return { state, events, reloads }
}

describe('the live picture', () => {
  it('starts from a snapshot', () => {
    const { state, reloads } = feed([snapshot(7, { calls: [call('call-1')] })])
    expect(state.no).toBe(7)
    expect(state.doubtful).toBe(false)
    expect([...state.calls.keys()]).toEqual(['call-1'])
    expect(reloads).toBe(0)
  })

  it('tells events in order and moves its number', () => {
    const { state, events, reloads } = feed([snapshot(7), event(8), event(9)])
    expect(events).toEqual([8, 9])
    expect([state.no, state.asOf]).toEqual([9, 7])
    expect(reloads).toBe(0)
  })

  it('tells an event once, even when a resumed stream overlaps', () => {
    const { events, state } = feed([snapshot(7), event(8), event(9), event(8), event(9), event(10)])
    expect(events).toEqual([8, 9, 10])
    expect(state.no).toBe(10)
  })

  it('goes on from the last number after a resume without a snapshot', () => {
    const before = feed([snapshot(7), event(8)]).state
    const { events, reloads } = feed([event(9), event(10)], before)
    expect(events).toEqual([9, 10])
    expect(reloads).toBe(0)
  })

  it('asks for a reload at a hole and trusts its tables again afterwards', () => {
    const { state, events, reloads } = feed([snapshot(7), event(8), event(11)])
    expect(events).toEqual([8, 11])
    expect(reloads).toBe(1)
    expect(state.doubtful).toBe(true)

    const again = replace(state, { agents: [agent('8002')], queues: [], calls: [] })
    expect(again.doubtful).toBe(false)
    expect(again.no).toBe(11)
    expect([...again.agents.keys()]).toEqual(['8002'])
  })

  it('asks for a reload when the stream starts in the middle', () => {
    const { reloads, state } = feed([event(40)])
    expect(reloads).toBe(1)
    expect(state.no).toBe(40)
  })

  it('waits for the snapshot that follows lost frames, without a reload of its own', () => {
    const lost = feed([snapshot(7), { type: 'lost', from: 8 }])
    expect(lost.state.doubtful).toBe(true)
    expect(lost.reloads).toBe(0)

    const { state, events } = feed([snapshot(30), event(31)], lost.state)
    expect(state.doubtful).toBe(false)
    expect(events).toEqual([31])
  })

  it('takes a snapshot with a smaller number: the server was set up anew', () => {
    const { state } = feed([snapshot(500), snapshot(3)])
    expect(state.no).toBe(3)
  })

  it('changes only the rows a state frame names', () => {
    const start = feed([snapshot(7, { agents: [agent('8001'), agent('8002')], calls: [call('call-1'), call('call-2')] })]).state
    const { state } = feed(
      [{ type: 'state', no: 9, agents: [agent('8002', 'on_call')], calls: [call('call-3')], calls_ended: ['call-1'] }],
      start,
    )
    expect(state.agents.get('8001')).toBe(start.agents.get('8001'))
    expect(state.agents.get('8002')?.state).toBe('on_call')
    expect([...state.calls.keys()].sort()).toEqual(['call-2', 'call-3'])
    expect(state.queues).toBe(start.queues)
  })

  it('ignores a state frame older than what it has', () => {
    const { state } = feed([snapshot(7), event(8), event(9), { type: 'state', no: 8, agents: [agent('8001', 'on_call')] }])
    expect(state.agents.get('8001')?.state).toBe('ready')
    expect(state.no).toBe(9)
  })

  it('takes the state frame that belongs to the last event', () => {
    const { state } = feed([snapshot(7), event(8), { type: 'state', no: 8, agents: [agent('8001', 'reserved')] }])
    expect(state.agents.get('8001')?.state).toBe('reserved')
  })
})

describe('frames that overtake', () => {
  it('still tells an event when rows with its number came first', () => {
    const { events, state } = feed([snapshot(7), { type: 'state', no: 8, agents: [agent('8001', 'reserved')] }, event(8, 'offered')])
    expect(events).toEqual([8])
    expect([state.no, state.asOf]).toEqual([8, 7])
  })

  it('passes notices on without touching tables or numbers', () => {
    const { state } = feed([snapshot(7)])
    const applied = apply(state, { type: 'notice', name: 'ticket_created', data: {} })
    expect(applied.event?.name).toBe('ticket_created')
    expect(applied.state).toBe(state)
  })
})

describe('reading a frame', () => {
  it('skips what is not a frame of this page', () => {
    for (const text of ['', '[]', 'null', '{"type":"weather"}', '{"type":"event"}', '{"type":"event","no":"8"}']) {
      expect(parseFrame(text)).toBeNull()
    }
    expect(parseFrame('{"type":"notice","name":"ticket_created"}')).toEqual({ type: 'notice', name: 'ticket_created', data: {} })
    expect(parseFrame('{"type":"pong"}')).toEqual({ type: 'pong' })
  })
})
