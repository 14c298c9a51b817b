/** The ways out of a node as rows: those its type has, those its fields make, and its keys. */

import { KEYS, type FlowNode, type NodeType, type Outlet } from './document'

export interface Way {
  name: string
  /** `lost`: the document wires it, and the type has no such outlet. */
  kind: 'named' | 'key' | 'lost'
  zh: string
  en: string
  required: boolean
  target: string | null
}

/** Numbered outlets, one for each item of a field: which field, and whether its items name them. */
const NUMBERED: Record<string, { field: string; prefix: string; named: boolean }> = {
  switch: { field: 'cases', prefix: 'case_', named: true },
  random_split: { field: 'shares', prefix: 'share_', named: false },
}

/** Outlets that must be wired once a field is set. */
const WHEN_SET: Record<string, { field: string; outlet: string }[]> = {
  if: [{ field: 'when', outlet: 'error' }],
  set: [{ field: 'expression', outlet: 'error' }],
  transfer_agent: [{ field: 'from', outlet: 'unknown' }],
  transfer_external: [{ field: 'from', outlet: 'unknown' }],
  dtmf_send: [{ field: 'from', outlet: 'unknown' }],
}

export function waysOf(type: NodeType | undefined, node: FlowNode): Way[] {
  const out = node.out ?? {}
  const ways: Way[] = []
  const numbered = NUMBERED[node.type]
  const items = numbered && Array.isArray(node[numbered.field]) ? (node[numbered.field] as unknown[]) : []
  const keys = Object.keys(out).filter((name) => isKey(name))
  if (type?.keys) {
    keys.sort((a, b) => rank(a) - rank(b))
    for (const key of keys) ways.push({ name: key, kind: 'key', zh: key, en: key, required: true, target: out[key] || null })
  }
  for (const outlet of type?.outlets ?? []) {
    const target = out[outlet.name] || null
    const at = numbered && outlet.name.startsWith(numbered.prefix) ? Number(outlet.name.slice(numbered.prefix.length)) : 0
    if (at > items.length && !target) continue
    const item = at > 0 && at <= items.length ? words(numbered!.named, items[at - 1], outlet) : outlet
    ways.push({ name: outlet.name, kind: 'named', zh: item.zh, en: item.en, required: mustWire(node, outlet) || at > 0, target })
  }
  const known = new Set(ways.map((way) => way.name))
  for (const [name, target] of Object.entries(out)) {
    if (!known.has(name)) ways.push({ name, kind: 'lost', zh: name, en: name, required: false, target: target || null })
  }
  return ways
}

export function isKey(name: string): boolean {
  return /^[0-9*#A-D]$/.test(name)
}

/** The next key of the keypad that is not an outlet yet. */
export function freeKey(node: FlowNode): string | null {
  return KEYS.find((key) => !(key in (node.out ?? {}))) ?? null
}

function mustWire(node: FlowNode, outlet: Outlet): boolean {
  return outlet.required || (WHEN_SET[node.type] ?? []).some((rule) => rule.outlet === outlet.name && rule.field in node)
}

function words(named: boolean, item: unknown, outlet: Outlet): { zh: string; en: string } {
  if (named) return { zh: `= ${String(item)}`, en: `= ${String(item)}` }
  return { zh: `${outlet.zh} ${String(item)}`, en: `${outlet.en} ${String(item)}` }
}

function rank(key: string): number {
  const at = (KEYS as readonly string[]).indexOf(key)
  return at < 0 ? KEYS.length + key.charCodeAt(0) : at
}
