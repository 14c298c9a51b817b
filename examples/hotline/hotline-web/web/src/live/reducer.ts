/**
 * The page's picture of the centre, folded from frames. Pure: no clock, no network.
 *
 * Tables change only by `snapshot` and `state`; an `event` says what just happened (a call is
 * offered) and moves the number; a `notice` is passed on as it is. A number at or below the last one was already seen and changes
 * nothing, so a resumed stream may overlap. A hole makes the tables doubtful: the reducer asks
 * for a reload instead of guessing.
 */

import type { Agent } from '@/api/agents'
import type { Call } from '@/api/calls'
import type { Queue } from '@/api/queues'
import type { Frame, Tables, Told } from './frames'

export interface LiveState {
  /** The last event number seen; `null` before the first snapshot. */
  no: number | null
  /** Up to which event number the tables are known to be true. */
  asOf: number | null
  agents: ReadonlyMap<string, Agent>
  queues: ReadonlyMap<string, Queue>
  calls: ReadonlyMap<string, Call>
  /** Whether something was missed and the tables wait for a reload or a snapshot. */
  doubtful: boolean
}

export interface Applied {
  state: LiveState
  /** The event to tell the rest of the page about, once. */
  event: Told | null
  /** Whether the tables must be read again by REST. */
  reload: boolean
}

export const EMPTY: LiveState = {
  no: null,
  asOf: null,
  agents: new Map(),
  queues: new Map(),
  calls: new Map(),
  doubtful: true,
}

export function apply(state: LiveState, frame: Frame): Applied {
  switch (frame.type) {
    case 'snapshot':
      return changed({ ...replace(state, frame), no: frame.no, asOf: frame.no })

    case 'state': {
      // Rows are as new as the last event told before them; others may be newer than this frame.
      if (state.no !== null && frame.no < state.no) return changed(state)
      const calls = merge(state.calls, frame.calls)
      const ended = frame.calls_ended ?? []
      return changed({
        ...state,
        asOf: state.no,
        agents: merge(state.agents, frame.agents),
        queues: merge(state.queues, frame.queues),
        calls: ended.some((id) => calls.has(id)) ? without(calls, ended) : calls,
      })
    }

    case 'event': {
      if (state.no !== null && frame.no <= state.no) return changed(state)
      const hole = state.no === null || frame.no > state.no + 1
      return {
        state: { ...state, no: frame.no, doubtful: state.doubtful || hole },
        event: frame,
        reload: hole,
      }
    }

    case 'lost':
      return changed({ ...state, doubtful: true })

    case 'notice':
      return { state, event: frame, reload: false }

    case 'pong':
      return changed(state)
  }
}

/** Puts freshly read tables in place. Numbers stay: the stream goes on from where it was. */
export function replace(state: LiveState, tables: Tables): LiveState {
  return {
    ...state,
    agents: byId(tables.agents),
    queues: byId(tables.queues),
    calls: byId(tables.calls),
    doubtful: false,
  }
}

function changed(state: LiveState): Applied {
  return { state, event: null, reload: false }
}

function byId<T extends { id: string }>(items: readonly T[]): Map<string, T> {
  return new Map(items.map((item) => [item.id, item]))
}

function merge<T extends { id: string }>(into: ReadonlyMap<string, T>, items: readonly T[] = []): ReadonlyMap<string, T> {
  if (items.length === 0) return into
  const merged = new Map(into)
  for (const item of items) merged.set(item.id, item)
  return merged
}

function without<T>(from: ReadonlyMap<string, T>, ids: readonly string[]): ReadonlyMap<string, T> {
  const rest = new Map(from)
  for (const id of ids) rest.delete(id)
  return rest
}
