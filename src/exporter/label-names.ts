import type { Labels } from './metric.ts'

/**
 * The labels of `node_info`: our own facts, then the labels that the user configured. A name that Prometheus would refuse
 * or that is taken is told apart by the prefix `label_`, so that no configured label can hide a fact.
 */
export function nodeFacts(facts: Labels, configured: Labels): Labels {
  const labels = new Map(Object.entries(facts))
  for (const [wanted, value] of Object.entries(configured)) {
    let name = wanted.replaceAll(/[^a-zA-Z0-9_]/g, '_')
    while (!isUsable(name) || labels.has(name)) name = `label_${name}`
    labels.set(name, value)
  }
  return Object.fromEntries(labels)
}

/** Prometheus keeps two leading underscores for itself (prometheus.io/docs/concepts/data_model). */
function isUsable(name: string): boolean {
  return /^(?!__)[a-zA-Z_][a-zA-Z0-9_]*$/.test(name)
}
