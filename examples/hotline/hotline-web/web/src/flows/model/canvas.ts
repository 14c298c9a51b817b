/** A document as nodes and edges of the canvas. The document stays the only truth. */

import { placeOf, type FlowDocument, type FlowNode, type NodeType, type Point } from './document'
import { waysOf, type Way } from './outlets'

export interface CanvasNode {
  id: string
  position: Point
  data: { node: FlowNode; type: NodeType | undefined; ways: Way[]; entry: boolean; onError: boolean }
}

export interface CanvasEdge {
  id: string
  source: string
  sourceHandle: string
  target: string
  data: { outlet: string }
}

const memo = new WeakMap<FlowNode, { type: NodeType | undefined; ways: Way[] }>()

export function canvasNodes(document: FlowDocument, types: Map<string, NodeType>): CanvasNode[] {
  return Object.entries(document.nodes).map(([id, node]) => ({
    id,
    position: placeOf(document, id) ?? { x: 0, y: 0 },
    data: { node, ...described(node, types), entry: document.entry === id, onError: document.on_error === id },
  }))
}

export function canvasEdges(document: FlowDocument): CanvasEdge[] {
  return Object.entries(document.nodes).flatMap(([source, node]) =>
    Object.entries(node.out ?? {}).flatMap(([outlet, target]) =>
      document.nodes[target] ? [{ id: edgeId(source, outlet), source, sourceHandle: handleOf(outlet), target, data: { outlet } }] : [],
    ),
  )
}

/** The handle of an outlet. Not the bare name: handles get it as a class, and there are outlets such as `left`. */
export function handleOf(outlet: string): string {
  return `out:${outlet}`
}

export function outletOfHandle(handle: string): string {
  return handle.slice('out:'.length)
}

/** An outlet leads to one node, so the two name the edge. */
export function edgeId(source: string, outlet: string): string {
  return JSON.stringify([source, outlet])
}

export function edgeOf(id: string): { source: string; outlet: string } {
  const [source, outlet] = JSON.parse(id) as [string, string]
  return { source, outlet }
}

/** The outlets of a node are made once for as long as the node stays the same object. */
function described(node: FlowNode, types: Map<string, NodeType>) {
  const type = types.get(node.type)
  const known = memo.get(node)
  if (known && known.type === type) return known
  const made = { type, ways: waysOf(type, node) }
  memo.set(node, made)
  return made
}
