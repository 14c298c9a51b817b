/** What changes rarely: ticket categories, server status. */

import { defineStore } from 'pinia'
import { computed, ref } from 'vue'
import * as flows from '@/api/flows'
import { status as readStatus, type Status } from '@/api/status'
import { categories as readCategories, type Category } from '@/api/tickets'
import { learnOffset } from '@/format'
import { language } from '@/locale'
import { useSession } from '@/stores/session'

interface Entry {
  code: string
  parent: string | null
  name: string
}

export const useCatalogue = defineStore('catalogue', () => {
  const tree = ref<Category[]>([])
  const status = ref<Status | null>(null)
  /** Whether this server lets flows be drawn. */
  const hasFlows = ref(false)

  /** Every category with the names above it, in the chosen language. */
  const categories = computed(() => {
    const all = flatten(tree.value, null)
    const byCode = new Map(all.map((entry) => [entry.code, entry]))
    return all.map((entry) => {
      const names: string[] = []
      // Bounded: a loop in the data must not hang the page.
      for (let at: Entry | undefined = entry; at && names.length < 8; at = byCode.get(at.parent ?? '')) names.unshift(at.name)
      return { value: entry.code, label: names.join(' / ') }
    })
  })
  const names = computed(() => new Map(categories.value.map((category) => [category.value, category.label])))

  async function load(): Promise<void> {
    await Promise.all([
      readCategories().then((answer) => (tree.value = Array.isArray(answer) ? answer : answer.items)),
      readStatus().then((answer) => {
        learnOffset(answer.started_at)
        status.value = answer
      }),
    ]).catch(() => {})
    if (useSession().supervises) hasFlows.value = await flows.list().then(() => true, () => false)
  }

  function flatten(items: Category[], above: string | null): Entry[] {
    return items.flatMap(({ code, parent, label_zh, label_en, children }) => {
      const name = language.value === 'en' ? label_en || label_zh : label_zh
      return [{ code, parent: parent ?? above, name }, ...flatten(children ?? [], code)]
    })
  }

  return { categories, names, status, hasFlows, load }
})
