import { get, type Page } from './http'

export interface WaitingCaller {
  contact: string
  call: string
  caller: string
  position: number
  waited_ms: number
  since: string
}

export interface Queue {
  id: string
  name: string
  waiting: number
  longest_wait_ms: number
  agents_ready: number
  agents_signed_in: number
  /** Share answered within 15 s today, 0 to 1. */
  service_level_15s: number | null
  offered_today: number
  answered_today: number
  abandoned_today: number
  callers: WaitingCaller[]
}

export const list = () => get<Page<Queue>>('/queues', { limit: 200 })
