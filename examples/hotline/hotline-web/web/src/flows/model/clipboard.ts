/** Copies of nodes, as text that can go from one flow into another. */

import { isDocument, isObject, placeOf, type FlowDocument, type FlowNode, type Point } from './document'
import { freeId, moveNodes } from './edit'

const MARK = 'cti.flow.nodes/1'

export interface Clip {
  schema: typeof MARK
  nodes: Record<string, FlowNode>
  view: Record<string, Point>
}

/** Copies nodes with the wires among them; wires to others are left behind. */
export function copyNodes(document: FlowDocument, ids: Iterable<string>): Clip | null {
  const wanted = new Set([...ids].filter((id) => document.nodes[id]))
  if (wanted.size === 0) return null
  const clip: Clip = { schema: MARK, nodes: {}, view: {} }
  for (const id of wanted) {
    clip.nodes[id] = withWires(document.nodes[id]!, (target) => (wanted.has(target) ? target : null))
    const at = placeOf(document, id)
    if (at) clip.view[id] = at
  }
  return clip
}

/** Adds copies under ids that are free, the wires among them led to the copies. */
export function pasteNodes(document: FlowDocument, clip: Clip, by: Point): { document: FlowDocument; ids: string[] } {
  const renamed = new Map<string, string>()
  const taken = new Set(Object.keys(document.nodes))
  for (const id of Object.keys(clip.nodes)) {
    const fresh = freeId((other) => taken.has(other), id)
    taken.add(fresh)
    renamed.set(id, fresh)
  }
  const nodes = { ...document.nodes }
  const places: Record<string, Point> = {}
  for (const [id, node] of Object.entries(clip.nodes)) {
    const fresh = renamed.get(id)!
    nodes[fresh] = withWires(node, (target) => renamed.get(target) ?? null)
    const at = clip.view[id] ?? { x: 0, y: 0 }
    places[fresh] = { x: at.x + by.x, y: at.y + by.y }
  }
  const ids = [...renamed.values()]
  const entry = document.nodes[document.entry] ? document.entry : ids[0]!
  return { document: moveNodes({ ...document, entry, nodes }, places), ids }
}

/** Reads a copy from a text, or `null` when the text is something else. */
export function readClip(text: string): Clip | null {
  try {
    const value: unknown = JSON.parse(text)
    if (!isObject(value) || value.schema !== MARK || !isObject(value.view)) return null
    return isDocument({ id: '', kind: '', nodes: value.nodes }) && Object.keys(value.nodes as object).length > 0 ? (value as unknown as Clip) : null
  } catch {
    return null
  }
}

function withWires(node: FlowNode, lead: (target: string) => string | null): FlowNode {
  if (!node.out) return node
  const { out, ...rest } = node
  const kept = Object.entries(out).flatMap(([name, target]) => {
    const led = target ? lead(target) : ''
    // A key stays a key of the menu, though it leads nowhere in the copy.
    return led ? [[name, led] as const] : name.length === 1 ? [[name, ''] as const] : []
  })
  return kept.length ? { ...rest, type: node.type, out: Object.fromEntries(kept) } : { ...rest, type: node.type }
}
