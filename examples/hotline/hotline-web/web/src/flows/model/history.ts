/** Undo and redo: the states a document has had. Pure. */

export interface History<T> {
  past: T[]
  present: T
  future: T[]
  /** What the last change was to; changes to the same thing in a row are one step. */
  to: string | null
}

export const MOST_STEPS = 200

export function begin<T>(present: T): History<T> {
  return { past: [], present, future: [], to: null }
}

/** Takes up a new state. Changes with the same `to` in a row, such as typing into one field, are undone at once. */
export function commit<T>(history: History<T>, next: T, to: string | null = null): History<T> {
  if (next === history.present) return history
  if (to !== null && to === history.to) return { ...history, present: next, future: [] }
  return { past: [...history.past, history.present].slice(-MOST_STEPS), present: next, future: [], to }
}

/** Ends a row: the next change is a step of its own, whatever it is to. */
export function settle<T>(history: History<T>): History<T> {
  return history.to === null ? history : { ...history, to: null }
}

export function undo<T>(history: History<T>): History<T> {
  const before = history.past.at(-1)
  if (before === undefined) return history
  return { past: history.past.slice(0, -1), present: before, future: [history.present, ...history.future], to: null }
}

export function redo<T>(history: History<T>): History<T> {
  const [after, ...future] = history.future
  if (after === undefined) return history
  return { past: [...history.past, history.present], present: after, future, to: null }
}
