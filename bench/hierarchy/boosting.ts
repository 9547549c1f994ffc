interface Node {
  readonly feature: number
  readonly below: number
  readonly left: Node | number
  readonly right: Node | number
}

const TREES = 200
const DEPTH = 3
const RATE = 0.08
const LEAST_ROWS = 20
const CUTS = 24

/** Gradient boosting of small regression trees, for squared errors. */
export class Boosting {
  readonly #mean: number
  readonly #trees: Node[] = []

  constructor(rows: readonly (readonly number[])[], targets: readonly number[]) {
    this.#mean = mean(targets)
    const columns = columnsOf(rows)
    const left = Float64Array.from(targets, (target) => target - this.#mean)
    const all = rows.map((_, index) => index)
    for (let count = 0; count < TREES; count++) {
      const tree = grow(columns, left, all, DEPTH)
      if (typeof tree === 'number') return
      this.#trees.push(tree)
      for (const [index, row] of rows.entries()) left[index] = (left[index] ?? 0) - RATE * leafOf(tree, row)
    }
  }

  tell(row: readonly number[]): number {
    return this.#trees.reduce((sum, tree) => sum + RATE * leafOf(tree, row), this.#mean)
  }
}

/** A feature: where it may be cut, and how many of the cuts each row is not below. */
interface Column {
  readonly cuts: readonly number[]
  readonly bins: Uint8Array
}

function grow(
  columns: readonly Column[],
  targets: Float64Array,
  within: readonly number[],
  depth: number,
): Node | number {
  const whole = within.reduce((sum, index) => sum + (targets[index] ?? 0), 0)
  let best = { gain: 1e-12, feature: -1, bin: 0 }
  for (const [feature, { cuts, bins }] of depth > 0 ? columns.entries() : []) {
    const counts = new Float64Array(cuts.length + 1)
    const sums = new Float64Array(cuts.length + 1)
    for (const index of within) {
      const bin = bins[index] ?? 0
      counts[bin] = (counts[bin] ?? 0) + 1
      sums[bin] = (sums[bin] ?? 0) + (targets[index] ?? 0)
    }
    let [count, sum] = [0, 0]
    for (let bin = 0; bin < cuts.length; bin++) {
      count += counts[bin] ?? 0
      sum += sums[bin] ?? 0
      const others = within.length - count
      if (count < LEAST_ROWS || others < LEAST_ROWS) continue
      const gain = sum ** 2 / count + (whole - sum) ** 2 / others - whole ** 2 / within.length
      if (gain > best.gain) best = { gain, feature, bin }
    }
  }
  const column = columns[best.feature]
  if (column === undefined) return within.length === 0 ? 0 : whole / within.length
  const isLeft = (index: number): boolean => (column.bins[index] ?? 0) <= best.bin
  const others = within.filter((index) => !isLeft(index))
  return {
    feature: best.feature,
    below: column.cuts[best.bin] ?? 0,
    left: grow(columns, targets, within.filter(isLeft), depth - 1),
    right: grow(columns, targets, others, depth - 1),
  }
}

function leafOf(node: Node | number, row: readonly number[]): number {
  let at = node
  while (typeof at !== 'number') at = (row[at.feature] ?? 0) < at.below ? at.left : at.right
  return at
}

function columnsOf(rows: readonly (readonly number[])[]): readonly Column[] {
  return (rows[0] ?? []).map((_, feature) => {
    const values = rows.map((row) => row[feature] ?? 0)
    const sorted = values.toSorted((a, b) => a - b)
    const at = (index: number) => sorted[Math.floor(((index + 1) * sorted.length) / (CUTS + 1))] ?? 0
    const cuts = [...new Set(Array.from({ length: CUTS }, (_, index) => at(index)))]
    return { cuts, bins: Uint8Array.from(values, (value) => cuts.filter((cut) => value >= cut).length) }
  })
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length
