/** Changes of a document, each giving a new one; what is not touched is shared with the old one. */

import { isObject, placeOf, type FlowDocument, type FlowNode, type NodeType, type Point } from './document'

/** A node id is at most this long. */
const MOST_LETTERS = 64

/** An id that is not taken: `menu`, `menu-2` … */
export function freeId(taken: (id: string) => boolean, wanted: string): string {
  const stem = wanted.replace(/-\d+$/, '').slice(0, MOST_LETTERS - 6) || 'node'
  if (!taken(wanted) && wanted) return wanted
  for (let n = 2; ; n += 1) {
    const id = `${stem}-${n}`
    if (!taken(id)) return id
  }
}

/** Adds a node with the fields it cannot be without; the first node becomes the entry. */
export function addNode(document: FlowDocument, type: NodeType, at: Point): { document: FlowDocument; id: string } {
  const id = freeId((id) => id in document.nodes, type.type.replaceAll('_', '-'))
  const entry = document.nodes[document.entry] ? document.entry : id
  const next = { ...document, entry, nodes: { ...document.nodes, [id]: freshNode(type) } }
  return { document: moveNodes(next, { [id]: at }), id }
}

/** A node with an empty value for each field that must be there, as far as an empty one makes sense. */
function freshNode(type: NodeType): FlowNode {
  const node: FlowNode = { type: type.type }
  const out: Record<string, string> = {}
  for (const key of ['1', '0'].slice(0, type.keys?.least ? 2 : 0)) out[key] = ''
  for (const name of type.schema.required ?? []) {
    const schema = type.schema.properties?.[name]
    if (name === 'type' || name === 'out' || !schema) continue
    if (schema.default !== undefined) node[name] = schema.default
    else if (schema['x-widget'] === 'prompt' || schema.type === 'array') node[name] = []
  }
  if (Object.keys(out).length) node.out = out
  return node
}

/** Removes nodes, and every wire to them. */
export function removeNodes(document: FlowDocument, ids: Iterable<string>): FlowDocument {
  const gone = new Set(ids)
  const nodes: Record<string, FlowNode> = {}
  for (const [id, node] of Object.entries(document.nodes)) if (!gone.has(id)) nodes[id] = withoutWiresTo(node, gone)
  const next: FlowDocument = { ...document, nodes }
  if (gone.has(document.entry)) next.entry = ''
  if (document.on_error !== undefined && gone.has(document.on_error)) delete next.on_error
  if (document.view) next.view = Object.fromEntries(Object.entries(document.view).filter(([id]) => !gone.has(id)))
  return next
}

function withoutWiresTo(node: FlowNode, gone: Set<string>): FlowNode {
  const out = node.out
  if (!out || !Object.values(out).some((target) => gone.has(target))) return node
  // A key stays a key of the menu, though it leads nowhere any more.
  const kept = Object.entries(out).flatMap(([name, target]) =>
    !gone.has(target) ? [[name, target] as const] : name.length === 1 ? [[name, ''] as const] : [],
  )
  return withOut(node, Object.fromEntries(kept))
}

/** Leads an outlet to a node; `null` cuts it, and a key that is cut stays a key. */
export function wire(document: FlowDocument, from: string, outlet: string, to: string | null): FlowDocument {
  const node = document.nodes[from]
  if (!node || (to !== null && !document.nodes[to])) return document
  const out = { ...node.out }
  if (to !== null) out[outlet] = to
  else if (outlet.length === 1 && outlet in out) out[outlet] = ''
  else delete out[outlet]
  return put(document, from, withOut(node, out))
}

/** Makes a key an outlet of a node, leading nowhere yet. */
export function addKey(document: FlowDocument, id: string, key: string): FlowDocument {
  const node = document.nodes[id]
  if (!node || key in (node.out ?? {})) return document
  return put(document, id, withOut(node, { ...node.out, [key]: '' }))
}

/** Takes an outlet away, with what it leads to. */
export function removeOutlet(document: FlowDocument, id: string, outlet: string): FlowDocument {
  const node = document.nodes[id]
  if (!node?.out || !(outlet in node.out)) return document
  const { [outlet]: _gone, ...out } = node.out
  return put(document, id, withOut(node, out))
}

/** Sets a field of a node; `undefined` takes it away. */
export function setField(document: FlowDocument, id: string, field: string, value: unknown): FlowDocument {
  const node = document.nodes[id]
  if (!node) return document
  if (value === undefined) {
    const { [field]: _gone, ...rest } = node
    return put(document, id, rest as FlowNode)
  }
  return put(document, id, { ...node, [field]: value })
}

/** Sets fields of the document itself; `undefined` takes one away. */
export function setProperties(document: FlowDocument, values: Partial<FlowDocument>): FlowDocument {
  const next = { ...document, ...values }
  for (const [name, value] of Object.entries(values)) if (value === undefined) delete next[name]
  return next
}

/** Gives a node another id, wherever it is named. */
export function renameNode(document: FlowDocument, from: string, to: string): FlowDocument {
  if (from === to || !document.nodes[from] || document.nodes[to] || !to) return document
  const renamed = (id: string) => (id === from ? to : id)
  const nodes = Object.fromEntries(
    Object.entries(document.nodes).map(([id, node]) => {
      const out = node.out
      const leads = out && Object.values(out).includes(from)
      const wires = leads ? Object.fromEntries(Object.entries(out).map(([name, target]) => [name, renamed(target)])) : null
      return [renamed(id), wires ? withOut(node, wires) : node]
    }),
  )
  const next: FlowDocument = { ...document, entry: renamed(document.entry), nodes }
  if (document.on_error !== undefined) next.on_error = renamed(document.on_error)
  if (document.view) next.view = Object.fromEntries(Object.entries(document.view).map(([id, at]) => [renamed(id), at]))
  return next
}

/** Places nodes in the picture; whatever else the picture says of them stays. */
export function moveNodes(document: FlowDocument, places: Record<string, Point>): FlowDocument {
  const view: Record<string, unknown> = { ...document.view }
  for (const [id, { x, y }] of Object.entries(places)) {
    const old = view[id]
    view[id] = { ...(isObject(old) ? old : {}), x: Math.round(x), y: Math.round(y) }
  }
  return { ...document, view }
}

/** A place near `at` where no other node begins. */
export function freePlace(document: FlowDocument, at: Point): Point {
  const taken = Object.keys(document.nodes).flatMap((id) => placeOf(document, id) ?? [])
  let { x, y } = at
  while (taken.some((other) => Math.abs(other.x - x) < 24 && Math.abs(other.y - y) < 24)) {
    x += 32
    y += 32
  }
  return { x, y }
}

function put(document: FlowDocument, id: string, node: FlowNode): FlowDocument {
  return { ...document, nodes: { ...document.nodes, [id]: node } }
}

function withOut(node: FlowNode, out: Record<string, string>): FlowNode {
  if (Object.keys(out).length > 0) return { ...node, out }
  const { out: _none, ...rest } = node
  return rest as FlowNode
}
