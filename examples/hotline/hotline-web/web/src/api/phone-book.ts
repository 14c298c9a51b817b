import { get } from './http'

/** A department or a leader to whom callers are sent. */
export interface PhoneBookEntry {
  department: string
  name: string
  title: string
  number: string
  urgent: boolean
}

export const list = () => get<PhoneBookEntry[]>('/phone-book')
