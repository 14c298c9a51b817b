/**
 * The ticket forms that are open, one per call and any number by hand. Pure.
 *
 * A form that somebody has typed into is never replaced, moved away or closed by a call: the new
 * call's form opens beside it and waits, marked, until it is looked at.
 */

import type { Ticket, TicketType } from '@/api/tickets'

export interface Fields {
  number: string
  caller_name: string
  type: TicketType
  category: string
  title: string
  text: string
  address: string
}

export interface Draft {
  key: string
  call: string | null
  /** The number as the server sent it; it goes back only when it was changed by hand. */
  number: string
  fields: Fields
  /** Makes a save that is sent twice one ticket. */
  idempotency: string
  /** Opened by a call while another form was being typed into, and not looked at yet. */
  unseen: boolean
  saved: Ticket | null
}

export interface Drafts {
  open: Draft[]
  active: string
}

export const MOST_DRAFTS = 20

export function fresh(key: string, idempotency: string, call: string | null = null, number = ''): Draft {
  return { key, call, number, fields: empty(number), idempotency, unseen: false, saved: null }
}

export function empty(number = ''): Fields {
  return { number, caller_name: '', type: 'complaint', category: '', title: '', text: '', address: '' }
}

/** Whether closing this form would lose something typed. */
export function isDirty(draft: Draft): boolean {
  const clean = empty(draft.number)
  return draft.saved === null && (Object.keys(clean) as (keyof Fields)[]).some((name) => draft.fields[name].trim() !== clean[name])
}

/** A call came to me: opens its form. */
export function openForCall(drafts: Drafts, call: string, number: string, idempotency: string): Drafts {
  const known = drafts.open.find((draft) => draft.call === call)
  if (known) {
    if (known.number || !number) return drafts
    const filled = { ...known, number, fields: { ...known.fields, number: known.fields.number || number } }
    return { ...drafts, open: drafts.open.map((draft) => (draft === known ? filled : draft)) }
  }
  const active = drafts.open.find((draft) => draft.key === drafts.active)
  const busy = active !== undefined && isDirty(active)
  const draft = { ...fresh(call, idempotency, call, number), unseen: busy }
  const kept = drafts.open.filter((other) => isDirty(other) || other.saved !== null || other.call !== null)
  const open = makeRoom(kept)
  if (open.length >= MOST_DRAFTS) return drafts
  return { open: [...open, draft], active: busy ? drafts.active : draft.key }
}

export function openByHand(drafts: Drafts, key: string, idempotency: string, number = ''): Drafts {
  const open = makeRoom(drafts.open)
  if (open.length >= MOST_DRAFTS) return drafts
  return { open: [...open, fresh(key, idempotency, null, number)], active: key }
}

export function show(drafts: Drafts, key: string): Drafts {
  return {
    open: drafts.open.map((draft) => (draft.key === key && draft.unseen ? { ...draft, unseen: false } : draft)),
    active: key,
  }
}

/** Closes a form; the one beside it is shown. There is always one form. */
export function shut(drafts: Drafts, key: string, spare: Draft): Drafts {
  const at = drafts.open.findIndex((draft) => draft.key === key)
  if (at < 0) return drafts
  const open = drafts.open.filter((draft) => draft.key !== key)
  if (open.length === 0) return { open: [spare], active: spare.key }
  if (drafts.active !== key) return { ...drafts, open }
  return show({ ...drafts, open }, open[Math.min(at, open.length - 1)]!.key)
}

/** Lets the oldest finished form go when there are too many; never an unsaved one. */
function makeRoom(open: Draft[]): Draft[] {
  if (open.length < MOST_DRAFTS) return open
  const oldest = open.find((draft) => draft.saved !== null) ?? open.find((draft) => !isDirty(draft))
  return oldest ? open.filter((draft) => draft !== oldest) : open
}
