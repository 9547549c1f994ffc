import { type Prior, Regression } from '../../model/regression.ts'
import { type Pair, PairGate } from './pair-gate.ts'

/** By what a figure of the model is to be multiplied, and what the product may be off by: relative, k = 1. */
export interface Anchoring {
  readonly ratio: number
  readonly relativeUncertainty: number
}

/**
 * Of the ratio's logarithm where the model was first seen, and of how it changes with the logarithm of the model's power: idle
 * and full load of one machine are seldom off alike.
 */
const PRIORS: readonly Prior[] = [
  { mean: 0, sd: 0.7 },
  { mean: 0, sd: 0.3 },
]
/** What a single pair is off by. */
const NOISE = 0.05
/** Variance for each second: a load of some minutes ago counts for little, and how the ratio bends is kept for hours. */
const WANDER = [2e-7, 1e-9]
/** No meter that is right tells less or more than that of what a model of its class says. */
const [LEAST, MOST] = [1 / 20, 5]
/** No model of a leaf says less or more, in W. */
const [LEAST_W, MOST_W] = [1e-3, 1e5]
/** What the ratio strays by from load to load: at first, and the share of the newest pair in what is known of it. */
const STRAYS = { first: 0.1, most: 0.5, newest: 0.05 }
/**
 * Within a minute another program may be running, which draws otherwise at the same utilisation: of a server under sweeps of
 * load (docs/validation/node-model.md) the energy of half an hour was off by up to 11 %. What was learned drifts away besides,
 * with the root of the time.
 */
const OTHER_LOAD = { share: 0.09, withinS: 60 }
const DRIFT = { share: 0.05, withinS: 600 }

const VERSION = 1

/** All that is learned. */
interface Snapshot {
  readonly originW: number
  readonly regression: readonly number[]
  readonly strays: number
}

/**
 * Learns how a meter stands to a model of the same thing, while both tell: a ratio that bends with the load. What is learned
 * in a window of pairs that turns out to be false is unlearned. Pure: it knows no clock.
 */
export class Anchor {
  readonly #regression = new Regression(PRIORS)
  readonly #gate = new PairGate()
  /** Where the model was first seen; null before. */
  #originW: number | null = null
  #strays = STRAYS.first
  /** The newest of which the window after it showed no fault either, and a newer one. */
  #certain: Snapshot | null = null
  #likely: Snapshot | null = null

  /** Takes a pair after those before it. One that cannot be true is left out. */
  learn(pair: Pair, durationS: number): void {
    if (!isPossible(pair) || !(durationS > 0)) return
    const wasTrusted = this.#gate.isTrusted
    const verdict = this.#gate.add(pair)
    if (verdict === 'false') this.#unlearn()
    if (!wasTrusted || verdict === 'false') return
    this.#take(pair, durationS)
    if (verdict !== 'sound') return
    this.#certain = this.#likely
    this.#likely = this.#snapshot
  }

  /** Null before anything is learned. */
  at(modelW: number, silentS: number): Anchoring | null {
    if (this.#originW === null || !isPower(modelW)) return null
    const features = featuresOf(modelW, this.#originW)
    const ratio = Math.exp(clamp(this.#regression.predict(features), Math.log(LEAST), Math.log(MOST)))
    const aged = Math.max(silentS, 0)
    const ofLoad = OTHER_LOAD.share * Math.sqrt(Math.min(aged / OTHER_LOAD.withinS, 1))
    const drift = DRIFT.share * Math.sqrt(aged / DRIFT.withinS)
    const ofRatio = Math.sqrt(this.#regression.variance(features))
    return { ratio, relativeUncertainty: Math.hypot(ofRatio, this.#strays, ofLoad, drift) }
  }

  /** What is known for certain, as text. Null before there is anything. */
  get state(): string | null {
    return this.#certain && JSON.stringify({ version: VERSION, ...this.#certain })
  }

  /** False, and nothing changed, where the text is of another version or damaged. */
  restore(text: string): boolean {
    const snapshot = parsed(text)
    if (snapshot === null || !this.#regression.restore(snapshot.regression)) return false
    this.#use(snapshot)
    this.#certain = snapshot
    this.#likely = snapshot
    return true
  }

  #take(pair: Pair, durationS: number): void {
    const isFirst = this.#originW === null
    this.#originW ??= pair.modelW
    const features = featuresOf(pair.modelW, this.#originW)
    const measured = Math.log(pair.meterW / pair.modelW)
    if (!isFirst) {
      const strayed = Math.min(Math.abs(measured - this.#regression.predict(features)), STRAYS.most)
      const square = this.#strays ** 2
      this.#strays = Math.sqrt(square + STRAYS.newest * (strayed ** 2 - square))
    }
    this.#regression.loosen(WANDER.map((variance) => variance * durationS))
    this.#regression.learn(features, measured, NOISE)
  }

  #unlearn(): void {
    this.#likely = this.#certain
    if (this.#certain === null) {
      this.#originW = null
      this.#strays = STRAYS.first
      this.#regression.reset()
    } else if (this.#regression.restore(this.#certain.regression)) this.#use(this.#certain)
  }

  get #snapshot(): Snapshot | null {
    if (this.#originW === null) return null
    return { originW: this.#originW, regression: this.#regression.state, strays: this.#strays }
  }

  #use({ originW, strays }: Snapshot): void {
    this.#originW = originW
    this.#strays = strays
  }
}

function featuresOf(modelW: number, originW: number): readonly number[] {
  return [1, Math.log(modelW / originW)]
}

function isPower(watts: number): boolean {
  return watts >= LEAST_W && watts <= MOST_W
}

function isPossible({ meterW, modelW }: Pair): boolean {
  return isPower(modelW) && meterW >= LEAST * modelW && meterW <= MOST * modelW
}

function parsed(text: string): Snapshot | null {
  try {
    const { version, originW, regression, strays } = JSON.parse(text)
    const isWhole = version === VERSION && Array.isArray(regression) && strays >= 0 && strays <= STRAYS.most
    return isWhole && isPower(originW) ? { originW, regression, strays } : null
  } catch {
    return null
  }
}

function clamp(value: number, least: number, most: number): number {
  return Math.min(most, Math.max(least, value))
}
