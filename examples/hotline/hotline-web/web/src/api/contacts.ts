import { get, type Page } from './http'

export interface PastContact {
  contact: string
  call: string
  at: string
  queue: string | null
  agent: string | null
  outcome: string
  ticket: { no: string; title: string; status: string } | null
}

export const history = (number: string, limit = 4) => get<Page<PastContact>>('/contacts/history', { number, limit })
