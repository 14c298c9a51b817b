import { get } from './http'

export interface Status {
  version: string
  started_at: string
  drain: boolean
  numbers: { number: string; name: string }[]
  sip: string
}

export const status = () => get<Status>('/status')
