import { get, type Page, type Query } from './http'

export const OUTCOMES = ['answered', 'abandoned', 'overflowed', 'message', 'self_service', 'failed'] as const

/** What became of a call with an agent. */
export const VIEWS = ['answered', 'unanswered', 'incoming', 'outgoing'] as const
export type View = (typeof VIEWS)[number]

export interface Leg {
  agent: string | null
  seat: string | null
  device: string | null
  offered: string | null
  answered: string | null
  ended: string | null
  ring_ms: number | null
  talk_ms: number | null
  outcome: string
}

/** How well one leg was heard. */
export interface Voice {
  agent: string | null
  device: string | null
  mos: number
  peer_mos: number | null
  loss_percent: number
  peer_loss_percent: number | null
  jitter_ms: number
  round_trip_ms: number | null
  poor: boolean
}

export interface CallRecord {
  call: string
  contact: string
  caller: string
  called: string
  trunk: string | null
  started: string
  answered: string | null
  ended: string | null
  outcome: string
  cause: string | null
  queue: string | null
  wait_ms: number | null
  talk_ms: number | null
  agent: string | null
  agent_name: string | null
  legs: Leg[]
  voice?: Voice[]
  recording: string | null
  ticket: string | null
}

export const list = (query: Query) => get<Page<CallRecord>>('/call-records', query)
