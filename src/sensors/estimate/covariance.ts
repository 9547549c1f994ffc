import type { Features } from './features.ts'

/** How far the power of two machines goes together: a variance for each thing that they can have in common. */
export interface Covariance {
  /** What all machines have in common. */
  readonly base: number
  /** For each of the features' values, of its slope. */
  readonly slopes: readonly number[]
  readonly generation: number
  readonly maker: number
  readonly makerOfGeneration: number
  readonly line: number
  readonly cpu: number
  /** Of what bends, and how quickly it does with each value: 0 for one that only tilts. */
  readonly bend: number
  readonly bendRates: readonly number[]
}

export function covariance(of: Covariance, a: Features, b: Features): number {
  let tilt = 0
  let distance = 0
  for (let index = 0; index < of.slopes.length; index++) {
    const own = a.values[index] ?? 0
    const other = b.values[index] ?? 0
    tilt += (of.slopes[index] ?? 0) * own * other
    distance += (of.bendRates[index] ?? 0) * (own - other) ** 2
  }
  const sameGeneration = same(a.generation, b.generation)
  const sameMaker = same(a.maker, b.maker)
  return (
    of.base +
    tilt +
    of.generation * sameGeneration +
    of.maker * sameMaker +
    of.makerOfGeneration * sameGeneration * sameMaker +
    of.line * same(a.line, b.line) +
    of.cpu * same(a.cpu, b.cpu) +
    of.bend * Math.exp(-distance / 2)
  )
}

const same = (a: string | null, b: string | null): number => (a !== null && a === b ? 1 : 0)
