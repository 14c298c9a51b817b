/** Numbers and times as people read them. */

const MINUTE_MS = 60_000

/** `4:05`, or `1:02:03` from one hour on. */
export function duration(ms: number | null | undefined): string {
  if (ms == null) return '—'
  const seconds = Math.floor(ms / 1000)
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return `${minutes}:${two(seconds % 60)}`
  return `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${two(seconds % 60)}`
}

/**
 * Minutes east of UTC at the centre, learnt from the server's own time stamps. People of a centre
 * read and type its wall clock, wherever the browser thinks it is.
 */
let centreOffset = -new Date().getTimezoneOffset()

/** Learns the centre's offset from a stamp such as `2026-11-22T09:00:00+08:00`. */
export function learnOffset(at: string | null | undefined): void {
  const found = /([+-])(\d\d):(\d\d)$/.exec(at ?? '')
  if (found) centreOffset = (found[1] === '-' ? -1 : 1) * (Number(found[2]) * 60 + Number(found[3]))
}

/** A date whose digits in the browser are those of the centre's wall clock at that moment. */
export function atCentre(time: number): Date {
  return new Date(time + (centreOffset + new Date(time).getTimezoneOffset()) * MINUTE_MS)
}

/** `2026-11-22 09:00:00` by the centre's clock. */
export function dateTime(at: string | null | undefined): string {
  const time = at ? Date.parse(at) : NaN
  return Number.isNaN(time) ? '—' : digits(atCentre(time)).replace('T', ' ')
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

/** What was picked by the centre's clock, as RFC 3339: `2026-11-22T09:00:00+08:00`. */
export function rfc3339(picked: Date): string {
  const size = Math.abs(centreOffset)
  return `${digits(picked)}${centreOffset < 0 ? '-' : '+'}${two(Math.floor(size / 60))}:${two(size % 60)}`
}

function digits(date: Date): string {
  const day = [date.getFullYear(), two(date.getMonth() + 1), two(date.getDate())].join('-')
  return `${day}T${[date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(':')}`
}

function two(value: number): string {
  return String(value).padStart(2, '0')
}
