/** Days as steps of quarters, hours or whole; sums over their rows. Pure. */

import type { AgentStep, QueueStep } from '@/api/statistics'

export const QUARTER_MS = 900_000
export const STEPS = [QUARTER_MS, 3_600_000, 86_400_000] as const

/** How long an agent did something, all reasons of not ready together. */
export function spent(times: Record<string, number>, what: 'not_ready' | 'ready' | 'reserved' | 'on_call' | 'after_call_work'): number {
  return Object.entries(times).reduce((sum, [name, ms]) => (name === what || name.startsWith(`${what}:`) ? sum + ms : sum), 0)
}

export function signedIn(times: Record<string, number>): number {
  return Object.entries(times).reduce((sum, [name, ms]) => (name === 'signed_out' ? sum : sum + ms), 0)
}

/** The part of the time at work that calls took. */
export function occupancy(times: Record<string, number>): number | null {
  const busy = spent(times, 'on_call') + spent(times, 'after_call_work')
  const all = busy + spent(times, 'ready') + spent(times, 'reserved')
  return all === 0 ? null : busy / all
}

/** The share answered in time of those who came and did not go elsewhere. */
export function level(step: Pick<QueueStep, 'answered_in_time' | 'answered' | 'abandoned' | 'overflowed'>): number | null {
  const all = step.answered + step.abandoned + step.overflowed
  return all === 0 ? null : step.answered_in_time / all
}

export const meanWait = (step: Pick<QueueStep, 'answered' | 'wait_answered_ms'>) => (step.answered === 0 ? null : step.wait_answered_ms / step.answered)

/** All steps of the same queue, or of all, as one. */
export function queueTotal(steps: readonly QueueStep[]): QueueStep | null {
  if (!steps.length) return null
  return steps.reduce((sum, step) => ({
    ...sum,
    offered: sum.offered + step.offered, answered: sum.answered + step.answered, answered_in_time: sum.answered_in_time + step.answered_in_time,
    abandoned: sum.abandoned + step.abandoned, overflowed: sum.overflowed + step.overflowed, left: sum.left + step.left,
    most_inside: Math.max(sum.most_inside, step.most_inside), wait_answered_ms: sum.wait_answered_ms + step.wait_answered_ms,
    longest_wait_ms: Math.max(sum.longest_wait_ms, step.longest_wait_ms),
  }))
}

export function agentTotal(steps: readonly AgentStep[]): AgentStep | null {
  if (!steps.length) return null
  return steps.reduce((sum, step) => ({
    ...sum,
    answered: sum.answered + step.answered, no_answer: sum.no_answer + step.no_answer, rejected: sum.rejected + step.rejected, unreachable: sum.unreachable + step.unreachable,
    times_ms: Object.entries(step.times_ms).reduce((times, [name, ms]) => ({ ...times, [name]: (times[name] ?? 0) + ms }), sum.times_ms),
  }))
}

/** A table as comma-separated values, with a mark that tells spreadsheets the encoding. */
export function csv(rows: readonly (readonly (string | number)[])[]): string {
  const cell = (value: string | number) => {
    const text = String(value)
    const safe = typeof value === 'string' && /^[=+\-@\t]/.test(text) ? `'${text}` : text
    return /[",\n]/.test(safe) ? `"${safe.replace(/"/g, '""')}"` : safe
  }
  return `\uFEFF${rows.map((row) => row.map(cell).join(',')).join('\r\n')}\r\n`
}
