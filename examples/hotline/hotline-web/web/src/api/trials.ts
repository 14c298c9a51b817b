import type { FlowDocument } from '@/flows/model/document'
import { del, get, post } from './http'

export type TrialEvent = { no: number; at: string } & (
  | { type: 'visited'; flow: string; version: string; node: string; outlet: string }
  | { type: 'entered'; flow: string; version: string; node: string }
  | { type: 'play'; prompts: string[]; text: string; looped: boolean; length_ms: number }
  | { type: 'effect'; name: string; text: string }
  | { type: 'input'; text: string }
)

export type WaitsFor = 'key' | 'speech' | 'time' | 'queue' | 'ring' | 'recording' | 'service'

export interface Trial {
  id: string
  flow: string
  channel: string
  at: string
  over: boolean
  place: { flow: string; version: string; node: string; type: string } | null
  playing: { prompts: string[]; text: string; looped: boolean; ends_at: string | null } | null
  waits_for: WaitsFor[]
  question: { source: string } | null
  next_time_out: string | null
  variables: Record<string, string>
  data: Record<string, string>
  /** Those since the last answer. */
  events: TrialEvent[]
  no: number
}

export interface NewTrial {
  flow: string
  document?: FlowDocument
  channel?: 'test' | 'prod'
  caller?: string
  called?: string
  at?: string
}

const one = (id: string, rest = '') => `/flow-trials/${encodeURIComponent(id)}${rest}`

export const start = (trial: NewTrial) => post<Trial>('/flow-trials', trial)
export const read = (id: string) => get<Trial>(one(id))
export const step = (id: string, step: string) => post<Trial>(one(id, '/steps'), { step })
export const end = (id: string) => del(one(id))

export interface Outlet {
  flow: string
  node: string
  outlet: string
}

export interface Coverage {
  walked: Outlet[]
  missed: Outlet[]
  /** Whether none was missed. */
  complete: boolean
}

/** Makes up calls that walk through a flow. */
export const coverage = (flow: string, document: FlowDocument) => post<Coverage>(`/flows/${encodeURIComponent(flow)}/coverage`, { document })
