/** The fields of a node as a form, made of the JSON Schema of its type. */

import type { FlowNode, NodeType, Schema } from './document'

export interface FormField {
  name: string
  zh: string
  en: string
  widget: string
  required: boolean
  default: unknown
  schema: Schema
}

export type Wrong =
  | { kind: 'missing' }
  | { kind: 'least'; least: number }
  | { kind: 'most'; most: number }
  | { kind: 'pattern' }
  | { kind: 'choice' }
  | { kind: 'type' }

/** Fields that every node has; they are asked for at the top of the panel. */
const OWN = new Set(['type', 'name', 'description', 'out'])

const WIDGETS = new Set([
  'prompt', 'text', 'variable', 'variables', 'expression', 'script', 'switch', 'milliseconds', 'number', 'key', 'choice',
  'key_map', 'key_words', 'text_map', 'texts', 'shares', 'choices', 'queue', 'mailbox', 'needs', 'devices', 'source', 'schedule', 'flow', 'arguments',
])

/** The order of fields that are not required; a schema says nothing of order. What is not named comes last. */
const ORDER = [
  'name', 'variable', 'is', 'value', 'from', 'expression', 'when', 'share', 'only_for_ms', 'priority', 'needs', 'before', 'after', 'next', 'barge_in', 'flush',
  'repeat', 'skip', 'keys', 'words', 'max', 'hints', 'min', 'terminator', 'clear', 'masks', 'finish_on', 'prompt', 'first_digit_ms', 'inter_digit_ms', 'total_ms', 'limit_ms', 'silence_ms', 'min_ms',
  'retries', 'no_input_prompt', 'no_match_prompt', 'method', 'path', 'query', 'body', 'map', 'params', 'arguments', 'results', 'prefix', 'timeout_ms', 'retry_after_ms',
]

export function formFields(type: NodeType): FormField[] {
  const required = new Set(type.schema.required ?? [])
  const must = [...required]
  const rank = (name: string) => {
    if (required.has(name)) return must.indexOf(name) - must.length
    return ORDER.includes(name) ? ORDER.indexOf(name) : ORDER.length
  }
  return Object.entries(type.schema.properties ?? {})
    .filter(([name]) => !OWN.has(name))
    .sort(([a], [b]) => rank(a) - rank(b))
    .map(([name, schema]) => ({
      name,
      zh: schema.title ?? name,
      en: capital(schema.description ?? name),
      widget: widgetOf(schema),
      required: required.has(name),
      default: schema.default,
      schema,
    }))
}

/** Fields of the document that the type does not have; they can only be seen and taken away. */
export function unknownFields(type: NodeType | undefined, node: FlowNode): string[] {
  const known = type?.schema.properties ?? {}
  return Object.keys(node).filter((name) => !OWN.has(name) && !(name in known))
}

/** What is wrong with a value by its schema alone; the server's check says the rest. */
export function wrongWith(field: FormField, value: unknown): Wrong | null {
  const { schema } = field
  const empty = value === undefined || value === null || value === ''
  if (empty) return field.required ? { kind: 'missing' } : null
  if (typeof value === 'number') {
    if (!Number.isInteger(value)) return { kind: 'type' }
    if (schema.minimum !== undefined && value < schema.minimum) return { kind: 'least', least: schema.minimum }
    if (schema.maximum !== undefined && value > schema.maximum) return { kind: 'most', most: schema.maximum }
    return null
  }
  if (typeof value === 'string') {
    if (schema.enum && !schema.enum.includes(value)) return { kind: 'choice' }
    if (schema.maxLength !== undefined && [...value].length > schema.maxLength) return { kind: 'most', most: schema.maxLength }
    if (schema.pattern && !new RegExp(schema.pattern, 'u').test(value)) return { kind: 'pattern' }
    return null
  }
  if (Array.isArray(value)) {
    const least = field.widget === 'prompt' && field.required ? 1 : (schema.minItems ?? 0)
    if (value.length < least) return value.length === 0 ? { kind: 'missing' } : { kind: 'least', least }
    if (schema.maxItems !== undefined && value.length > schema.maxItems) return { kind: 'most', most: schema.maxItems }
  }
  return null
}

/** A value as it goes into the document: what equals the default, or is empty and may be, is left out. */
export function cleaned(field: FormField, value: unknown): unknown {
  if (value === null || value === '' || value === undefined) return undefined
  if (field.required) return value
  if (Array.isArray(value) && value.length === 0) return undefined
  if (typeof value === 'object' && !Array.isArray(value) && Object.keys(value).length === 0) return undefined
  return value === field.default ? undefined : value
}

function widgetOf(schema: Schema): string {
  const named = schema['x-widget']
  if (named && WIDGETS.has(named)) return named
  if (schema.enum) return 'choice'
  switch (schema.type) {
    case 'boolean':
      return 'switch'
    case 'integer':
    case 'number':
      return 'number'
    case 'string':
      return 'text'
    default:
      return 'json'
  }
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}
