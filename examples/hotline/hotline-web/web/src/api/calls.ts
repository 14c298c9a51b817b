import { del, get, type Page } from './http'

export const CALL_STATES = ['flow', 'queued', 'offering', 'talking', 'held', 'message'] as const
export type CallState = (typeof CALL_STATES)[number]

export interface Call {
  id: string
  contact: string
  direction: string
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
}

export const list = () => get<Page<Call>>('/calls', { limit: 200 })
export const clear = (id: string) => del(`/calls/${encodeURIComponent(id)}`)
