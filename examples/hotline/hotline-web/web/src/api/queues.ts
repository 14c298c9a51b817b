import { get, type Page } from './http'

export interface WaitingCaller {
  contact: string
  /** None for a contact that is not spoken, or whose caller is called back. */
  call: string | null
  medium: string
  caller: string
  priority: number
  assigned: string | null
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
