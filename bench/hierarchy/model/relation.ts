import { type Prior, Regression } from '../../../src/model/regression.ts'

/** Some features of a relation that belong to one level, so that its part of the whole can be told. */
export interface Block<Input> {
  readonly name: string
  /** In units of the relation's scale. */
  readonly priors: readonly Prior[]
  features(input: Input): readonly number[]
}

export interface Told {
  readonly powerW: number
  /** Standard uncertainty of one hour. */
  readonly sdW: number
  /** By block. Blocks that go up and down together are known less well than their sum. */
  readonly parts: ReadonlyMap<string, Part>
}

export interface Part {
  readonly powerW: number
  readonly sdW: number
}

/** Below that nothing is learned that priors do not know: two days by the hour. */
const LEAST_ROWS = 48
/** Of the scale. */
const NOISE = 0.01
const SHARE = 0.95
const Z = 1.96

/** What a meter tells by what is inside it and by the weather, learned while it told, from priors. */
export class Relation<Input> {
  readonly #blocks: readonly Block<Input>[]
  readonly #scaleW: number
  readonly #regression: Regression
  /** Standard deviation of what it was off by, of what it told; null where it has learned nothing. */
  readonly #offRatio: number | null

  private constructor(
    blocks: readonly Block<Input>[],
    scaleW: number,
    regression: Regression,
    offRatio: number | null,
  ) {
    this.#blocks = blocks
    this.#scaleW = scaleW
    this.#regression = regression
    this.#offRatio = offRatio
  }

  /** @param scaleW the usual power of the site or rack. `rows` are in the order of time. */
  static learn<Input>(
    blocks: readonly Block<Input>[],
    scaleW: number,
    rows: readonly (readonly [input: Input, powerW: number])[],
  ): Relation<Input> {
    if (rows.length < LEAST_ROWS) return new Relation(blocks, scaleW, regressionOf(blocks), null)
    const half = rows.length >> 1
    const earlier = new Relation(blocks, scaleW, regressionOf(blocks), null)
    earlier.#learn(rows.slice(0, half))
    // Weather and load drift, so what counts is how far off it was in the weeks after it had learned.
    const off = rows.slice(half).map(([input, powerW]) => {
      const told = earlier.tell(input)
      return Math.abs(powerW - told.powerW) / sizeOf(told.powerW, scaleW)
    })
    const learned = new Relation(blocks, scaleW, earlier.#regression, spreadOf(off))
    learned.#learn(rows.slice(half))
    return learned
  }

  get isLearned(): boolean {
    return this.#offRatio !== null
  }

  tell(input: Input): Told {
    const blocks = this.#blocks.map((block) => block.features(input))
    const powerOf = (features: readonly number[]): number => this.#regression.predict(features) * this.#scaleW
    const doubtOf = (features: readonly number[]): number =>
      Math.sqrt(this.#regression.variance(features)) * this.#scaleW
    const alone = blocks.map((_, at) => blocks.flatMap((own, index) => (index === at ? own : own.map(() => 0))))
    const powers = alone.map(powerOf)
    const powerW = powers.reduce((sum, part) => sum + part, 0)
    const sizeW = powers.reduce((sum, part) => sum + Math.abs(part), 0)
    const offW = (this.#offRatio ?? 0) * sizeOf(powerW, this.#scaleW)
    const parts = this.#blocks.map(({ name }, index): [string, Part] => {
      const [partW, features] = [powers[index] ?? 0, alone[index] ?? []]
      return [name, { powerW: partW, sdW: Math.hypot(doubtOf(features), offW * Math.sqrt(Math.abs(partW) / sizeW)) }]
    })
    return { powerW, sdW: Math.hypot(doubtOf(blocks.flat()), offW), parts: new Map(parts) }
  }

  #learn(rows: readonly (readonly [input: Input, powerW: number])[]): void {
    for (const [input, powerW] of rows) {
      const features = this.#blocks.flatMap((block) => block.features(input))
      // One value that is no number would stay in it for good.
      if (![powerW, ...features].every(Number.isFinite)) continue
      this.#regression.learn(features, powerW / this.#scaleW, NOISE)
    }
  }
}

/** What errors are in proportion to; a loss near zero is not known better than the meters around it. */
const sizeOf = (powerW: number, scaleW: number): number => Math.max(Math.abs(powerW), 0.01 * scaleW)

function regressionOf(blocks: readonly Block<never>[]): Regression {
  return new Regression(blocks.flatMap(({ priors }) => priors))
}

/** The standard deviation by which 95 % of what something was off by would lie in its interval. */
export function spreadOf(off: readonly number[]): number {
  const sorted = off.filter(Number.isFinite).sort((a, b) => a - b)
  return (sorted[Math.min(sorted.length - 1, Math.floor(SHARE * sorted.length))] ?? 0) / Z
}
