/** Flow documents as the server keeps them, and the catalogue of what may be in them. */

export interface Point {
  x: number
  y: number
}

export interface FlowNode {
  type: string
  name?: string
  description?: string
  out?: Record<string, string>
  [field: string]: unknown
}

export interface Declaration {
  type?: string
  default?: string | null
  secret?: boolean
  from_call?: boolean
}

export interface FlowDocument {
  schema: string
  id: string
  kind: string
  name: string
  description?: string
  entry: string
  on_error?: string
  fallback?: string
  limits?: Record<string, number>
  params?: Record<string, Declaration>
  vars?: Record<string, Declaration>
  nodes: Record<string, FlowNode>
  /** The picture; it is no part of the version. */
  view?: Record<string, unknown>
  [other: string]: unknown
}

export interface Outlet {
  name: string
  required: boolean
  instant: boolean
  zh: string
  en: string
}

/** A JSON Schema of a field or a node, as far as the page reads it. */
export interface Schema {
  $ref?: string
  type?: string | string[]
  title?: string
  description?: string
  default?: unknown
  enum?: string[]
  pattern?: string
  minimum?: number
  maximum?: number
  minLength?: number
  maxLength?: number
  minItems?: number
  maxItems?: number
  minProperties?: number
  items?: Schema
  properties?: Record<string, Schema>
  required?: string[]
  'x-widget'?: string
}

export interface NodeType {
  type: string
  group: string
  kinds: string[]
  outlets: Outlet[]
  keys: { least: number } | null
  ends: boolean
  zh: string
  en: string
  schema: Schema
}

export interface Catalogue {
  schema: string
  groups: { group: string; zh: string; en: string }[]
  kinds: { kind: string; zh: string; en?: string }[]
  variable_types: string[]
  codes: { code: string; severity: Severity; zh?: string; en?: string }[]
  node_types: NodeType[]
  $defs: Record<string, Schema>
}

export type Severity = 'error' | 'warning'

export interface Finding {
  code: string
  severity: Severity
  node: string | null
  field: string | null
  reason: string
  zh?: string
  en?: string
}

/** The keys of a telephone that can be outlets, in the order of the keypad. */
export const KEYS = ['1', '2', '3', '4', '5', '6', '7', '8', '9', '*', '0', '#'] as const

const SCHEMA = 'cti.flow/1'

export function emptyDocument(id: string, kind: string, name: string): FlowDocument {
  return { schema: SCHEMA, id, kind, name, entry: '', nodes: {} }
}

/** Whether a JSON value can be shown on the canvas at all; what is wrong inside is the check's business. */
export function isDocument(value: unknown): value is FlowDocument {
  if (!isObject(value) || typeof value.id !== 'string' || typeof value.kind !== 'string') return false
  return isObject(value.nodes) && Object.values(value.nodes).every((node) => isObject(node) && typeof node.type === 'string')
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Where a node lies in the picture, if the document says so. */
export function placeOf(document: FlowDocument, id: string): Point | null {
  const at = document.view?.[id]
  return isObject(at) && typeof at.x === 'number' && typeof at.y === 'number' ? { x: at.x, y: at.y } : null
}

/** The document without its picture, with keys in one order: equal texts mean equal behaviour. */
export function behaviour(document: FlowDocument): string {
  const { view: _view, ...rest } = document
  return JSON.stringify(sorted(rest))
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (!isObject(value)) return value
  return Object.fromEntries(Object.keys(value).sort().map((key) => [key, sorted(value[key])]))
}
