/** The agent's desk: call cards and open ticket forms, kept over a reload of the page. */

import { defineStore } from 'pinia'
import { computed, ref, watch } from 'vue'
import { idempotencyKey } from '@/api/http'
import type { Ticket } from '@/api/tickets'
import * as draftsOf from '@/desktop/drafts'
import type { Draft, Drafts, Fields } from '@/desktop/drafts'
import * as popsOf from '@/desktop/pops'
import type { Pops } from '@/desktop/pops'
import { serverTime } from '@/live/clock'
import type { Told } from '@/live/frames'
import { useLive } from './live'
import { useSession } from './session'

const STORED = 'hotline.desk'

interface Kept {
  user: string
  pops: Pops
  drafts: Drafts
  hands: number
}

export const useDesk = defineStore('desk', () => {
  const session = useSession()
  const live = useLive()
  const pops = ref<Pops>(popsOf.NO_POPS)
  const hands = ref(0)
  const drafts = ref<Drafts>({ open: [], active: '' })

  const active = computed(() => drafts.value.open.find((draft) => draft.key === drafts.value.active) ?? null)
  const unseen = computed(() => drafts.value.open.filter((draft) => draft.unseen).length)
  const current = computed(() => pops.value.cards.find((card) => card.phase !== 'ended') ?? null)

  const now = () => new Date(serverTime()).toISOString()
  const blank = () => draftsOf.fresh(`hand-${++hands.value}`, idempotencyKey())

  function begin(): void {
    const kept = read()
    if (kept && kept.user === session.user?.name) {
      // What the stream sends first is newer than anything that was told before the reload.
      pops.value = popsOf.anew(kept.pops)
      hands.value = kept.hands
      drafts.value = kept.drafts
    } else {
      pops.value = popsOf.NO_POPS
      const first = blank()
      drafts.value = { open: [first], active: first.key }
    }
  }

  function hear(event: Told): void {
    const { agent, call } = event.data
    const { at, no } = event
    if (!call || at === undefined) return
    if (event.name === 'call_ended') {
      pops.value = popsOf.ended(pops.value, call, at)
    } else if ((event.name === 'offered' || event.name === 'connected') && agent && agent === session.agentId) {
      const known = live.state.calls.get(call)
      pops.value = popsOf.told(pops.value, {
        call,
        at,
        no,
        phase: event.name,
        contact: event.data.contact ?? known?.contact,
        caller: event.data.caller ?? known?.caller,
        called: event.data.called ?? known?.called,
        queue: event.data.queue ?? known?.queue,
      })
    }
  }

  function openForm(call: string, number: string): void {
    drafts.value = draftsOf.openForCall(drafts.value, call, number, idempotencyKey())
  }

  function openByHand(number = ''): void {
    const { key, idempotency } = blank()
    drafts.value = draftsOf.openByHand(drafts.value, key, idempotency, number)
  }

  function showForm(key: string): void {
    drafts.value = draftsOf.show(drafts.value, key)
  }

  function shutForm(key: string): void {
    drafts.value = draftsOf.shut(drafts.value, key, blank())
  }

  function change(key: string, by: Partial<Draft>): void {
    drafts.value = {
      ...drafts.value,
      open: drafts.value.open.map((draft) => (draft.key === key ? { ...draft, ...by } : draft)),
    }
  }

  function type(key: string, fields: Partial<Fields>): void {
    const draft = drafts.value.open.find((other) => other.key === key)
    if (draft) change(key, { fields: { ...draft.fields, ...fields } })
  }

  /** Empties a form; what is saved next is a new ticket. */
  function clear(key: string): void {
    const draft = drafts.value.open.find((other) => other.key === key)
    if (draft) change(key, { fields: draftsOf.empty(draft.number), saved: null, idempotency: idempotencyKey() })
  }

  function saved(key: string, ticket: Ticket): void {
    change(key, { saved: ticket })
  }

  function closeCard(call: string): void {
    pops.value = popsOf.close(pops.value, call, now())
  }

  live.onEvent(hear)
  watch(
    () => [live.state, session.agentId] as const,
    ([state, agent], [before]) => {
      // Numbers that went back: the server was set up anew.
      if (state.asOf !== null && before.asOf !== null && state.asOf < before.asOf) pops.value = popsOf.anew(pops.value)
      if (agent && state.no !== null && !state.doubtful) {
        pops.value = popsOf.sync(pops.value, state.calls.values(), agent, now(), state.asOf)
      }
    },
  )
  // Each card opens its form once: a form that the agent closed stays closed.
  const opened = new Set<string>()
  watch(
    () => pops.value.cards.filter((card) => card.phase !== 'ended'),
    (cards) => {
      for (const { call, caller } of cards) {
        if (opened.has(call) && !drafts.value.open.some((draft) => draft.call === call)) continue
        opened.add(call)
        openForm(call, caller)
      }
    },
  )
  watch([pops, drafts], () => {
    const user = session.user?.name
    if (!user) return
    const kept: Kept = { user, pops: pops.value, drafts: drafts.value, hands: hands.value }
    sessionStorage.setItem(STORED, JSON.stringify(kept))
  })
  session.whenOver(() => {
    // An expired session may be taken up again; signing out leaves no personal data behind.
    if (!session.expired) sessionStorage.removeItem(STORED)
  })

  return { pops, drafts, active, unseen, current, begin, openForm, openByHand, showForm, shutForm, type, clear, saved, closeCard }
})

function read(): Kept | null {
  try {
    return JSON.parse(sessionStorage.getItem(STORED) ?? 'null') as Kept | null
  } catch {
    return null
  }
}
