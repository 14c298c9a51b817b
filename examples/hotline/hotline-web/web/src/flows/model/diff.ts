/** What changed between two documents as rows to read, from the server's diff. */

import { isObject, type FlowDocument, type FlowNode } from './document'

export interface FieldChange {
  field: string
  before?: unknown
  after?: unknown
}

export interface NodeChange {
  node: string
  change: 'added' | 'removed' | 'changed'
  document?: FlowNode
  fields?: FieldChange[]
}

export interface Diff {
  fields: FieldChange[]
  nodes: NodeChange[]
}

export interface DiffRow {
  node: string | null
  change: 'added' | 'removed' | 'changed'
  /** Fields from the outside in: `['out', '1']`. */
  path: string[]
  before: string | null
  after: string | null
}

export function diffRows(diff: Diff): DiffRow[] {
  const rows = diff.fields.map((change) => row(null, change))
  for (const { node, change, document, fields } of diff.nodes) {
    if (change === 'changed') rows.push(...(fields ?? []).map((field) => row(node, field)))
    else {
      const text = document ? show(document) : ''
      rows.push({ node, change, path: [], before: change === 'removed' ? text : null, after: change === 'added' ? text : null })
    }
  }
  return rows
}

/** The nodes that differ, for marks on the canvas. */
export function marks(diff: Diff): Map<string, NodeChange['change']> {
  return new Map(diff.nodes.map(({ node, change }) => [node, change]))
}

/** The same comparison as the server's, for two documents that the page has at hand. */
export function diffOf(before: FlowDocument, after: FlowDocument): Diff {
  const fields: FieldChange[] = []
  for (const name of keys(before, after)) if (name !== 'nodes' && name !== 'view') compare(`/${escape(name)}`, before[name], after[name], fields)
  const nodes: NodeChange[] = []
  for (const id of keys(before.nodes, after.nodes)) {
    const [old, fresh] = [before.nodes[id], after.nodes[id]]
    if (!old) nodes.push({ node: id, change: 'added', document: fresh })
    else if (!fresh) nodes.push({ node: id, change: 'removed', document: old })
    else {
      const changes: FieldChange[] = []
      compare('', old, fresh, changes)
      if (changes.length) nodes.push({ node: id, change: 'changed', fields: changes })
    }
  }
  return { fields, nodes }
}

function compare(at: string, before: unknown, after: unknown, found: FieldChange[]): void {
  if (isObject(before) && isObject(after)) {
    for (const name of keys(before, after)) compare(`${at}/${escape(name)}`, before[name], after[name], found)
  } else if (JSON.stringify(before) !== JSON.stringify(after)) {
    found.push({ field: at, ...(before === undefined ? {} : { before }), ...(after === undefined ? {} : { after }) })
  }
}

function keys(before: object, after: object): string[] {
  return [...new Set([...Object.keys(before), ...Object.keys(after)])].sort()
}

function row(node: string | null, { field, ...change }: FieldChange): DiffRow {
  const before = 'before' in change ? show(change.before) : null
  const after = 'after' in change ? show(change.after) : null
  const path = field.split('/').slice(1).map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
  return { node, change: before === null ? 'added' : after === null ? 'removed' : 'changed', path, before, after }
}

function show(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}

/** RFC 6901 §3. */
function escape(name: string): string {
  return name.replaceAll('~', '~0').replaceAll('/', '~1')
}
