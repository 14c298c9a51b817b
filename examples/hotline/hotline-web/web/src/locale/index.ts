/** Texts by key in the chosen language. */

import { computed, ref, watchEffect } from 'vue'
import elementEn from 'element-plus/es/locale/lang/en'
import elementZhCn from 'element-plus/es/locale/lang/zh-cn'
import { Problem } from '@/api/http'
import { en } from './en'
import { zhCn, type TextKey } from './zh-cn'

export type { TextKey }
export type Language = 'zh-CN' | 'en'

const TEXTS: Record<Language, Record<TextKey, string>> = { 'zh-CN': zhCn, en }
const STORED = 'hotline.language'

export const language = ref<Language>(localStorage.getItem(STORED) === 'en' ? 'en' : 'zh-CN')
export const elementLocale = computed(() => (language.value === 'en' ? elementEn : elementZhCn))

watchEffect(() => {
  document.documentElement.lang = language.value
  localStorage.setItem(STORED, language.value)
})

export function switchLanguage(): void {
  language.value = language.value === 'en' ? 'zh-CN' : 'en'
}

export function t(key: TextKey, values: Record<string, string | number> = {}): string {
  return TEXTS[language.value][key].replace(/\{(\w+)\}/g, (_, name: string) => String(values[name] ?? ''))
}

/** The text of a word the server may extend (`reason.…`, `outcome.…`): the word itself if unknown. */
export function word(prefix: string, code: string | null | undefined): string {
  if (!code) return ''
  const key = `${prefix}.${code}`
  return key in zhCn ? t(key as TextKey) : code
}

/** What to tell a person about a failed request. */
export function explain(error: unknown): string {
  if (!(error instanceof Problem)) return t('error.unknown', { detail: String(error) })
  const key = `error.${error.code}`
  if (key in zhCn) return t(key as TextKey)
  const byStatus = `error.http_${error.status}`
  if (!error.detail && byStatus in zhCn) return t(byStatus as TextKey)
  return t('error.unknown', { detail: error.detail || error.code })
}
