/** Counts that were read one after another, so that the growth of the last minute can be told. Pure. */

import { edgeId } from '../model/canvas'

interface Counted {
  version: string
  since: string
  nodes: { node: string; left: { outlet: string; count: number }[] }[]
}

export const WINDOW_MS = 60_000

export class Samples {
  private taken: { at: number; of: string; counts: Map<string, number> }[] = []

  /** Adds a reading; one of another version, or after a restart of the server, begins anew. */
  add(at: number, statistics: Counted): void {
    const of = `${statistics.version} ${statistics.since}`
    const counts = new Map(statistics.nodes.flatMap(({ node, left }) => left.map(({ outlet, count }) => [edgeId(node, outlet), count] as const)))
    if (this.taken.at(-1)?.of !== of) this.taken = []
    this.taken.push({ at, of, counts })
    // One reading older than the window is kept: growth is told against it.
    while (this.taken.length > 2 && this.taken[1]!.at <= at - WINDOW_MS) this.taken.shift()
  }

  all(): Map<string, number> {
    return new Map(this.taken.at(-1)?.counts)
  }

  /** What was added since the oldest reading of about a minute. */
  lately(): Map<string, number> {
    const last = this.taken.at(-1)?.counts ?? new Map<string, number>()
    const first = this.taken[0]?.counts ?? new Map<string, number>()
    return new Map([...last].map(([edge, count]) => [edge, Math.max(0, count - (first.get(edge) ?? 0))]))
  }
}
