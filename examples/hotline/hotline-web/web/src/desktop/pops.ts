/**
 * My call cards: which calls were presented to me. Pure.
 *
 * A call makes one card however often it is told, a card that was closed comes back only when the
 * call is offered to me anew, and hanging up never makes one.
 */

import type { Call } from '@/api/calls'

export interface Card {
  call: string
  contact: string | null
  caller: string
  called: string
  queue: string | null
  phase: 'offered' | 'connected' | 'held' | 'ended'
  /** When it was offered, and since when we talk. */
  offered: string
  connected: string | null
  ended: string | null
  /** The event that told of it last; older tables know nothing of that yet. */
  no: number | null
}

export interface Pops {
  cards: Card[]
  /** Calls whose card was closed by hand, and when; newest last. */
  closed: { call: string; at: string }[]
}

const MOST_CARDS = 8
const MOST_CLOSED = 100

export const NO_POPS: Pops = { cards: [], closed: [] }

export type Told = Partial<Omit<Card, 'call'>> & { call: string; at: string; phase: 'offered' | 'connected' }

/** A call is offered to me, or we are connected. */
export function told(pops: Pops, { at, ...news }: Told): Pops {
  const closed = pops.closed.find((other) => other.call === news.call)
  if (closed) {
    if (news.phase !== 'offered' || !later(at, closed.at)) return pops
    pops = { ...pops, closed: pops.closed.filter((other) => other !== closed) }
  }
  const known = pops.cards.find((card) => card.call === news.call)
  if (!known) {
    const card: Card = {
      call: news.call,
      contact: news.contact ?? null,
      caller: news.caller ?? '',
      called: news.called ?? '',
      queue: news.queue ?? null,
      phase: news.phase,
      offered: at,
      connected: news.phase === 'connected' ? at : null,
      ended: null,
      no: news.no ?? null,
    }
    return { ...pops, cards: bounded([card, ...pops.cards]) }
  }
  if (known.phase === 'ended') {
    // A late word about a call that is over; a call that comes again has not ended.
    if (known.ended !== null && !later(at, known.ended)) return pops
  }
  return change(pops, known.call, {
    contact: known.contact ?? news.contact ?? null,
    caller: known.caller || news.caller || '',
    called: known.called || news.called || '',
    queue: known.queue ?? news.queue ?? null,
    phase: known.phase === 'connected' && news.phase === 'offered' ? known.phase : news.phase,
    offered: known.phase === 'ended' ? at : known.offered,
    connected: news.phase === 'connected' ? (known.connected ?? at) : known.connected,
    ended: null,
    no: news.no ?? known.no,
  })
}

export function ended(pops: Pops, call: string, at: string): Pops {
  return pops.cards.some((card) => card.call === call && card.phase !== 'ended')
    ? change(pops, call, { phase: 'ended', ended: at })
    : pops
}

export function close(pops: Pops, call: string, at: string): Pops {
  return {
    cards: pops.cards.filter((card) => card.call !== call),
    closed: [...pops.closed.filter((other) => other.call !== call), { call, at }].slice(-MOST_CLOSED),
  }
}

/** Forgets event numbers: what comes next is newer than all of them. */
export function anew(pops: Pops): Pops {
  return { ...pops, cards: pops.cards.map((card) => ({ ...card, no: null })) }
}

/**
 * Brings the cards in line with the live calls of agent `me`, e.g. after a reload of the page.
 * `asOf` is the event number up to which the calls are known: they do not end a newer card.
 */
export function sync(pops: Pops, calls: Iterable<Call>, me: string, now: string, asOf: number | null): Pops {
  const mine = new Map<string, Call>()
  for (const call of calls) if (call.agent === me) mine.set(call.id, call)
  let next = pops
  for (const call of mine.values()) {
    const phase = call.state === 'offering' ? 'offered' : call.state === 'talking' || call.state === 'held' ? 'connected' : null
    if (!phase || next.closed.some((other) => other.call === call.id)) continue
    const known = next.cards.find((card) => card.call === call.id)
    const wanted = call.state === 'held' ? 'held' : phase
    if (known?.phase === wanted) continue
    const since = call.talking_since ?? call.answered ?? now
    next = told(next, { ...called(call), phase, at: phase === 'connected' ? since : now })
    if (call.state === 'held') next = change(next, call.id, { phase: 'held' })
  }
  for (const card of next.cards) {
    const older = card.no !== null && (asOf === null || asOf < card.no)
    if (card.phase !== 'ended' && !mine.has(card.call) && !older) next = ended(next, card.call, now)
  }
  return next
}

function called(call: Call) {
  return { call: call.id, contact: call.contact, caller: call.caller, called: call.called, queue: call.queue }
}

/** The two stamps may come from clocks in different zones. */
function later(a: string, b: string): boolean {
  return Date.parse(a) > Date.parse(b)
}

function change(pops: Pops, call: string, by: Partial<Card>): Pops {
  return { ...pops, cards: pops.cards.map((card) => (card.call === call ? { ...card, ...by } : card)) }
}

/** Keeps live cards before ended ones when there are too many. */
function bounded(cards: Card[]): Card[] {
  if (cards.length <= MOST_CARDS) return cards
  const live = cards.filter((card) => card.phase !== 'ended')
  return [...live, ...cards.filter((card) => card.phase === 'ended')].slice(0, MOST_CARDS)
}
