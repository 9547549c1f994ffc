import type { Labels } from './metric.ts'

/**
 * The labels of `node_info`: our own facts, then the labels that the user configured. A label that Prometheus would
 * refuse is renamed, and one whose name is taken gets underscores, so that no configured label can hide a fact.
 */
export function nodeFacts(facts: Labels, configured: Labels): Labels {
  const labels = new Map(Object.entries(facts))
  for (const [wanted, value] of Object.entries(configured)) {
    let name = labelName(wanted)
    while (labels.has(name)) name += '_'
    labels.set(name, value)
  }
  return Object.fromEntries(labels)
}

/**
 * A valid label name: `[a-zA-Z_][a-zA-Z0-9_]*`, not beginning with the two underscores that Prometheus keeps for itself
 * (prometheus.io/docs/concepts/data_model).
 */
function labelName(wanted: string): string {
  const plain = wanted.replaceAll(/[^a-zA-Z0-9_]/g, '_').replace(/^__+/, '_')
  return /^[a-zA-Z_]/.test(plain) ? plain : `_${plain}`
}
