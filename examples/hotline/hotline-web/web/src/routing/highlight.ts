/** Words of a script by kind, so that it can be shown in colours. Pure. */

export type Kind = 'plain' | 'comment' | 'quoted' | 'number' | 'keyword' | 'entry'

export interface Piece {
  kind: Kind
  text: string
}

const TOKENS = /(\/\/[^\n]*|\/\*[\s\S]*?(?:\*\/|$))|("(?:\\.|[^"\\\n])*"?|`[^`]*`?)|(\b\d[\d_.]*\b)|([A-Za-z_]\w*)/g
const KEYWORDS = new Set(['fn', 'let', 'const', 'if', 'else', 'switch', 'for', 'in', 'while', 'loop', 'break', 'continue', 'return', 'true', 'false'])
const ENTRIES = new Set(['contact_key', 'agent_key', 'pick'])

export function pieces(source: string): Piece[] {
  const found: Piece[] = []
  let end = 0
  for (const match of source.matchAll(TOKENS)) {
    if (match.index > end) found.push({ kind: 'plain', text: source.slice(end, match.index) })
    const [text, comment, quoted, number, name] = match
    const kind: Kind = comment ? 'comment' : quoted ? 'quoted' : number ? 'number' : KEYWORDS.has(name!) ? 'keyword' : ENTRIES.has(name!) ? 'entry' : 'plain'
    found.push({ kind, text })
    end = match.index + text.length
  }
  if (end < source.length) found.push({ kind: 'plain', text: source.slice(end) })
  return found
}

/** What a new line begins with: the blanks of the line before, and two more behind a brace. */
export function indent(before: string): string {
  const line = before.slice(before.lastIndexOf('\n') + 1)
  const blanks = /^\s*/.exec(line)![0]
  return blanks + (/\{\s*$/.test(line) ? '  ' : '')
}

/** Where a line begins in the text; the line is counted from 1 on. */
export function startOf(source: string, line: number): number {
  let at = 0
  for (let n = 1; n < line; n += 1) {
    const next = source.indexOf('\n', at)
    if (next < 0) return at
    at = next + 1
  }
  return at
}
