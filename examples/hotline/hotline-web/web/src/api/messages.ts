import { get, type Page, type Query } from './http'

export interface Message {
  id: string
  recording: string | null
  caller: string
  called: string
  at: string
  length_ms: number
  handled: boolean
}

export const list = (query: Query) => get<Page<Message>>('/messages', query)
