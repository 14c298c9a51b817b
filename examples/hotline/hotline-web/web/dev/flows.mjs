/** Pretend flows for the mock server: drafts, versions, a small check, counts and callers to try. */

import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { Trial } from './trial.mjs'

const folder = new URL('../../../flows/', import.meta.url)
const catalogue = JSON.parse(readFileSync(new URL('./catalogue.json', import.meta.url), 'utf8'))
const types = new Map(catalogue.node_types.map((type) => [type.type, type]))
const WORDS = {
  'missing-outlet': ['必须连接的出口没有连接', 'An outlet that must lead somewhere does not'],
  'dangling-target': ['出口指向不存在的节点', 'An outlet leads to a node that is not there'],
  unreachable: ['从入口到不了这个节点', 'No path from the entry reaches the node'],
  'invalid-field': ['字段缺失或取值不对', 'A field is missing or wrong'],
  'no-way-to-human': ['从这里到不了人工', 'From here a caller never reaches a person'],
  'missing-prompt': ['缺少录音', 'A recording is missing'],
  'not-for-kind': ['这种流程不能用该节点', 'The node type is not allowed in a flow of this kind'],
}
const WARNINGS = new Set(['no-way-to-human'])
const hash = (text) => createHash('sha256').update(text).digest('hex')
const versionOf = ({ view: _view, ...rest }) => hash(JSON.stringify(rest))
const now = () => new Date(Date.now() + 8 * 3600e3).toISOString().replace('Z', '+08:00')

export class Flows {
  lines = new Map()
  trials = new Map()
  callers = ['13800001234']
  started = now()
  serial = 0

  constructor(Refused, prompts) {
    this.Refused = Refused
    this.prompts = prompts
    for (const name of readdirSync(folder).filter((name) => name.endsWith('.json'))) {
      const document = JSON.parse(readFileSync(new URL(name, folder), 'utf8'))
      if (document.schema !== 'cti.flow/1') continue
      const version = versionOf(document)
      const note = { at: now(), by: 'installation', text: '初始版本' }
      const saved = { version, stage: 'published', sessions: document.kind === 'inbound' ? 3 : 0, saved: note, quarantine: null, document }
      this.lines.set(document.id, { id: document.id, versions: [saved], published: version, publications: [{ ...note, version }], draft: null })
    }
  }

  refuse(status, code, detail = '', more = {}) {
    throw Object.assign(new this.Refused(status, code, detail, more.field), { more })
  }

  line(id) {
    return this.lines.get(id) ?? this.refuse(404, 'unknown_flow', id)
  }

  versionOf(line, version) {
    return line.versions.find((other) => other.version.startsWith(version)) ?? this.refuse(404, 'unknown_version', version)
  }

  documents() {
    return [...this.lines.values()].flatMap((line) => [line.draft?.document, this.served(line)?.document].filter(Boolean))
  }

  served(line) {
    const at = line.versions.find((version) => version.version === line.published)
    if (!at?.quarantine) return at
    return [...line.versions].reverse().find((version) => version !== at && !version.quarantine)
  }

  summary(line) {
    const at = line.versions.find((version) => version.version === line.published)
    const document = line.draft?.document ?? at?.document
    const errors = line.draft?.findings.filter((finding) => finding.severity === 'error').length ?? 0
    return {
      id: line.id, kind: document.kind, name: document.name,
      published: at ? { ...line.publications.at(-1), version: at.version, quarantine: at.quarantine } : null,
      serves: this.served(line)?.version ?? null,
      draft: line.draft ? { etag: line.draft.etag, version: line.draft.version, ...line.draft.saved, errors, warnings: line.draft.findings.length - errors } : null,
      versions: line.versions.length, sessions: line.versions.reduce((sum, version) => sum + version.sessions, 0),
      numbers: { 'hotline-12345': ['12345'], 'gjj-12329': ['12329'], 'transport-12328': ['12328'] }[line.id] ?? [],
      queues: { 'queue-general': ['general'], 'queue-night': ['night'] }[line.id] ?? [],
    }
  }

  detail(line) {
    const history = line.versions.map(({ document: _document, ...version }) => version)
    return { ...this.summary(line), history, publications: line.publications }
  }

  check(document) {
    const findings = []
    const find = (code, node, field, reason) =>
      findings.push({ code, severity: WARNINGS.has(code) ? 'warning' : 'error', node, field, reason, zh: WORDS[code][0], en: WORDS[code][1] })
    const nodes = document.nodes ?? {}
    if (!nodes[document.entry]) find('dangling-target', null, 'entry', `there is no node ${document.entry}`)
    for (const [id, node] of Object.entries(nodes)) {
      const type = types.get(node.type)
      if (!type) continue
      if (!type.kinds.includes(document.kind)) find('not-for-kind', id, 'type', `${node.type} is not allowed in a flow of kind ${document.kind}`)
      for (const name of type.schema.required) {
        if (name === 'type' || name === 'out') continue
        const empty = node[name] === undefined || node[name] === '' || (Array.isArray(node[name]) && node[name].length === 0)
        if (empty) find('invalid-field', id, name, `missing field \`${name}\``)
      }
      for (const [outlet, target] of Object.entries(node.out ?? {})) {
        if (!nodes[target]) find('dangling-target', id, `out.${outlet}`, `there is no node "${target}"`)
      }
      for (const outlet of type.outlets) {
        if (outlet.required && !(outlet.name in (node.out ?? {}))) find('missing-outlet', id, 'out', `the outlet ${outlet.name} must lead to a node`)
      }
      for (const value of Object.values(node)) {
        if (!Array.isArray(value) || node.type === 'switch') continue
        for (const piece of value) {
          if (typeof piece === 'string' && !this.prompts.has(piece) && !/^\d+$/.test(piece)) find('missing-prompt', id, 'prompt', `there is no recording ${piece} in zh-CN`)
        }
      }
    }
    const reached = new Set()
    const open = nodes[document.entry] ? [document.entry] : []
    if (nodes[document.on_error]) open.push(document.on_error)
    while (open.length) {
      const id = open.pop()
      if (reached.has(id) || !nodes[id]) continue
      reached.add(id)
      open.push(...Object.values(nodes[id].out ?? {}))
    }
    for (const id of Object.keys(nodes)) if (!reached.has(id)) find('unreachable', id, null, 'no path from the entry reaches it')
    const human = Object.values(nodes).some((node) => ['enqueue', 'ring', 'transfer_agent', 'goto_flow', 'leave_queue'].includes(node.type))
    if (document.kind === 'inbound' && !human && nodes[document.entry]) find('no-way-to-human', document.entry, null, 'a caller never reaches a person')
    return findings
  }

  draftOf(document, by) {
    const text = JSON.stringify(document, null, 2)
    const findings = this.check(document)
    const runs = !findings.some((finding) => finding.severity === 'error')
    return { flow: document.id, etag: hash(text), version: runs ? versionOf(document) : null, saved: { at: now(), by, text: '' }, document, text, findings }
  }

  save(id, { document, etag }, by) {
    if (document?.id !== id) this.refuse(400, 'invalid_value', 'must equal the path', { field: 'document.id' })
    const line = this.lines.get(id) ?? { id, versions: [], published: null, publications: [], draft: null }
    if ((line.draft?.etag ?? null) !== (etag ?? null)) this.refuse(409, 'draft_changed', `${line.draft?.saved.by ?? '?'} ${line.draft?.saved.at ?? ''}`)
    line.draft = this.draftOf(document, by)
    this.lines.set(id, line)
    return line.draft
  }

  publish(id, { note, etag }, by) {
    const line = this.line(id)
    if (!line.draft) this.refuse(404, 'no_draft')
    if (etag && etag !== line.draft.etag) this.refuse(409, 'draft_changed', line.draft.saved.by)
    const findings = this.check(line.draft.document)
    if (findings.some((finding) => finding.severity === 'error')) this.refuse(422, 'invalid_flow', 'the flow has faults', { findings })
    const { version, document, saved } = line.draft
    line.versions = line.versions.filter((other) => other.version !== version)
    this.serve(line, { version, stage: 'published', sessions: 0, saved, quarantine: null, document }, by, note)
    line.draft = null
    return this.summary(line)
  }

  serve(line, version, by, text) {
    for (const other of line.versions) if (other.stage === 'published') other.stage = other.sessions ? 'draining' : 'retired'
    version.stage = 'published'
    line.versions = [...line.versions.filter((other) => other !== version), version]
    line.published = version.version
    line.publications.push({ version: version.version, at: now(), by, text: text ?? '' })
  }

  rollBack(id, { note, version }, by) {
    const line = this.line(id)
    const before = version ? this.versionOf(line, version) : [...line.versions].reverse().find((other) => other.version !== line.published)
    if (!before) this.refuse(409, 'nothing_before')
    if (before.quarantine) this.refuse(409, 'quarantined')
    this.serve(line, before, by, note)
    return this.summary(line)
  }

  quarantine(id, version, on, note, by) {
    const line = this.line(id)
    const found = this.versionOf(line, version)
    if (on && found.version === line.published && line.versions.length < 2) this.refuse(409, 'no_fallback')
    found.quarantine = on ? { at: now(), by, text: note } : null
    return this.summary(line)
  }

  statistics(id, version) {
    const line = this.line(id)
    const { version: full, document } = this.versionOf(line, version ?? line.published ?? '')
    const counts = new Map()
    const seconds = 40 + Math.floor((Date.now() - Date.parse(this.started)) / 1000)
    const walk = (node, count, depth) => {
      if (!document.nodes[node] || count < 1 || depth > 12) return
      const at = counts.get(node) ?? { entered: 0, left: new Map() }
      at.entered += count
      counts.set(node, at)
      const ways = Object.entries(document.nodes[node].out ?? {})
      ways.forEach(([outlet, target], n) => {
        const share = Math.floor(count * (ways.length === 1 ? 0.96 : 0.86 * (0.5 ** (n + 1)) / (1 - 0.5 ** ways.length)))
        at.left.set(outlet, (at.left.get(outlet) ?? 0) + share)
        walk(target, share, depth + 1)
      })
    }
    walk(document.entry, seconds * 3, 0)
    const nodes = [...counts].map(([node, { entered, left }]) => ({
      node, entered, here: ['menu', 'collect', 'enqueue', 'music'].includes(document.nodes[node].type) ? (seconds + entered) % 4 : 0, abandoned: Math.floor(entered / 40),
      dwell_ms: entered * 4200, longest_ms: 19_000, left: [...left].map(([outlet, count]) => ({ outlet, count })),
      keys: [...left].filter(([outlet]) => outlet.length === 1).map(([key, count]) => ({ key, count })), failed: [],
    }))
    return { flow: id, version: full, since: this.started, started: seconds * 3, sessions: 4, nodes, answers: [] }
  }

  try(body) {
    const line = body.document ? null : this.line(body.flow)
    const document = body.document ?? (body.channel === 'prod' ? this.served(line)?.document : (line.draft?.document ?? this.served(line)?.document))
    const findings = this.check(document)
    if (findings.some((finding) => finding.severity === 'error')) this.refuse(422, 'invalid_flow', 'the flow has faults', { findings })
    const trial = new Trial(`trial-${++this.serial}`, document, versionOf(document), body)
    this.trials.set(trial.id, trial)
    return trial.answer()
  }

  trial(id) {
    return this.trials.get(id) ?? this.refuse(404, 'unknown_trial')
  }

  references() {
    return {
      queues: [{ id: 'general', name: '政务综合' }, { id: 'night', name: '值班组' }, { id: 'gjj', name: '公积金专席' }], mailboxes: [{ id: 'general', name: '综合信箱' }, { id: 'leader', name: '领导信箱' }], devices: ['8015', '8016'],
      flows: [...this.lines.values()].map((line) => ({ id: line.id, name: this.summary(line).name, kind: this.summary(line).kind })),
      schedules: ['hotline'], tables: ['gjj_accounts'], endpoints: [], queries: [], prompts: [...this.prompts.keys()],
    }
  }

  read(text) {
    try {
      return { document: JSON.parse(text) }
    } catch (error) {
      return this.refuse(400, 'invalid_value', `line 1: ${error.message}`, { field: 'text' })
    }
  }

  diff(id, from, to) {
    const line = this.line(id)
    const old = this.versionOf(line, from).document
    const fresh = to && to !== 'draft' ? this.versionOf(line, to).document : (line.draft?.document ?? this.refuse(404, 'no_draft'))
    const fields = ['name', 'description', 'entry', 'on_error'].flatMap((name) =>
      JSON.stringify(old[name]) === JSON.stringify(fresh[name]) ? [] : [{ field: `/${name}`, before: old[name], after: fresh[name] }],
    )
    const nodes = [...new Set([...Object.keys(old.nodes), ...Object.keys(fresh.nodes)])].sort().flatMap((node) => {
      const [before, after] = [old.nodes[node], fresh.nodes[node]]
      if (!before) return [{ node, change: 'added', document: after }]
      if (!after) return [{ node, change: 'removed', document: before }]
      const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort()
      const changed = names.filter((name) => JSON.stringify(before[name]) !== JSON.stringify(after[name]))
      return changed.length ? [{ node, change: 'changed', fields: changed.map((name) => ({ field: `/${name}`, before: before[name], after: after[name] })) }] : []
    })
    return { fields, nodes }
  }
}

export const flowRoutes = (flows) => {
  const by = (user) => user.display_name
  return [
    ['GET', /^\/flow-catalogue$/, () => ({ ...catalogue, codes: catalogue.codes.map((code) => ({ ...code, zh: WORDS[code.code]?.[0], en: WORDS[code.code]?.[1] })) })],
    ['GET', /^\/flow-catalogue\/references$/, () => flows.references()],
    ['GET', /^\/flows$/, () => ({ items: [...flows.lines.values()].map((line) => flows.summary(line)), next: null })],
    ['POST', /^\/flows\/import$/, ({ body }) => flows.read(body.text)],
    ['POST', /^\/flows\/check$/, ({ body }) => {
      const findings = flows.check(body.document)
      const errors = findings.filter((finding) => finding.severity === 'error').length
      return { version: errors ? null : versionOf(body.document), findings, errors, warnings: findings.length - errors }
    }],
    ['GET', /^\/flows\/([^/]+)$/, ({ args }) => flows.detail(flows.line(args[0]))],
    ['GET', /^\/flows\/([^/]+)\/draft$/, ({ args }) => flows.line(args[0]).draft ?? flows.refuse(404, 'no_draft')],
    ['PUT', /^\/flows\/([^/]+)\/draft$/, ({ args, body, user }) => flows.save(args[0], body, by(user))],
    ['DELETE', /^\/flows\/([^/]+)\/draft$/, ({ args }) => void (flows.line(args[0]).draft = null)],
    ['GET', /^\/flows\/([^/]+)\/versions\/([^/]+)$/, ({ args }) => flows.versionOf(flows.line(args[0]), args[1])],
    ['POST', /^\/flows\/([^/]+)\/publish$/, ({ args, body, user }) => flows.publish(args[0], body, by(user))],
    ['POST', /^\/flows\/([^/]+)\/roll-back$/, ({ args, body, user }) => flows.rollBack(args[0], body, by(user))],
    ['POST', /^\/flows\/([^/]+)\/versions\/([^/]+)\/quarantine$/, ({ args, body, user }) => flows.quarantine(args[0], args[1], true, body.note, by(user))],
    ['DELETE', /^\/flows\/([^/]+)\/versions\/([^/]+)\/quarantine$/, ({ args, user }) => flows.quarantine(args[0], args[1], false, '', by(user))],
    ['POST', /^\/flows\/([^/]+)\/versions\/([^/]+)\/end-sessions$/, ({ args }) => {
      const version = flows.versionOf(flows.line(args[0]), args[1])
      const ended = version.sessions
      version.sessions = 0
      return { ended }
    }],
    ['POST', /^\/flows\/([^/]+)\/retire$/, ({ args }) => {
      const line = flows.line(args[0])
      if (flows.summary(line).numbers.length + flows.summary(line).queues.length) flows.refuse(409, 'in_use', '')
      for (const version of line.versions) version.stage = 'retired'
      line.published = null
      return flows.summary(line)
    }],
    ['GET', /^\/flows\/([^/]+)\/diff$/, ({ args, url }) => flows.diff(args[0], url.searchParams.get('from'), url.searchParams.get('to'))],
    ['GET', /^\/flows\/([^/]+)\/statistics$/, ({ args, url }) => flows.statistics(args[0], url.searchParams.get('version'))],
    ['GET', /^\/flow-test-callers$/, () => ({ numbers: flows.callers })],
    ['PUT', /^\/flow-test-callers$/, ({ body }) => ({ numbers: (flows.callers = body.numbers) })],
    ['POST', /^\/flows\/([^/]+)\/coverage$/, ({ args, body }) => {
      const outlets = Object.entries(body.document.nodes).flatMap(([node, { out }]) => Object.keys(out ?? {}).map((outlet) => ({ flow: args[0], node, outlet })))
      return { walked: outlets.filter(({ outlet }) => outlet !== 'failed'), missed: outlets.filter(({ outlet }) => outlet === 'failed'), complete: true }
    }],
    ['POST', /^\/flow-trials$/, ({ body }) => flows.try(body), 201],
    ['GET', /^\/flow-trials\/([^/]+)$/, ({ args }) => flows.trial(args[0]).answer(true)],
    ['POST', /^\/flow-trials\/([^/]+)\/steps$/, ({ args, body }) => {
      const trial = flows.trial(args[0])
      if (trial.over) flows.refuse(409, 'trial_over')
      const wrong = trial.step(body.step)
      if (wrong) flows.refuse(400, 'invalid_value', wrong, { field: 'step' })
      return trial.answer()
    }],
    ['DELETE', /^\/flow-trials\/([^/]+)$/, ({ args }) => void flows.trials.delete(args[0])],
  ]
}
