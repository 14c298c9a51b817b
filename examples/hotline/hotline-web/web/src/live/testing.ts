/** Small samples for tests. */

import type { Agent } from '@/api/agents'
import type { Call } from '@/api/calls'
import type { EventFrame, SnapshotFrame } from './frames'

export function agent(id: string, state: Agent['state'] = 'ready'): Agent {
  return {
    id, name: id, announced_number: id, state, reason: null, since: '2026-11-22T09:00:00+08:00',
    seat: 'A01', device: id, device_in_service: true, queues: ['general'], call: null, calls_today: 0,
    after_call: null, heard: true, work: [], offers: [],
  }
}

export function call(id: string, over: Partial<Call> = {}): Call {
  return {
    id, contact: `contact-${id}`, direction: 'inbound', kind: 'service', caller: '13800001234', called: '12345',
    state: 'queued', flow: null, queue: 'general', position: 1, agent: null, seat: null,
    started: '2026-11-22T09:00:00+08:00', answered: null, talking_since: null, recording: false,
    consults: null, parties: [],
    ...over,
  }
}

export function snapshot(no: number, over: Partial<SnapshotFrame> = {}): SnapshotFrame {
  return { type: 'snapshot', no, agents: [agent('8001')], queues: [], calls: [], ...over }
}

export function event(no: number, name = 'queued', data: EventFrame['data'] = {}): EventFrame {
  return { type: 'event', no, at: '2026-11-22T09:00:01+08:00', name, data }
}
