/** What I can do with a call now, by the parties of all live calls. Pure. */

import type { Call, Party } from '@/api/calls'

export interface Control {
  /** The call of the card. */
  call: Call
  /** My own connection to it. */
  mine: Party
  /** The call in which I ask someone while this one is on hold. */
  asking: Call | null
  /** Whether I talk in the one that asks. */
  askingActive: boolean
  /** Whether someone there has answered. */
  answered: boolean
}

const TAKES_PART = new Set(['connected', 'hold'])

/** Returns what agent `me` can do with a call; nothing when he does not take part in it. */
export function control(calls: ReadonlyMap<string, Call>, id: string, me: string): Control | null {
  const call = calls.get(id)
  const mine = call && connection(call, me)
  if (!call || !mine) return null
  const asking = [...calls.values()].find((other) => other.consults === id && connection(other, me) !== null) ?? null
  const there = asking && connection(asking, me)
  return {
    call,
    mine,
    asking,
    askingActive: there?.state === 'connected',
    answered: asking?.state === 'talking' || asking?.state === 'held',
  }
}

/** Returns whether others go on talking when agent `me` leaves. */
export function othersGoOn(call: Call, me: string): boolean {
  const stay = call.parties.filter((party) => party.agent !== me && TAKES_PART.has(party.state) && party.role === 'full')
  return stay.length > 1
}

function connection(call: Call, me: string): Party | null {
  return call.parties.find((party) => party.agent === me && TAKES_PART.has(party.state)) ?? null
}
