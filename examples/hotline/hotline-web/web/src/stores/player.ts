/** The one recording that is being played, in the dock at the bottom of the page. */

import { defineStore } from 'pinia'
import { ref } from 'vue'

export interface Track {
  recording: string
  title: string
  detail: string
}

export const usePlayer = defineStore('player', () => {
  const track = ref<Track | null>(null)

  function play(next: Track): void {
    // A new object each time: asking for the same recording again starts it anew.
    track.value = { ...next }
  }

  function close(): void {
    track.value = null
  }

  return { track, play, close }
})
