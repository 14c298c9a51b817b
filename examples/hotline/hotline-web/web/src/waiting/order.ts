/** What a supervisor does with those who wait: priorities, keys, who is shown. Pure. */

import type { Queue, WaitingCaller } from '@/api/queues'

export const MOST_PRIORITY = 255

export interface Waiter extends WaitingCaller {
  queue: string
  queueName: string
}

/** Who waits in a queue, or in all of them when none is chosen: queue by queue, the next to be served first. */
export function waiters(queues: readonly Queue[], chosen: string | null): Waiter[] {
  return queues
    .filter((queue) => chosen === null || queue.id === chosen)
    .flatMap((queue) => queue.callers.map((caller) => ({ ...caller, queue: queue.id, queueName: queue.name })))
}

export const raised = (priority: number) => Math.min(priority + 1, MOST_PRIORITY)
export const lowered = (priority: number) => Math.max(priority - 1, 0)

/** The priority that puts somebody before all others of his queue. */
export function first(who: Waiter, queues: readonly Queue[]): number {
  const others = queues.find((queue) => queue.id === who.queue)?.callers.filter((other) => other.contact !== who.contact) ?? []
  const highest = Math.max(-1, ...others.map((other) => other.priority))
  return Math.max(who.priority, Math.min(highest + 1, MOST_PRIORITY))
}

export type Act = 'raise' | 'lower' | 'top' | 'move' | 'assign' | 'why' | 'remove' | 'up' | 'down'

const KEYS: Record<string, Act> = {
  '+': 'raise', '=': 'raise', '-': 'lower', t: 'top', m: 'move', a: 'assign', e: 'why', Enter: 'why', Delete: 'remove', ArrowUp: 'up', ArrowDown: 'down',
}

/** What a key on somebody's row does. */
export function actOf(key: string): Act | null {
  return KEYS[key.length === 1 ? key.toLowerCase() : key] ?? null
}

/** Words of the router with what people know instead of ids: numbers of who waits, names of queues. */
export function named(words: string, queues: readonly Queue[]): string {
  const callers = new Map(waiters(queues, null).map((who) => [who.contact, who.caller]))
  const names = new Map(queues.map((queue) => [queue.id, queue.name]))
  return words
    .replace(/contact-\d+/g, (contact) => callers.get(contact) || contact)
    .replace(/(队列 |queue )([\w.-]+)/g, (all, before: string, id: string) => (names.has(id) ? `${before}${names.get(id)}` : all))
}
