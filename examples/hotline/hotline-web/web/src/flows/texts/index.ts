/** Texts of the flow editor and the prompts page, in the chosen language. */

import { Problem } from '@/api/http'
import type { Finding, FlowDocument } from '../model/document'
import { isOpenKey, outletOf } from '../model/findings'
import { explain as explainOther, language } from '@/locale'
import { en } from './en'
import { zhCn, type FlowTextKey } from './zh-cn'

export type { FlowTextKey }

export function t(key: FlowTextKey, values: Record<string, string | number> = {}): string {
  const texts: Record<FlowTextKey, string> = language.value === 'en' ? en : zhCn
  return texts[key].replace(/\{(\w+)\}/g, (_, name: string) => String(values[name] ?? ''))
}

/** One of two wordings that the server sent. */
export function pick(words: { zh?: string; en?: string }): string {
  return (language.value === 'en' ? words.en || words.zh : words.zh || words.en) ?? ''
}

/** The other wording, shown smaller beside the first. */
export function pickOther(words: { zh?: string; en?: string }): string {
  return (language.value === 'en' ? words.zh : words.en) ?? ''
}

/** The text of a word of the catalogue: the word itself when the page does not know it. */
export function word(prefix: 'word' | 'type' | 'kind', name: string): string {
  const key = `${prefix}.${name}`
  return key in zhCn ? t(key as FlowTextKey) : name
}

/** A finding in a few words, and what exactly it is about. */
export function told(finding: Finding, document: FlowDocument): { title: string; exact: string } {
  if (isOpenKey(finding, document)) return { title: t('findings.openKey', { key: outletOf(finding) ?? '' }), exact: '' }
  const title = pick(finding)
  return { title: title || finding.reason, exact: title ? finding.reason : '' }
}

export function explain(error: unknown): string {
  if (error instanceof Problem) {
    const key = `error.${error.code}`
    if (key in zhCn) return t(key as FlowTextKey)
  }
  return explainOther(error)
}
