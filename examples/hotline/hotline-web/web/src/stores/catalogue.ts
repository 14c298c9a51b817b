/** What changes rarely: ticket categories, server status. */

import { defineStore } from 'pinia'
import { computed, ref } from 'vue'
import { status as readStatus, type Status } from '@/api/status'
import { categories as readCategories, type Category } from '@/api/tickets'
import { language } from '@/locale'

export const useCatalogue = defineStore('catalogue', () => {
  const tree = ref<Category[]>([])
  const status = ref<Status | null>(null)

  /** Every category with the names above it, in the chosen language. */
  const categories = computed(() => flatten(tree.value, ''))
  const names = computed(() => new Map(categories.value.map((category) => [category.value, category.label])))

  async function load(): Promise<void> {
    await Promise.all([
      readCategories().then((answer) => (tree.value = Array.isArray(answer) ? answer : answer.items)),
      readStatus().then((answer) => (status.value = answer)),
    ]).catch(() => {})
  }

  function flatten(items: Category[], above: string): { value: string; label: string }[] {
    return items.flatMap((item) => {
      const label = above + (language.value === 'en' ? item.label_en || item.label_zh : item.label_zh)
      return [{ value: item.code, label }, ...flatten(item.children ?? [], `${label} / `)]
    })
  }

  return { categories, names, status, load }
})
