/** Findings of the check, by the node they are about. */

import type { Finding, FlowDocument } from './document'

export interface NodeFindings {
  errors: number
  warnings: number
  findings: Finding[]
}

export function byNode(findings: readonly Finding[]): Map<string, NodeFindings> {
  const found = new Map<string, NodeFindings>()
  for (const finding of findings) {
    if (!finding.node) continue
    const at = found.get(finding.node) ?? { errors: 0, warnings: 0, findings: [] }
    if (finding.severity === 'error') at.errors += 1
    else at.warnings += 1
    at.findings.push(finding)
    found.set(finding.node, at)
  }
  return found
}

export function errors(findings: readonly Finding[]): number {
  return findings.filter((finding) => finding.severity === 'error').length
}

/** Errors first, each group in the order of the server. */
export function inOrder(findings: readonly Finding[]): Finding[] {
  return [...findings].sort((a, b) => Number(a.severity === 'warning') - Number(b.severity === 'warning'))
}

/** The outlet that a finding is about, if it is about one. */
export function outletOf(finding: Finding): string | null {
  return /^out\.(.+)$/.exec(finding.field ?? '')?.[1] ?? null
}

/** Whether the finding is about a key that was made an outlet and leads nowhere yet. */
export function isOpenKey(finding: Finding, document: FlowDocument): boolean {
  const outlet = outletOf(finding)
  return finding.node !== null && outlet !== null && document.nodes[finding.node]?.out?.[outlet] === ''
}
