/** What the fields of a document name: variables and prompts. */

import type { Catalogue, FlowDocument } from './document'

/** The variables that a flow declares, sets or reads. */
export function variablesOf(document: FlowDocument, catalogue: Catalogue): string[] {
  const names = new Set([...Object.keys(document.params ?? {}), ...Object.keys(document.vars ?? {})])
  for (const value of valuesOf(document, catalogue, 'variable')) if (typeof value === 'string' && value) names.add(value)
  return [...names].sort()
}

/** The recordings that a document plays. */
export function promptsOf(document: FlowDocument, catalogue: Catalogue): string[] {
  const pieces = valuesOf(document, catalogue, 'prompt').flatMap((value) => (Array.isArray(value) ? value : []))
  return [...new Set(pieces.filter((piece): piece is string => typeof piece === 'string'))].sort()
}

function valuesOf(document: FlowDocument, catalogue: Catalogue, widget: string): unknown[] {
  const fields = new Map(
    catalogue.node_types.map(({ type, schema }) => [
      type,
      Object.entries(schema.properties ?? {}).flatMap(([name, field]) => (field['x-widget'] === widget ? [name] : [])),
    ]),
  )
  return Object.values(document.nodes).flatMap((node) => (fields.get(node.type) ?? []).map((field) => node[field]))
}
