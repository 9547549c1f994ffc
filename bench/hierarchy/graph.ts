import { Chance } from './chance.ts'

/** Places of a site and what they stand next to. */
export interface Graph {
  /** By node: a rack, a room, the cooling or the whole. */
  readonly kinds: readonly number[]
  readonly neighbours: readonly (readonly number[])[]
  /** The node whose correction is told. */
  readonly target: number
}

/** Of each node, in one hour. */
export type Features = readonly (readonly number[])[]

const HIDDEN = 8
const ROUNDS = 2
const KINDS = 4
const RATE = 0.004
const DECAY = 1e-4
const [BETA1, BETA2] = [0.9, 0.999]

/**
 * A small network that passes messages: each node's state is made of its features, then twice of its own and the mean of its
 * neighbours' states, with the same weights everywhere. The last state of one node tells the correction.
 */
export class MessagePassing {
  readonly #graph: Graph
  readonly #inputs: number
  readonly #weights: Float64Array
  readonly #gradient: Float64Array
  readonly #first: Float64Array
  readonly #second: Float64Array
  readonly #states: readonly Float64Array[]
  readonly #means: readonly Float64Array[]
  #steps = 0

  constructor(graph: Graph, inputs: number, seed: number) {
    this.#graph = graph
    this.#inputs = inputs + 1
    const count = KINDS * this.#inputs * HIDDEN + ROUNDS * HIDDEN * (2 * HIDDEN + 1) + HIDDEN + 1
    const chance = new Chance(seed)
    this.#weights = Float64Array.from({ length: count }, () => chance.normal(0.3))
    // At first it corrects nothing.
    this.#weights.fill(0, count - HIDDEN - 1)
    this.#gradient = new Float64Array(count)
    this.#first = new Float64Array(count)
    this.#second = new Float64Array(count)
    const nodes = graph.kinds.length
    this.#states = Array.from({ length: ROUNDS + 1 }, () => new Float64Array(nodes * HIDDEN))
    this.#means = Array.from({ length: ROUNDS }, () => new Float64Array(nodes * HIDDEN))
  }

  get weights(): Float64Array {
    return this.#weights.slice()
  }

  set weights(weights: Float64Array) {
    this.#weights.set(weights)
  }

  tell(features: Features): number {
    const [weights, kinds] = [this.#weights, this.#graph.kinds]
    const start = this.#states[0] as Float64Array
    for (let node = 0; node < kinds.length; node++) {
      for (let unit = 0; unit < HIDDEN; unit++) {
        const base = this.#inputAt(kinds[node] ?? 0, unit)
        let sum = at(weights, base)
        for (let input = 1; input < this.#inputs; input++)
          sum += at(weights, base + input) * (features[node]?.[input - 1] ?? 0)
        start[node * HIDDEN + unit] = Math.tanh(sum)
      }
    }
    for (let round = 0; round < ROUNDS; round++) this.#pass(round)
    const last = this.#states[ROUNDS] as Float64Array
    const output = this.#outputAt
    let told = at(weights, output)
    for (let unit = 0; unit < HIDDEN; unit++)
      told += at(weights, output + 1 + unit) * at(last, this.#graph.target * HIDDEN + unit)
    return told
  }

  /** One step towards what some hours' corrections should have been. */
  learn(batch: readonly (readonly [features: Features, correction: number])[]): void {
    this.#gradient.fill(0)
    for (const [features, correction] of batch) this.#add(features, (this.tell(features) - correction) / batch.length)
    this.#steps++
    for (const [index, slope] of this.#gradient.entries()) {
      const full = slope + DECAY * at(this.#weights, index)
      this.#first[index] = BETA1 * at(this.#first, index) + (1 - BETA1) * full
      this.#second[index] = BETA2 * at(this.#second, index) + (1 - BETA2) * full * full
      const mean = at(this.#first, index) / (1 - BETA1 ** this.#steps)
      const square = at(this.#second, index) / (1 - BETA2 ** this.#steps)
      this.#weights[index] = at(this.#weights, index) - (RATE * mean) / (Math.sqrt(square) + 1e-8)
    }
  }

  #pass(round: number): void {
    const [before, means, after] = [this.#states[round], this.#means[round], this.#states[round + 1]] as Float64Array[]
    if (before === undefined || means === undefined || after === undefined) return
    for (const [node, neighbours] of this.#graph.neighbours.entries()) {
      for (let unit = 0; unit < HIDDEN; unit++) {
        let sum = 0
        for (const other of neighbours) sum += at(before, other * HIDDEN + unit)
        means[node * HIDDEN + unit] = sum / Math.max(1, neighbours.length)
      }
      for (let unit = 0; unit < HIDDEN; unit++) {
        const base = this.#roundAt(round, unit)
        let sum = at(this.#weights, base)
        for (let from = 0; from < HIDDEN; from++) {
          sum += at(this.#weights, base + 1 + from) * at(before, node * HIDDEN + from)
          sum += at(this.#weights, base + 1 + HIDDEN + from) * at(means, node * HIDDEN + from)
        }
        after[node * HIDDEN + unit] = Math.tanh(sum)
      }
    }
  }

  #add(features: Features, error: number): void {
    const [weights, gradient] = [this.#weights, this.#gradient]
    const last = this.#states[ROUNDS] as Float64Array
    const output = this.#outputAt
    let slopes = new Float64Array(last.length)
    add(gradient, output, error)
    for (let unit = 0; unit < HIDDEN; unit++) {
      const place = this.#graph.target * HIDDEN + unit
      add(gradient, output + 1 + unit, error * at(last, place))
      slopes[place] = error * at(weights, output + 1 + unit)
    }
    for (let round = ROUNDS - 1; round >= 0; round--) slopes = this.#back(round, slopes)
    const start = this.#states[0] as Float64Array
    for (const [node, kind] of this.#graph.kinds.entries()) {
      for (let unit = 0; unit < HIDDEN; unit++) {
        const place = node * HIDDEN + unit
        const slope = at(slopes, place) * (1 - at(start, place) ** 2)
        if (slope === 0) continue
        const base = this.#inputAt(kind, unit)
        add(gradient, base, slope)
        for (let input = 1; input < this.#inputs; input++)
          add(gradient, base + input, slope * (features[node]?.[input - 1] ?? 0))
      }
    }
  }

  #back(round: number, slopes: Float64Array): Float64Array<ArrayBuffer> {
    const [before, means, after] = [this.#states[round], this.#means[round], this.#states[round + 1]] as Float64Array[]
    const result = new Float64Array(slopes.length)
    if (before === undefined || means === undefined || after === undefined) return result
    for (const [node, neighbours] of this.#graph.neighbours.entries()) {
      for (let unit = 0; unit < HIDDEN; unit++) {
        const place = node * HIDDEN + unit
        const slope = at(slopes, place) * (1 - at(after, place) ** 2)
        if (slope === 0) continue
        const base = this.#roundAt(round, unit)
        add(this.#gradient, base, slope)
        for (let from = 0; from < HIDDEN; from++) {
          add(this.#gradient, base + 1 + from, slope * at(before, node * HIDDEN + from))
          add(this.#gradient, base + 1 + HIDDEN + from, slope * at(means, node * HIDDEN + from))
          add(result, node * HIDDEN + from, slope * at(this.#weights, base + 1 + from))
          const each = (slope * at(this.#weights, base + 1 + HIDDEN + from)) / Math.max(1, neighbours.length)
          for (const other of neighbours) add(result, other * HIDDEN + from, each)
        }
      }
    }
    return result
  }

  #inputAt(kind: number, unit: number): number {
    return (kind * HIDDEN + unit) * this.#inputs
  }

  #roundAt(round: number, unit: number): number {
    return KINDS * this.#inputs * HIDDEN + (round * HIDDEN + unit) * (2 * HIDDEN + 1)
  }

  get #outputAt(): number {
    return this.#weights.length - HIDDEN - 1
  }
}

const at = (list: Float64Array, index: number): number => list[index] as number

function add(list: Float64Array, index: number, value: number): void {
  list[index] = at(list, index) + value
}
