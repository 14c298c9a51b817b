/** Plays recordings one after another; one player for the whole page. */

import { ref } from 'vue'
import { Problem } from '@/api/http'
import * as api from '@/api/prompts'

/** The recording that sounds now. */
const current = ref<string | null>(null)
const failed = ref<string | null>(null)
let audio: HTMLAudioElement | null = null
/** Counts what was asked for, so that an older row of recordings stops. */
let asked = 0

type Known = Map<string, Pick<api.Prompt, 'language' | 'id'>>

export function usePromptPlayer() {
  return { current, failed, play, toggle, hear, stop }
}

/** Plays these recordings; answers when they have sounded, or others were asked for. */
async function play(ids: string[], known: Known): Promise<void> {
  stop()
  const mine = asked
  failed.value = null
  for (const id of ids) {
    try {
      const blob = await api.audio(known.get(id)?.language ?? 'zh-CN', id)
      if (mine !== asked) return
      current.value = id
      await sound(blob)
    } catch (error) {
      // A recording that is not there is passed over; the rest is heard.
      if (mine === asked) failed.value = id
      if (error instanceof Problem && error.status === 0) break
    }
    if (mine !== asked) return
  }
  current.value = null
}

async function toggle(ids: string[], known: Known): Promise<void> {
  if (current.value !== null && ids.includes(current.value)) stop()
  else await play(ids, known)
}

/** Plays one sound under a name of the caller's, or stops it. */
async function hear(name: string, fetch: () => Promise<Blob>): Promise<void> {
  const again = current.value === name
  stop()
  if (again) return
  const mine = asked
  failed.value = null
  try {
    const blob = await fetch()
    if (mine !== asked) return
    current.value = name
    await sound(blob)
  } catch {
    if (mine === asked) failed.value = name
  }
  if (mine === asked) current.value = null
}

/** Plays a sound that the page has at hand. */
async function sound(blob: Blob): Promise<void> {
  const url = URL.createObjectURL(blob)
  const element = new Audio(url)
  audio = element
  try {
    await new Promise<void>((done, failed) => {
      element.addEventListener('ended', () => done())
      element.addEventListener('pause', () => done())
      element.addEventListener('error', () => failed(new Error('cannot be played')))
      element.play().catch(failed)
    })
  } finally {
    URL.revokeObjectURL(url)
  }
}

function stop(): void {
  asked += 1
  audio?.pause()
  audio = null
  current.value = null
}
