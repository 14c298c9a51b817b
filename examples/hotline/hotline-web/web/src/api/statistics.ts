import { get, type Page } from './http'

export interface AgentStep {
  agent: string
  name: string | null
  since: string
  answered: number
  no_answer: number
  rejected: number
  unreachable: number
  times_ms: Record<string, number>
}

export interface QueueStep {
  queue: string
  name: string | null
  since: string
  offered: number
  answered: number
  answered_in_time: number
  abandoned: number
  overflowed: number
  left: number
  most_inside: number
  wait_answered_ms: number
  longest_wait_ms: number
}

export interface Span {
  from: string
  to: string
  step_ms: number
}

const query = (span: Span) => ({ from: span.from, to: span.to, step_ms: span.step_ms })

export const agents = (span: Span) => get<Page<AgentStep>>('/statistics/agents', query(span))
export const queues = (span: Span) => get<Page<QueueStep>>('/statistics/queues', query(span))
