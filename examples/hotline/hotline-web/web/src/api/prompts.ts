import { del, get, getBlob, post, postForBlob, put, putBlob, type Page } from './http'

export interface Prompt {
  id: string
  /** `-` for what is the same in every language: music and tones. */
  language: string
  status: 'present' | 'missing' | 'unused'
  length_ms: number | null
  bytes: number | null
  /** Absent where the server does not measure it. */
  level_db?: number | null
  words: string | null
  used_by: string[]
  changed: string | null
}

export interface PromptVersion {
  version: number
  at: string
  by: string
  how: 'folder' | 'upload' | 'synthesis' | 'roll_back' | 'removal'
  /** The version that was taken again. */
  of?: number
  /** The voice that said it. */
  voice?: string
  bytes: number
}

export interface Prompts extends Page<Prompt> {
  languages?: string[]
  /** Whether recordings can be replaced, removed and written up; absent where they can only be heard. */
  writable?: boolean
  /** Voices that can speak a text; none when the server has no synthesizer. */
  voices?: { id: string; name: string; language: string }[]
}

const at = (language: string, id: string, rest = '') => `/prompts/${encodeURIComponent(language)}/${encodeURIComponent(id)}${rest}`

export const list = () => get<Prompts>('/prompts')
export const audio = (language: string, id: string, version?: number) => getBlob(at(language, id, `/audio${version ? `?version=${version}` : ''}`))
export const upload = (language: string, id: string, wav: Blob) => putBlob<Prompt>(at(language, id), wav)
export const remove = (language: string, id: string) => del(at(language, id))
export const setWords = (language: string, id: string, words: string) => put<Prompt>(at(language, id, '/words'), { words })
export const synthesize = (language: string, id: string, text: string, voice: string | null) =>
  post<Prompt>(at(language, id, '/synthesize'), { text, ...(voice ? { voice } : {}) })
/** Says a text as callers would hear it. */
export const say = (language: string, text: string) => postForBlob('/speech', { language, text })
export const versions = (language: string, id: string) => get<Page<PromptVersion>>(at(language, id, '/versions'))
export const rollBack = (language: string, id: string, version: number) => post<Prompt>(at(language, id, '/roll-back'), { version })
