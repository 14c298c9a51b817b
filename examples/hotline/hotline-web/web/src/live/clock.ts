/** One ticking clock for the whole page, set to the server's time. */

import { computed, ref } from 'vue'
import { learnOffset } from '@/format'

const SAMPLES = 20
const offsets: number[] = []
const offset = ref(0)
const tick = ref(Date.now())

setInterval(() => (tick.value = Date.now()), 1000)

/** The server's time now, in milliseconds since 1970; changes once a second. */
export const serverNow = computed(() => tick.value + offset.value)

/**
 * Learns the server's clock from a time stamp that just arrived. A stamp can only be late, so the
 * largest difference of the last few is the nearest; replayed old events do no harm.
 */
export function learnTime(at: string | undefined): void {
  const time = at ? Date.parse(at) : NaN
  if (Number.isNaN(time)) return
  learnOffset(at)
  offsets.push(time - Date.now())
  if (offsets.length > SAMPLES) offsets.shift()
  const best = Math.max(...offsets)
  // Below half a second the two clocks agree as far as a display of seconds can show.
  offset.value = Math.abs(best) < 500 || best < -600_000 ? 0 : best
}

/** The server's time this very moment; not reactive. */
export function serverTime(): number {
  return Date.now() + offset.value
}

/** Milliseconds since `at`, never below zero; `null` stays `null`. */
export function elapsedMs(at: string | null | undefined): number | null {
  const time = at ? Date.parse(at) : NaN
  return Number.isNaN(time) ? null : Math.max(0, serverNow.value - time)
}
