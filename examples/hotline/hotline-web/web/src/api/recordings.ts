import { get, post, type Page, type Query } from './http'

export interface Recording {
  id: string
  call: string
  agent: string | null
  seat: string | null
  caller: string
  called: string
  started: string
  ended: string | null
  length_ms: number
  bytes: number
  kind: 'call' | 'message'
}

export const list = (query: Query) => get<Page<Recording>>('/recordings', query)

/** A signed address that an `<audio>` element can play without a header. */
export const link = (id: string) =>
  post<{ url: string; expires_at: string }>(`/recordings/${encodeURIComponent(id)}/link`)

/** The same address, answered as a file to save. */
export const asDownload = (url: string) => `${url}${url.includes('?') ? '&' : '?'}download=1`
