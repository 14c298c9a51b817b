import { get, post, type Page } from './http'

export interface PastContact {
  contact: string
  call: string
  at: string
  queue: string | null
  agent: string | null
  outcome: string
  ticket: { no: string; title: string; status: string } | null
}

const path = (contact: string, verb: string) => `/contacts/${encodeURIComponent(contact)}/${verb}`

/** What is not spoken is accepted, refused and finished by the agent who asks. */
export const accept = (contact: string) => post<void>(path(contact, 'accept'), {})
export const reject = (contact: string) => post<void>(path(contact, 'reject'), {})
export const finish = (contact: string) => post<void>(path(contact, 'finish'), {})
export const history = (number: string, limit = 4) => get<Page<PastContact>>('/contacts/history', { number, limit })
