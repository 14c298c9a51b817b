import { describe, expect, it } from 'vitest'
import type { Trial, TrialEvent } from '@/api/trials'
import { edgeId } from '../model/canvas'
import { follow, fresh, heard } from './path'

const at = '2026-11-23T10:00:00+08:00'
const entered = (no: number, node: string, flow = 'main'): TrialEvent => ({ no, at, type: 'entered', flow, version: 'v', node })
const visited = (no: number, node: string, outlet: string): TrialEvent => ({ no, at, type: 'visited', flow: 'main', version: 'v', node, outlet })
const played = (no: number, ...prompts: string[]): TrialEvent => ({ no, at, type: 'play', prompts, text: prompts.join(' '), looped: false, length_ms: 1000 })

function trial(node: string | null, events: TrialEvent[], flow = 'main'): Trial {
  return {
    id: 'trial-1', flow: 'main', channel: 'test', at, over: node === null, place: node ? { flow, version: 'v', node, type: 'menu' } : null,
    playing: null, waits_for: [], question: null, next_time_out: null, variables: {}, data: {}, events, no: events.at(-1)?.no ?? 0,
  }
}

describe('the path of a trial', () => {
  it('has the nodes and outlets a caller came through, and where he stands', () => {
    const seen = follow(fresh(), trial('menu', [entered(1, 'answer'), visited(2, 'answer', 'next'), entered(3, 'menu')]), 'main')
    expect([...seen.path.nodes]).toEqual(['answer', 'menu'])
    expect([...seen.path.outlets]).toEqual([edgeId('answer', 'next')])
    expect(seen.path.at).toBe('menu')
  })

  it('grows with each answer, and tells nothing twice', () => {
    const first = follow(fresh(), trial('menu', [entered(1, 'answer'), visited(2, 'answer', 'next'), entered(3, 'menu')]), 'main')
    const then = follow(first, trial(null, [entered(3, 'menu'), visited(4, 'menu', '1')]), 'main')
    expect(then.events.map((event) => event.no)).toEqual([1, 2, 3, 4])
    expect(then.path.at).toBeNull()
    expect(first.path.outlets.size).toBe(1)
  })

  it('leaves out what happens in sub-flows, whose nodes are not on this canvas', () => {
    const seen = follow(fresh(), trial('ask', [entered(1, 'call'), entered(2, 'ask', 'other')], 'other'), 'main')
    expect([[...seen.path.nodes], seen.path.at]).toEqual([['call'], null])
  })

  it('what is heard are the recordings in the order they were played', () => {
    expect(heard([played(1, 'welcome', 'tone:beep'), entered(2, 'menu'), played(3, 'menu1', 'silence:500', 'menu2', 'text:您好')])).toEqual(['welcome', 'menu1', 'menu2', 'text:您好'])
  })
})
