/** Texts of one part of the page, Chinese and English side by side. */

import { language } from '.'

export type Pair = readonly [zh: string, en: string]
export type Values = Record<string, string | number>

/** Returns what gives a text of this part in the chosen language. */
export function textsOf<K extends string>(texts: Record<K, Pair>) {
  return (key: K, values: Values = {}): string =>
    texts[key][language.value === 'en' ? 1 : 0].replace(/\{(\w+)\}/g, (_, name: string) => String(values[name] ?? ''))
}

/** One of two wordings that the server sent. */
export function either(zh: string, en: string): string {
  return (language.value === 'en' ? en || zh : zh || en) ?? ''
}
