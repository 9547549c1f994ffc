import { type Allocation, HANDING, type Round } from './allocate.ts'
import { type Amounts, add, Matrix, sumOf } from './amounts.ts'

/** One column of the picture: what stands in it, and what comes to it from the column before. */
export interface Stage {
  readonly heading: string
  /** µJ by name. */
  readonly amounts: Amounts
  /** µJ by name in the column before and name in this one; empty in the first. */
  readonly links: Matrix
}

const HEADINGS: Readonly<Record<Round, string>> = {
  idle: 'idle',
  dynamic: 'dynamic',
  physical: 'users',
  major: 'after major',
  storage: 'after storage',
  'cost-1': 'after minor',
  'cost-2': 'after minor, again',
}

const UNSOLD = 'not sold'

/** From clusters to users, through each round that handed anything on, to customers. The sum is the same in each. */
export function stagesOf({ rounds, flows, customers }: Allocation, mostNames: number): Stage[] {
  const physical = totals(rounds.physical)
  const all: Stage[] = [
    { heading: 'clusters', amounts: totals(transposed(rounds.physical)), links: new Matrix() },
    { heading: HEADINGS.physical, amounts: physical, links: transposed(rounds.physical) },
  ]
  let before = physical
  for (const round of HANDING) {
    if (flows[round].total === 0n) continue
    const after = totals(rounds[round])
    all.push({ heading: HEADINGS[round], amounts: after, links: withRest(flows[round], before, (name) => name) })
    before = after
  }
  if (customers !== null) {
    const links = withRest(customers.soldUj, before, () => UNSOLD)
    all.push({ heading: 'customers', amounts: totals(transposed(links)), links })
  }
  return merged(all, mostNames)
}

function totals(matrix: Matrix): Map<string, bigint> {
  return new Map(matrix.rows.map((row) => [row, sumOf(matrix.row(row).values())]))
}

function transposed(matrix: Matrix): Matrix {
  const turned = new Matrix()
  for (const row of matrix.rows) for (const [column, amount] of matrix.row(row)) turned.add(column, row, amount)
  return turned
}

/** What of each name flows, and the rest of it to where it stays. */
function withRest(flows: Matrix, before: Amounts, where: (name: string) => string): Matrix {
  const links = new Matrix()
  for (const [name, amount] of before) {
    for (const [to, uj] of flows.row(name)) links.add(name, to, uj)
    links.add(name, where(name), amount - sumOf(flows.row(name).values()))
  }
  return links
}

/** Shows the largest names of a column, and the rest of them as one. */
function merged(stages: readonly Stage[], mostNames: number): Stage[] {
  const nameOf = new Map<Stage, (name: string) => string>()
  for (const stage of stages) {
    const names = [...stage.amounts].sort(([a, ours], [b, theirs]) =>
      ours === theirs ? (a < b ? -1 : 1) : ours > theirs ? -1 : 1,
    )
    const shown = new Set(names.slice(0, mostNames).map(([name]) => name))
    const rest = `${names.length - shown.size} more`
    nameOf.set(stage, (name) => (shown.has(name) ? name : rest))
  }
  return stages.map((stage, at) => {
    const [own, previous] = [nameOf.get(stage), nameOf.get(stages[at - 1] ?? stage)]
    const [amounts, links] = [new Map<string, bigint>(), new Matrix()]
    for (const [name, amount] of stage.amounts) add(amounts, own?.(name) ?? name, amount)
    for (const row of stage.links.rows) {
      for (const [column, amount] of stage.links.row(row)) {
        links.add(previous?.(row) ?? row, own?.(column) ?? column, amount)
      }
    }
    return { ...stage, amounts, links }
  })
}
