/** Where nodes lie when nobody has placed them: from left to right along the ways a caller goes. */

import { graphlib, layout as run } from '@dagrejs/dagre'
import { placeOf, type FlowDocument, type NodeType, type Point } from './document'
import { moveNodes } from './edit'
import { waysOf } from './outlets'

export const NODE_WIDTH = 216
const HEAD = 62
const ROW = 26

export function nodeHeight(ways: number): number {
  return HEAD + Math.max(ways, 0) * ROW + (ways > 0 ? 8 : 0)
}

/** Places every node. */
export function arranged(document: FlowDocument, types: Map<string, NodeType>): Record<string, Point> {
  const graph = new graphlib.Graph()
  graph.setGraph({ rankdir: 'LR', nodesep: 32, ranksep: 72, edgesep: 16 })
  graph.setDefaultEdgeLabel(() => ({}))
  for (const [id, node] of Object.entries(document.nodes)) {
    graph.setNode(id, { width: NODE_WIDTH, height: nodeHeight(waysOf(types.get(node.type), node).length) })
  }
  for (const [id, node] of Object.entries(document.nodes)) {
    for (const target of Object.values(node.out ?? {})) if (document.nodes[target]) graph.setEdge(id, target)
  }
  run(graph)
  const places: Record<string, Point> = {}
  for (const id of graph.nodes()) {
    const { x, y, width, height } = graph.node(id) as Point & { width: number; height: number }
    places[id] = { x: Math.round(x - width / 2), y: Math.round(y - height / 2) }
  }
  return places
}

/** The same document with a place for every node; those that have one keep it, if more than a few do. */
export function placed(document: FlowDocument, types: Map<string, NodeType>): FlowDocument {
  const without = Object.keys(document.nodes).filter((id) => !placeOf(document, id))
  if (without.length === 0) return document
  const places = arranged(document, types)
  if (without.length < Object.keys(document.nodes).length) {
    return moveNodes(document, Object.fromEntries(without.map((id) => [id, places[id]!])))
  }
  return moveNodes(document, places)
}
