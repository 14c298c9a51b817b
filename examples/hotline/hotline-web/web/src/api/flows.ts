import type { Catalogue, Finding, FlowDocument } from '@/flows/model/document'
import type { Diff } from '@/flows/model/diff'
import { del, get, post, put, type Page } from './http'

export interface Note {
  at: string
  by: string
  text: string
}

export interface FlowSummary {
  id: string
  /** None while no version or draft of it can be read. */
  kind: string | null
  name: string
  published: (Note & { version: string; note?: string; quarantine: Note | null }) | null
  /** The version that new callers get. */
  serves: string | null
  draft: { etag: string; version: string | null; at: string; by: string; errors: number; warnings: number } | null
  versions: number
  sessions: number
  numbers: string[]
  queues: string[]
}

export interface VersionSummary {
  version: string
  stage: 'draft' | 'published' | 'draining' | 'retired'
  sessions: number
  saved: Note
  quarantine: Note | null
}

export interface FlowDetail extends FlowSummary {
  history: VersionSummary[]
  /** Oldest first. */
  publications: (Note & { version: string })[]
}

export interface Draft {
  flow: string
  etag: string
  version: string | null
  saved: Note
  document: FlowDocument | null
  text: string
  findings: Finding[]
}

export interface Checked {
  version: string | null
  findings: Finding[]
  errors: number
  warnings: number
}

export interface References {
  queues: { id: string; name: string }[]
  mailboxes?: { id: string; name: string }[]
  devices: string[]
  flows: { id: string; name: string; kind: string }[]
  schedules: string[]
  tables: string[]
  endpoints: string[]
  queries: string[]
  prompts: string[]
}

export interface NodeCounts {
  node: string
  entered: number
  here: number
  abandoned: number
  /** Taken by an agent while they were here. */
  answered?: number
  dwell_ms: number
  longest_ms: number
  left: { outlet: string; count: number }[]
  keys: { key: string; count: number }[]
  failed: { reason: string; count: number }[]
}

export interface Statistics {
  flow: string
  version: string
  since: string
  started: number
  sessions: number
  nodes: NodeCounts[]
  answers: { question: string; answers: { answer: string; count: number }[] }[]
}

const at = (id: string, rest = '') => `/flows/${encodeURIComponent(id)}${rest}`

export const catalogue = () => get<Catalogue>('/flow-catalogue')
export const references = () => get<References>('/flow-catalogue/references')

export const list = () => get<Page<FlowSummary>>('/flows')
export const read = (id: string) => get<FlowDetail>(at(id))
export const version = (id: string, version: string) => get<VersionSummary & { document: FlowDocument }>(at(id, `/versions/${version}`))
export const draft = (id: string) => get<Draft>(at(id, '/draft'))

/** `etag` is that of the draft this one was made from; `null` when there was none. */
export const save = (document: FlowDocument, etag: string | null, note?: string) => put<Draft>(at(document.id, '/draft'), { document, etag, note })
export const discard = (id: string) => del(at(id, '/draft'))

/** Reads JSON or YAML into a document; nothing is saved. */
export const readIn = (text: string) => post<{ document: FlowDocument }>('/flows/import', { text })
export const check = (document: FlowDocument) => post<Checked>('/flows/check', { document })

export const publish = (id: string, etag: string | null, note: string) => post<FlowSummary>(at(id, '/publish'), { note, etag })
export const rollBack = (id: string, note: string, version?: string) => post<FlowSummary>(at(id, '/roll-back'), { note, version })
export const quarantine = (id: string, version: string, note: string) => post<FlowSummary>(at(id, `/versions/${version}/quarantine`), { note })
export const liftQuarantine = (id: string, version: string) => del<FlowSummary>(at(id, `/versions/${version}/quarantine`))
export const endSessions = (id: string, version: string, note: string) => post<{ ended: number }>(at(id, `/versions/${version}/end-sessions`), { note })
export const retire = (id: string, note: string) => post<FlowSummary>(at(id, '/retire'), { note })

export const diff = (id: string, from: string, to: string) => get<Diff>(at(id, '/diff'), { from, to })
export const statistics = (id: string, version: string | null) => get<Statistics>(at(id, '/statistics'), { version })

export const testCallers = () => get<{ numbers: string[] }>('/flow-test-callers')
export const setTestCallers = (numbers: string[]) => put<{ numbers: string[] }>('/flow-test-callers', { numbers })
