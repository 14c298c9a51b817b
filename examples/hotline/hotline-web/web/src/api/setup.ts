/** Lists of numbers, hours and holidays, gateways, telephones, modules. */

import type { Schedules } from '@/setup/calendar'
import { del, get, patch, post, put, sendText, type Page } from './http'

export interface ListEntry {
  id: string
  list: 'black' | 'white'
  number: string
  level: string
  scope: string
  expires: string | null
  expired: boolean
  reason: string
  entered_by: string
  entered_at: string
}

export interface NewEntry {
  list: string
  number: string
  level: string
  scope: string
  expires: string
  reason: string
}

export interface Imported {
  accepted: number
  errors: { line: number; field: string; reason: string }[]
  further_errors: number
}

export interface Holidays {
  years: Record<string, { holidays: { name: string; from: string; to: string; route?: string }[]; make_up: string[] }>
  warnings: string[]
}

export interface Gateway {
  trunk: string
  name: string
  state: 'unknown' | 'up' | 'registering' | 'refused' | 'down'
  calls: number
  capacity: number | null
  failures: number
}

export interface Module {
  name: string
  state: 'working' | 'failing' | 'ended'
  reason: string | null
  since: string
}

/** Where calls by a trunk lead; all numbers that are not listed when `number` is null. */
export interface TrunkNumber {
  trunk: string
  number: string | null
  name: string | null
  flow: string | null
  queue: string | null
  program: string | null
}

export interface Device {
  id: string
  kind: string
  in_service: boolean
  off_hook: string | null
}

export interface Forwarding {
  when: 'immediate' | 'busy' | 'no_answer'
  whose: 'internal' | 'external' | 'all'
  to: string
}

export interface Features {
  auto_answer: boolean
  do_not_disturb: boolean
  constant_off_hook: boolean
  caller_id_restriction: boolean
  messages_waiting: number
  forwarding: Forwarding[]
  speed_dial: Record<string, string>
}

const features = (device: string) => `/devices/${encodeURIComponent(device)}/features`

export const lists = (number: string, after: string | null) => get<Page<ListEntry>>('/numbers/lists', { number, after, limit: 50 })
export const addEntry = (entry: NewEntry) => post<{ id: string }>('/numbers/lists', entry)
export const removeEntry = (id: string) => del(`/numbers/lists/${encodeURIComponent(id)}`)
export const importEntries = (table: string) => sendText<Imported>('POST', '/numbers/lists/import', table, 'text/csv')

export const schedules = () => get<Schedules>('/calendar/schedules')
export const replaceSchedules = (schedules: Schedules) => put<void>('/calendar/schedules', schedules)
export const holidays = () => get<Holidays>('/calendar/holidays')
export const importHolidays = (table: string) => sendText<{ accepted: number; warnings: string[] }>('PUT', '/calendar/holidays', table, 'text/csv')

export const gateways = () => get<Gateway[]>('/trunks')
export const modules = () => get<Module[]>('/modules')
export const trunkNumbers = () => get<TrunkNumber[]>('/trunks/numbers')
export const devices = () => get<Page<Device>>('/devices', { limit: 200 })
export const featuresOf = (device: string) => get<Features>(features(device))
export const changeFeatures = (device: string, by: Partial<Features>) => patch<Features>(features(device), by)
