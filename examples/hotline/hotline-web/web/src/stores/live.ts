/** The live picture of the centre, kept by one WebSocket. */

import { defineStore } from 'pinia'
import { computed, ref, shallowRef } from 'vue'
import * as agentsApi from '@/api/agents'
import type { Agent } from '@/api/agents'
import * as callsApi from '@/api/calls'
import { Problem } from '@/api/http'
import * as queuesApi from '@/api/queues'
import * as sessionApi from '@/api/session'
import { learnOffset } from '@/format'
import { learnTime } from '@/live/clock'
import type { Frame, Told } from '@/live/frames'
import { apply, EMPTY, replace, type LiveState } from '@/live/reducer'
import { EventStream, type LinkState } from '@/live/socket'
import { useSession } from './session'

/** Between two reads of the tables; grows while holes keep coming, for the server's sake. */
const SHORTEST_PAUSE_MS = 3000
const LONGEST_PAUSE_MS = 60_000

export const useLive = defineStore('live', () => {
  const session = useSession()
  const state = shallowRef<LiveState>(EMPTY)
  const link = ref<LinkState>('closed')
  const retryAt = ref<number | null>(null)
  const listeners = new Set<(event: Told) => void>()
  let reloadTimer: ReturnType<typeof setTimeout> | null = null
  let reloadedAt = 0
  let reloadPause = SHORTEST_PAUSE_MS
  /** Whether the next frame is the first of a stream that goes on from an earlier one. */
  let resuming = false

  const agents = computed(() => [...state.value.agents.values()].sort((a, b) => a.id.localeCompare(b.id)))
  const queues = computed(() => [...state.value.queues.values()])
  const calls = computed(() => [...state.value.calls.values()])
  const me = computed<Agent | null>(() =>
    session.agentId ? (state.value.agents.get(session.agentId) ?? null) : null,
  )

  const stream = new EventStream({
    ticket: async () => (await sessionApi.eventsTicket()).ticket,
    open: (ticket, after) => {
      const url = new URL('/api/v1/events', location.href)
      url.protocol = location.protocol === 'https:' ? 'wss:' : 'ws:'
      url.searchParams.set('ticket', ticket)
      if (after !== null) url.searchParams.set('after', String(after))
      resuming = after !== null
      return new WebSocket(url)
    },
    after: (ms, run) => {
      const timer = setTimeout(run, ms)
      return () => clearTimeout(timer)
    },
    random: Math.random,
    lastNumber: () => state.value.no,
    onFrame,
    onLink: (next, retryInMs) => {
      link.value = next
      retryAt.value = retryInMs === null ? null : Date.now() + retryInMs
    },
    isFinal: (error) => error instanceof Problem && error.status === 401,
  })

  function onFrame(frame: Frame): void {
    if (frame.type === 'event') learnTime(frame.at)
    if (frame.type === 'snapshot') frame.agents.forEach((agent) => learnOffset(agent.since))
    // Whatever the missed events were, the tables are read once more after a resume.
    if (resuming && frame.type !== 'snapshot') reloadSoon()
    resuming = false
    const applied = apply(state.value, frame)
    state.value = applied.state
    if (applied.reload) reloadSoon()
    const { event } = applied
    if (event) listeners.forEach((listener) => listener(event))
  }

  /** Reads the tables by REST; many requests in a row become one. */
  function reloadSoon(): void {
    if (reloadTimer) return
    const quiet = Date.now() - reloadedAt
    reloadPause = quiet > LONGEST_PAUSE_MS ? SHORTEST_PAUSE_MS : Math.min(reloadPause * 2, LONGEST_PAUSE_MS)
    const wait = Math.max(0, reloadPause - quiet)
    reloadTimer = setTimeout(() => {
      reloadTimer = null
      reloadedAt = Date.now()
      void reload()
    }, wait)
  }

  async function reload(): Promise<void> {
    try {
      const [agentPage, queuePage, callPage] = await Promise.all([agentsApi.list(), queuesApi.list(), callsApi.list()])
      state.value = replace(state.value, { agents: agentPage.items, queues: queuePage.items, calls: callPage.items })
    } catch {
      // The stream itself goes on; its next snapshot or hole reads the tables again.
    }
  }

  /** Shows the answer of an agent command at once, before its event arrives. */
  function putAgent(agent: Agent): void {
    const known = new Map(state.value.agents)
    known.set(agent.id, agent)
    state.value = { ...state.value, agents: known }
  }

  /** Listens to every event, each exactly once; returns how to stop. */
  function onEvent(listener: (event: Told) => void): () => void {
    listeners.add(listener)
    return () => listeners.delete(listener)
  }

  function start(): void {
    stream.start()
  }

  function stop(): void {
    stream.stop()
    if (reloadTimer) clearTimeout(reloadTimer)
    reloadTimer = null
    state.value = EMPTY
  }

  window.addEventListener('online', () => stream.hurry())
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'visible') stream.hurry()
  })
  session.whenOver(stop)

  return { state, link, retryAt, agents, queues, calls, me, start, stop, onEvent, putAgent, hurry: () => stream.hurry() }
})
