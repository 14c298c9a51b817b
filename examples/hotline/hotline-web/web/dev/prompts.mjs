/** Pretend prompts for the mock server: the shipped recordings by name, with a tone for each. */

import { readdirSync, readFileSync } from 'node:fs'
import { tone } from './tone.mjs'

const folder = new URL('../../../prompts/zh-CN/', import.meta.url)

export class Prompts extends Map {
  constructor() {
    const words = new Map()
    for (const [, id, text] of readFileSync(new URL('prompts.toml', folder), 'utf8').matchAll(/^"?([\w-]+)"?\s*=\s*"([^"]*)"/gm)) words.set(id, text)
    const names = readdirSync(folder).filter((name) => name.endsWith('.wav')).map((name) => name.slice(0, -4)).sort()
    super(names.map((id) => [id, recorded(id, 'zh-CN', tone(1500 + id.length * 90), words.get(id) ?? null)]))
    this.set('music/hold', recorded('music/hold', '-', tone(8000), null))
    this.set('tones/beep', recorded('tones/beep', '-', tone(400), null))
  }

  versions(id) {
    this.kept ??= new Map()
    const known = this.get(id)
    if (!this.kept.has(id)) this.kept.set(id, known ? [{ version: 1, at: known.changed, by: 'folder', how: 'folder', bytes: known.bytes, wav: known.wav }] : [])
    return this.kept.get(id)
  }

  list(documents) {
    const users = new Map()
    for (const document of documents) {
      for (const node of Object.values(document.nodes)) {
        for (const [name, value] of Object.entries(node)) {
          if (!Array.isArray(value) || name === 'cases') continue
          for (const piece of value) if (typeof piece === 'string' && !/^\d+$/.test(piece)) users.set(piece, (users.get(piece) ?? new Set()).add(document.id))
        }
      }
    }
    const missing = [...users.keys()].filter((id) => !this.has(id))
    const items = [...this.values(), ...missing.map((id) => ({ id, language: 'zh-CN', length_ms: null, bytes: null, level_db: null, words: null, changed: null }))]
    return {
      items: items.map(({ wav: _wav, ...item }) => {
        const used_by = [...(users.get(item.id) ?? [])].sort()
        return { ...item, used_by, status: this.has(item.id) ? (used_by.length || /^[a-z]-|^music|^tones/.test(item.id) ? 'present' : 'unused') : 'missing' }
      }),
      languages: ['zh-CN'], writable: true, next: null, voices: [{ id: 'espeak', name: '合成语音', language: 'zh-CN' }],
    }
  }

  put(id, language, wav, words, how = { how: 'upload' }) {
    const versions = this.versions(id)
    versions.unshift({ version: versions.length + 1, at: '2026-11-22T10:00:00+08:00', by: 'admin', ...how, bytes: wav.length, wav })
    this.set(id, recorded(id, language, wav, words ?? this.get(id)?.words ?? null))
    const { wav: _wav, ...item } = this.get(id)
    return { ...item, status: 'present', used_by: [] }
  }
}

function recorded(id, language, wav, words) {
  return { id, language, length_ms: Math.round((wav.length - 44) / 32), bytes: wav.length, level_db: -20.3, words, changed: '2026-11-20T09:00:00+08:00', wav }
}

export const promptRoutes = (prompts, flows) => [
  ['GET', /^\/prompts$/, () => prompts.list(flows.documents())],
  ['GET', /^\/prompts\/([^/]+)\/([^/]+)\/versions$/, ({ args }) => ({ items: prompts.versions(args[1]).map(({ wav: _wav, ...item }) => item), next: null })],
  ['POST', /^\/prompts\/([^/]+)\/([^/]+)\/roll-back$/, ({ args, body }) => {
    const found = prompts.versions(args[1]).find((item) => item.version === body.version) ?? flows.refuse(404, 'unknown_version')
    return prompts.put(args[1], args[0], found.wav, null, { how: 'roll_back', of: body.version })
  }],
  ['GET', /^\/prompts\/([^/]+)\/([^/]+)\/audio$/, ({ args }) => prompts.get(args[1])?.wav ?? flows.refuse(404, 'unknown_prompt')],
  ['PUT', /^\/prompts\/([^/]+)\/([^/]+)\/words$/, ({ args, body }) => {
    const { wav: _wav, ...item } = Object.assign(prompts.get(args[1]), { words: body.words })
    return item
  }],
  ['POST', /^\/prompts\/([^/]+)\/([^/]+)\/synthesize$/, ({ args, body }) => prompts.put(args[1], args[0], tone(body.text.length * 220), body.text, { how: 'synthesis', voice: body.voice })],
  ['PUT', /^\/prompts\/([^/]+)\/([^/]+)$/, ({ args, raw }) => {
    if (raw.subarray(0, 4).toString() !== 'RIFF') flows.refuse(400, 'invalid_value', '不是 WAV 文件', { field: 'body' })
    return prompts.put(args[1], args[0], raw)
  }],
  ['DELETE', /^\/prompts\/([^/]+)\/([^/]+)$/, ({ args }) => {
    if (prompts.list(flows.documents()).items.find((item) => item.id === args[1])?.used_by.length) flows.refuse(409, 'in_use')
    prompts.delete(args[1])
  }],
]
