/** A list that is read page by page. */

import { computed, ref, shallowRef } from 'vue'
import type { Page } from '@/api/http'
import { explain, t } from '@/locale'

export function usePages<T>(fetch: (after: string | null) => Promise<Page<T>>) {
  const items = shallowRef<T[]>([])
  const next = ref<string | null>(null)
  const loading = ref(false)
  const failure = ref<string | null>(null)
  /** Counts the searches, so that the answer to an older one is dropped. */
  let search = 0

  async function read(after: string | null) {
    const mine = ++search
    loading.value = true
    failure.value = null
    try {
      const page = await fetch(after)
      if (mine !== search) return
      items.value = after === null ? page.items : [...items.value, ...page.items]
      next.value = page.next
    } catch (error) {
      if (mine === search) failure.value = explain(error)
    } finally {
      if (mine === search) loading.value = false
    }
  }

  const foot = computed(() =>
    failure.value ?? t(next.value === null ? 'records.end' : 'records.shown', { count: items.value.length }),
  )

  return {
    items,
    next,
    loading,
    failure,
    foot,
    reload: () => read(null),
    more: () => (next.value === null ? Promise.resolve() : read(next.value)),
  }
}
