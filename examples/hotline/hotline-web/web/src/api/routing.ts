/** The rules of the queues, what agents work at, how queues are served. */

import type { AgentLoad, QueueReport, Rules } from '@/routing/model'
import { del, get, post, put, type Page } from './http'

export interface NamedRule {
  name: string
  chosen_by: 'queue' | 'contact' | 'centre'
  words_zh: string
  words_en: string
}

export interface Finding {
  field: string
  reason: string
  script: string | null
  line: number | null
  column: number | null
}

export interface Report {
  all: QueueReport
  queues: Record<string, QueueReport>
  agents: Record<string, AgentLoad>
}

export interface Comparison {
  before: Report
  after: Report
}

export interface Staged {
  version: string
  /** The version that can be rolled back to. */
  previous: string | null
  shadow: {
    version: string
    rules: Rules
    report: { offers: number; same: number; other_agent: number; other_contact: number; nothing: number }
  } | null
}

export interface Settings {
  name: string
  ring_ms: number
  after_call_work_ms: number
  waiting_flow: string | null
  whisper_flow: string | null
  after_call_flow: string | null
}

export interface Duties {
  queues: string[]
  capacity: Record<string, number>
}

const queue = (id: string) => `/queues/${encodeURIComponent(id)}/settings`
const agent = (id: string) => `/agents/${encodeURIComponent(id)}/duties`

export const rules = () => get<Rules>('/routing')
export const replace = (rules: Rules) => put<void>('/routing', rules)
export const check = (rules: Rules) => post<{ findings: Finding[] }>('/routing/check', rules)
export const strategies = () => get<Page<NamedRule>>('/routing/strategies')
export const tryOut = (rules: Rules) => post<Comparison>('/routing/try-out', rules)
export const staged = () => get<Staged>('/routing/shadow')
export const follow = (rules: Rules) => put<void>('/routing/shadow', rules)
export const unfollow = () => del('/routing/shadow')
export const switchOver = () => post<void>('/routing/switch')
export const rollBack = () => post<void>('/routing/roll-back')

export const settings = (id: string) => get<Settings>(queue(id))
export const configure = (id: string, settings: Settings) => put<void>(queue(id), settings)
export const duties = (id: string) => get<Duties>(agent(id))
export const setDuties = (id: string, duties: Duties) => put<void>(agent(id), duties)
