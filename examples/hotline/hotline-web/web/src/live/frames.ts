/** What travels over the WebSocket `/api/v1/events`. */

import type { Agent } from '@/api/agents'
import type { Call } from '@/api/calls'
import type { Queue } from '@/api/queues'

export interface Tables {
  agents: Agent[]
  queues: Queue[]
  calls: Call[]
}

export interface SnapshotFrame extends Tables {
  type: 'snapshot'
  no: number
}

export interface StateFrame extends Partial<Tables> {
  type: 'state'
  no: number
  calls_ended?: string[]
}

export interface EventFrame {
  type: 'event'
  no: number
  at: string
  name: string
  data: EventData
}

/** Something beside the log, a filed ticket for example: without a number, never sent again. */
export interface NoticeFrame {
  type: 'notice'
  name: string
  data: EventData
}

/** What listeners are told: an event, or a notice, which has neither number nor time. */
export interface Told {
  name: string
  data: EventData
  no?: number
  at?: string
}

export interface LostFrame {
  type: 'lost'
  from: number
}

export interface PongFrame {
  type: 'pong'
}

export type Frame = SnapshotFrame | StateFrame | EventFrame | NoticeFrame | LostFrame | PongFrame

/** The members of event data that the page reads; every one may be absent. */
export interface EventData {
  agent?: string | null
  call?: string | null
  contact?: string | null
  caller?: string | null
  called?: string | null
  queue?: string | null
  [name: string]: unknown
}

/** Reads a frame; `null` is a frame of a kind this page does not know, which is skipped. */
export function parseFrame(text: string): Frame | null {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return null
  }
  if (typeof value !== 'object' || value === null) return null
  const frame = value as { type?: unknown; no?: unknown; name?: unknown; data?: unknown }
  if (typeof frame.name === 'string' && frame.no === undefined) {
    return { type: 'notice', name: frame.name, data: (frame.data ?? {}) as EventData }
  }
  switch (frame.type) {
    case 'snapshot':
    case 'state':
    case 'event':
      return typeof frame.no === 'number' ? (value as Frame) : null
    case 'lost':
    case 'pong':
      return value as Frame
    default:
      return null
  }
}
