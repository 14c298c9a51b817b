/** What a supervisor does with contacts that wait, and why they do. */

import { del, get, post } from './http'

export interface Decision {
  at: string
  words_zh: string
  words_en: string
}

export interface Explained {
  contact: string
  /** Oldest first; the last one tells where it stands while it waits. */
  text: Decision[]
  why_not: Decision | null
  waiting: { queue: string; position: number; waited_ms: number } | null
}

const path = (contact: string, verb = '') => `/contacts/${encodeURIComponent(contact)}${verb && `/${verb}`}`

export const setPriority = (contact: string, priority: number) => post<void>(path(contact, 'priority'), { priority })
export const move = (contact: string, queue: string) => post<void>(path(contact, 'move'), { queue })
/** For one agent alone, or for anyone again. */
export const assign = (contact: string, agent: string | null) => post<void>(path(contact, 'assign'), { agent })
export const remove = (contact: string) => del(path(contact))
export const explain = (contact: string, agent: string | null) => get<Explained>(path(contact, 'explain'), { agent })
