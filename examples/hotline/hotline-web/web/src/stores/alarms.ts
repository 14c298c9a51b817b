/** Alarms that are not cleared, for the badge; the list page reads its own pages. */

import { defineStore } from 'pinia'
import { computed, ref } from 'vue'
import * as api from '@/api/alarms'
import { useLive } from './live'
import { useSession } from './session'

const REFRESH_MS = 30_000

export const useAlarms = defineStore('alarms', () => {
  const live = useLive()
  const session = useSession()
  const items = ref<api.Alarm[]>([])
  const active = computed(() => items.value.filter((alarm) => alarm.cleared === null).length)

  async function refresh(): Promise<void> {
    if (!session.user) return
    try {
      items.value = (await api.list({ limit: 50 })).items
    } catch {
      // The badge keeps what it knew; the next event or turn tries again.
    }
  }

  live.onEvent((event) => {
    if (event.name.startsWith('alarm_')) void refresh()
  })
  setInterval(() => void refresh(), REFRESH_MS)
  session.whenOver(() => (items.value = []))

  return { items, active, refresh }
})
