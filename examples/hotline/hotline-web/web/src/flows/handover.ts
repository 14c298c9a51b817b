/** An imported document on its way from the list of flows to the editor. */

import type { FlowDocument } from './model/document'

let waiting: FlowDocument | null = null

export function handOver(document: FlowDocument): void {
  waiting = document
}

export function takeOver(id: string): FlowDocument | null {
  const document = waiting?.id === id ? waiting : null
  waiting = null
  return document
}
