import { get, post, type Page, type Query } from './http'

export const TICKET_TYPES = ['complaint', 'consultation', 'request', 'suggestion', 'other'] as const
export type TicketType = (typeof TICKET_TYPES)[number]

export interface Ticket {
  no: string
  query_code: string
  type: TicketType
  category: string
  title: string
  text: string
  caller_number: string
  caller_name: string | null
  address: string | null
  call: string | null
  contact: string | null
  agent: string | null
  seat: string | null
  status: string
  created: string
  updated: string
  version: number
}

export interface NewTicket {
  call?: string
  number?: string
  category: string
  type: TicketType
  title?: string
  text: string
  caller_name?: string
  address?: string
}

export interface Category {
  code: string
  label_zh: string
  label_en: string
  /** The code of the entry above. */
  parent?: string | null
  children?: Category[]
}

export const create = (ticket: NewTicket, key: string) => post<Ticket>('/tickets', ticket, { 'Idempotency-Key': key })
export const list = (query: Query) => get<Page<Ticket>>('/tickets', query)
export const one = (no: string) => get<Ticket>(`/tickets/${encodeURIComponent(no)}`)
export const categories = () => get<Page<Category> | Category[]>('/categories')
