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
      const text = /^text:(.*)$/su.exec(id)
      if (text) {
        current.value = id
        await speak(text[1]!, () => mine === asked)
      } else {
        const blob = await api.audio(...placeOf(id, known))
        if (mine !== asked) return
        current.value = id
        await sound(blob)
      }
    } catch (error) {
      // A recording that is not there is passed over; the rest is heard.
      if (mine === asked) failed.value = id
      if (error instanceof Problem && error.status === 0) break
    }
    if (mine !== asked) return
  }
  current.value = null
}

/** The set and the name of a recording; another language than the usual one stands before its name. */
export function placeOf(id: string, known: Known): [string, string] {
  const named = /^([a-z]{2}-[A-Z]{2})\/(.+)$/u.exec(id)
  return named ? [named[1]!, named[2]!] : [known.get(id)?.language ?? 'zh-CN', id]
}

/** Has the centre say a text as callers hear it; where it has no voice the browser does. */
async function speak(text: string, wanted: () => boolean): Promise<void> {
  const language = /\p{Script=Han}/u.test(text) ? 'zh-CN' : 'en-US'
  let said: Blob
  try {
    said = await api.say(language, text)
  } catch {
    if (wanted()) await speakHere(language, text)
    return
  }
  if (wanted()) await sound(said)
}

async function speakHere(language: string, text: string): Promise<void> {
  if (!('speechSynthesis' in window)) throw new Error('no voice')
  const said = new SpeechSynthesisUtterance(text)
  said.lang = language
  await new Promise<void>((done, failed) => {
    said.addEventListener('end', () => done())
    // A text that is broken off has been heard as far as was wanted.
    said.addEventListener('error', ({ error }) => (error === 'canceled' || error === 'interrupted' ? done() : failed(new Error(error))))
    window.speechSynthesis.speak(said)
  })
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
  if ('speechSynthesis' in window) window.speechSynthesis.cancel()
  current.value = null
}
