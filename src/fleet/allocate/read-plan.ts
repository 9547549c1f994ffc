import { dirname, resolve } from 'node:path'
import type { DocumentKind } from '../../io/document-file.ts'
import { didYouMean, nearest } from '../../model/did-you-mean.ts'
import { type Finding, faultOf } from '../../schema/findings.ts'
import { parseYaml, textOf } from '../read-yaml.ts'
import { type PlanFile, planSchema, type TermSource } from './plan-schema.ts'
import { TERM_NAMES, TERMS, type TermName, type TermShape } from './terms.ts'

const PLAN: DocumentKind = {
  mistaken: (received) => `expected a plan of an allocation, received ${received}`,
  maxBytes: 1 << 20,
}

/** A plan, its paths made absolute. */
export type Plan = PlanFile

/** Terms that need each other; those of the first group are always needed. */
const TOGETHER: readonly (readonly TermName[])[] = [
  ['machines', 'power', 'reservations', 'usage'],
  ['net_costs', 'direct_costs'],
  ['pue', 'intensity'],
  ['regions', 'prices', 'sales'],
]

/** Throws a ConfigFault with all that is wrong, each with its line. */
export function readPlan(file: string): Plan {
  const data = parseYaml(textOf(file, PLAN), file, planSchema, (plan, source) =>
    faultsOf(plan).map((one) => faultOf(one, source)),
  )
  for (const term of Object.values(data.terms)) {
    if (term !== null && term.csv !== null) term.csv = resolve(dirname(file), term.csv)
  }
  return data
}

/** What no schema can say. */
function faultsOf({ terms, services }: PlanFile): Finding[] {
  const missing = TOGETHER.flatMap((group, index) => {
    const there = group.filter((name) => terms[name] !== null)
    if (index > 0 && there.length === 0) return []
    const why = index === 0 ? 'which every allocation needs' : `which goes with ${there.join(' and ')}`
    return group
      .filter((name) => terms[name] === null)
      .map((name) => ({ path: ['terms'], text: `expected the term ${name}, ${why}, received none` }))
  })
  if (Object.keys(services).length > 0 && terms.service_usage === null) {
    missing.push({ path: ['services'], text: 'expected the term service_usage beside services, received none' })
  }
  return [...missing, ...TERM_NAMES.flatMap((name) => sourceFaults(name, terms[name]))]
}

/** A file or queries, each of a column. */
function sourceFaults(name: TermName, source: TermSource | null) {
  if (source === null) return []
  const { csv, promql: queries } = source
  if ((csv === null) === (queries === null)) {
    const received = csv === null ? 'none' : 'both'
    return [{ path: ['terms', name], text: `expected csv or promql, one of the two, received ${received}` }]
  }
  if (queries === null) return []
  const { numbers, names }: TermShape = TERMS[name]
  // Without a number, the labels say all.
  const columns = numbers.length === 0 ? [names.at(-1) ?? ''] : numbers
  const path = ['terms', name, 'promql']
  const unknown = Object.keys(queries)
    .filter((column) => !columns.includes(column))
    .map((column) => ({
      path: [...path, column],
      text: `expected one of the keys ${columns.join(', ')}, received the unknown key ${JSON.stringify(column)}${didYouMean([nearest(column, columns)])}`,
    }))
  if (unknown.length > 0 || Object.keys(queries).length > 0) return unknown
  return [{ path, text: `expected a query for ${columns.join(' or ')}, received none` }]
}
