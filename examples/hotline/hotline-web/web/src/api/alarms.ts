import { get, type Page, type Query } from './http'

export interface Alarm {
  id: string
  code: string
  raised: string
  words: string
  cleared: string | null
}

export const list = (query: Query = {}) => get<Page<Alarm>>('/alarms', query)
