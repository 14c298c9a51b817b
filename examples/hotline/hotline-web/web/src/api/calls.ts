import { del, get, post, type Page } from './http'

export const CALL_STATES = [
  'flow', 'queued', 'offering', 'talking', 'held', 'message', 'dialing', 'parked', 'camped_on', 'failed', 'routing',
] as const
export type CallState = (typeof CALL_STATES)[number]

/** What a party may do in a conversation. */
export type PartyRole = 'full' | 'listen_only' | 'may_ask' | 'coach'

export interface Party {
  leg: string
  agent: string | null
  seat: string | null
  device: string | null
  number: string | null
  state: string
  role: PartyRole
  coaches: string | null
  muted: boolean
  served: boolean
  entry: string
  since: string | null
}

export interface Call {
  id: string
  contact: string
  direction: string
  kind: string
  caller: string
  called: string
  state: CallState
  flow: string | null
  queue: string | null
  position: number | null
  agent: string | null
  seat: string | null
  started: string
  answered: string | null
  talking_since: string | null
  recording: boolean
  /** The call that is on hold while this one asks. */
  consults: string | null
  parties: Party[]
}

/** Where a call is to go: one of these. */
export type Target = { agent: string } | { queue: string } | { number: string } | { device: string }

/** How a supervisor takes part in a call. */
export const SUPERVISION = ['monitor', 'whisper', 'barge', 'take-over'] as const
export type Supervision = (typeof SUPERVISION)[number]

const path = (id: string, verb = '') => `/calls/${encodeURIComponent(id)}${verb && `/${verb}`}`

export const list = () => get<Page<Call>>('/calls', { limit: 200 })
export const clear = (id: string) => del(path(id))
/** Leaves a call that goes on without me. */
export const leave = (id: string) => post<void>(path(id, 'clear-connection'))
/** Lets my phone answer by itself, where it allows that. */
export const answer = (id: string) => post<void>(path(id, 'answer'))
/** My phone rings first, then the other side. */
export const make = (number: string) => post<{ call: string }>('/calls', { to: { number } })
export const record = (id: string, on: boolean) => post<void>(path(id, 'record'), { on })
/** Plays a prompt to the citizen of the call. */
export const play = (id: string, prompt: string) => post<{ play: string }>(path(id, 'play'), { party: 'served', clips: [{ prompt }] })
export const hold = (id: string) => post<void>(path(id, 'hold'))
export const retrieve = (id: string) => post<void>(path(id, 'retrieve'))
export const consult = (id: string, to: Target) => post<{ call: string }>(path(id, 'consult'), { to })
export const transferTo = (id: string, to: Target) => post<void>(path(id, 'single-step-transfer'), { to })
export const invite = (id: string, to: Target) => post<{ leg: string }>(path(id, 'single-step-conference'), { to })
/** On the call in which I ask; the one on hold is known to the server. */
export const transfer = (asking: string) => post<void>(path(asking, 'transfer'))
export const conference = (asking: string) => post<void>(path(asking, 'conference'))
export const reconnect = (asking: string) => post<void>(path(asking, 'reconnect'))
/** From the call in which I talk to the one on hold. */
export const alternate = (active: string, held: string) => post<void>(path(active, 'alternate'), { held })
export const supervise = (id: string, how: Supervision, device?: string) => post<{ leg: string }>(path(id, how), { device })
export const release = (id: string) => post<void>(path(id, 'force-release'))
