/** Who is signed in to the page. */

import { defineStore } from 'pinia'
import { computed, ref } from 'vue'
import { useToken, whenUnauthorized } from '@/api/http'
import * as api from '@/api/session'

const STORED = 'hotline.session'

export const useSession = defineStore('session', () => {
  const user = ref<api.User | null>(null)
  /** Set when a session ended by itself, so that the sign-in page can say so. */
  const expired = ref(false)
  const endings: (() => void)[] = []

  const agentId = computed(() => user.value?.agent ?? null)
  const supervises = computed(() => user.value?.role === 'supervisor' || user.value?.role === 'admin')
  const administers = computed(() => user.value?.role === 'admin')

  /** Runs when the session is over, however it ended. */
  function whenOver(run: () => void): void {
    endings.push(run)
  }

  function keep(session: api.Session): void {
    useToken(session.token)
    user.value = session.user
    expired.value = false
    sessionStorage.setItem(STORED, JSON.stringify(session))
  }

  function over(): void {
    if (!user.value) return
    for (const run of endings) run()
    useToken(null)
    user.value = null
    sessionStorage.removeItem(STORED)
  }

  async function signIn(name: string, password: string): Promise<void> {
    keep(await api.signIn(name, password))
  }

  async function signOut(): Promise<void> {
    await api.signOut().catch(() => {})
    over()
  }

  /** Takes up the session of before a reload, if it still holds. */
  function restore(): void {
    try {
      const session = JSON.parse(sessionStorage.getItem(STORED) ?? 'null') as api.Session | null
      if (session && Date.parse(session.expires_at) > Date.now()) keep(session)
    } catch {
      sessionStorage.removeItem(STORED)
    }
  }

  whenUnauthorized(() => {
    expired.value = true
    over()
  })

  return { user, expired, agentId, supervises, administers, signIn, signOut, restore, whenOver, over }
})
