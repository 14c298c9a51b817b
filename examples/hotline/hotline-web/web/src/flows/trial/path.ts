/** The way a trial went through a flow, folded from what happened. Pure. */

import type { Trial, TrialEvent } from '@/api/trials'
import { edgeId } from '../model/canvas'

export interface Path {
  nodes: Set<string>
  outlets: Set<string>
  at: string | null
}

export interface Seen {
  events: TrialEvent[]
  path: Path
}

/** The server keeps this many events of a trial too. */
const MOST_EVENTS = 2000

export function fresh(): Seen {
  return { events: [], path: { nodes: new Set(), outlets: new Set(), at: null } }
}

/** Adds what an answer tells; what was told before is not told twice. */
export function follow(seen: Seen, trial: Trial, flow: string): Seen {
  const last = seen.events.at(-1)?.no ?? 0
  const news = trial.events.filter((event) => event.no > last)
  const nodes = new Set(seen.path.nodes)
  const outlets = new Set(seen.path.outlets)
  for (const event of news) {
    if ((event.type === 'entered' || event.type === 'visited') && event.flow === flow) {
      nodes.add(event.node)
      if (event.type === 'visited') outlets.add(edgeId(event.node, event.outlet))
    }
  }
  const at = trial.place?.flow === flow ? trial.place.node : null
  if (at) nodes.add(at)
  return { events: [...seen.events, ...news].slice(-MOST_EVENTS), path: { nodes, outlets, at } }
}

/** The recordings and texts that were played by these events, in order; a loop sounds once. */
export function heard(events: readonly TrialEvent[]): string[] {
  return events.flatMap((event) => (event.type === 'play' ? recordings(event.prompts) : []))
}

/** Without what is no recording: `tone:beep`, `silence:500`, `text:您好`. */
export function recordings(pieces: readonly string[]): string[] {
  return pieces.filter((piece) => !/^(tone|silence|recording):/.test(piece))
}
