import { get, getLargeBlob, post, type Page, type Query } from './http'

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
  held: string | null
}

export const list = (query: Query) => get<Page<Recording>>('/recordings', query)

/** A tar archive of a table and the WAV files that fit. */
export const pack = (query: Query) => getLargeBlob('/recordings/export', query)

/** Keeps the recording of a hostile call as evidence. */
export const hostile = (id: string, reason: string) =>
  post(`/recordings/${encodeURIComponent(id)}/hostile`, { reason })

/** A signed address that an `<audio>` element can play without a header. */
export const link = (id: string) =>
  post<{ url: string; expires_at: string }>(`/recordings/${encodeURIComponent(id)}/link`)

/** The same address, answered as a file to save. */
export const asDownload = (url: string) => `${url}${url.includes('?') ? '&' : '?'}download=1`
