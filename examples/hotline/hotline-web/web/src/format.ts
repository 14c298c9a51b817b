/** Numbers and times as people read them. */

/** `4:05`, or `1:02:03` from one hour on. */
export function duration(ms: number | null | undefined): string {
  if (ms == null) return '—'
  const seconds = Math.floor(ms / 1000)
  const two = (value: number) => String(value).padStart(2, '0')
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return `${minutes}:${two(seconds % 60)}`
  return `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${two(seconds % 60)}`
}

const date = new Intl.DateTimeFormat('sv-SE', { dateStyle: 'short', timeStyle: 'medium' })

/** `2026-11-22 09:00:00` in the browser's zone. */
export function dateTime(at: string | null | undefined): string {
  const time = at ? Date.parse(at) : NaN
  return Number.isNaN(time) ? '—' : date.format(time)
}

/** `11-22 09:00`: short, for narrow places. */
export function shortDateTime(at: string | null | undefined): string {
  const full = dateTime(at)
  return full === '—' ? full : full.slice(5, 16)
}

export function percent(share: number | null | undefined): string {
  if (share == null) return '—'
  return share >= 1 ? '100%' : `${Math.min(share * 100, 99.9).toFixed(1)}%`
}

export function bytes(count: number): string {
  if (count < 1024 * 1024) return `${Math.max(1, Math.round(count / 1024))} KB`
  return `${(count / 1024 / 1024).toFixed(1)} MB`
}

/** A date as RFC 3339 with the browser's offset: `2026-11-22T09:00:00+08:00`. */
export function rfc3339(value: Date): string {
  const offset = -value.getTimezoneOffset()
  const local = new Date(value.getTime() + offset * 60_000).toISOString().slice(0, 19)
  const two = (part: number) => String(Math.floor(part)).padStart(2, '0')
  const size = Math.abs(offset)
  return `${local}${offset < 0 ? '-' : '+'}${two(size / 60)}:${two(size % 60)}`
}
