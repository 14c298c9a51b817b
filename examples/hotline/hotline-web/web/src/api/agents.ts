import { get, post, type Page } from './http'

export const AGENT_STATES = ['signed_out', 'not_ready', 'ready', 'reserved', 'on_call', 'after_call_work'] as const
export type AgentState = (typeof AGENT_STATES)[number]

/** The reasons an agent may choose; the server sets others (`no_answer`) by itself. */
export const NOT_READY_REASONS = ['break', 'lunch', 'training'] as const

export interface Agent {
  id: string
  name: string
  announced_number: string
  state: AgentState
  reason: string | null
  /** When this state began; `null` when the agent has never worked. */
  since: string | null
  seat: string | null
  device: string | null
  device_in_service: boolean
  queues: string[]
  call: string | null
  calls_today: number
  /** What the agent does after the call: `work`, `ready`, `not_ready`, `signed_out`. */
  after_call: string | null
  /** Whether the agent's program is heard of. */
  heard: boolean
  /** What the agent works at beside calls. */
  work: Work[]
  /** What is on offer to the agent beside calls. */
  offers: Work[]
}

export interface Work {
  contact: string
  medium: 'chat' | 'mail' | 'fax' | 'task'
  opened: string
  /** The mailbox and the recording of the message that a task is about. */
  mailbox: string | null
  message: string | null
}

export interface Seat {
  id: string
  device: string
  agent: string | null
  in_service: boolean
}

const path = (id: string, verb: string) => `/agents/${encodeURIComponent(id)}/${verb}`

export const list = () => get<Page<Agent>>('/agents', { limit: 200 })
export const seats = () => get<Page<Seat>>('/seats', { limit: 200 })
export const signIn = (id: string, seat: string) => post<Agent>(path(id, 'sign-in'), { seat })
export const signOut = (id: string) => post<Agent>(path(id, 'sign-out'))
export const ready = (id: string) => post<Agent>(path(id, 'ready'))
/** As a supervisor; `reason` with `not_ready` only. */
export const force = (id: string, to: 'ready' | 'not_ready' | 'signed_out', reason?: string) => post<Agent>(path(id, 'force'), { to, reason })
export const notReady = (id: string, reason: string) => post<Agent>(path(id, 'not-ready'), { reason })
