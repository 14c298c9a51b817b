/** Unsaved work, kept in the browser so that a crash, a closed tab or a lost session does not lose it. */

import { isDocument, isObject, type FlowDocument } from './document'

export interface Kept {
  document: FlowDocument
  /** The draft that was changed: its tag, or `null` for a flow without one. */
  etag: string | null
  at: string
  by: string
}

type Shelf = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>

const PREFIX = 'hotline.flow.'

/** Returns whether it could be kept; a browser may be out of room. */
export function keep(shelf: Shelf, kept: Kept): boolean {
  try {
    shelf.setItem(PREFIX + kept.document.id, JSON.stringify(kept))
    return true
  } catch {
    return false
  }
}

/** What this user left unsaved of a flow; what somebody else left is his. */
export function kept(shelf: Shelf, id: string, by: string): Kept | null {
  try {
    const value: unknown = JSON.parse(shelf.getItem(PREFIX + id) ?? 'null')
    return isObject(value) && value.by === by && isDocument(value.document) ? (value as unknown as Kept) : null
  } catch {
    return null
  }
}

export function forget(shelf: Shelf, id: string): void {
  shelf.removeItem(PREFIX + id)
}
