import { type Prior, Regression } from '../../model/regression.ts'
import { ChangeDetector } from './change.ts'
import { type Chips, type Row, sumW } from './chips.ts'
import { type Fault, leastWholeW, mostWholeW } from './gate.ts'
import { Levels } from './levels.ts'
import { MeterWatch, WINDOW_ROWS } from './meter-watch.ts'
import { OnlineQuantile } from './quantile.ts'
import { parseModel, type SavedModel, textOf } from './saved-model.ts'
import type { Timing } from './timing.ts'

/** What the machine draws by what its chips draw. */
export interface Prediction {
  readonly wholeW: number
  /** Relative standard uncertainty (k = 1) of a mean over many rows: it stays for as long as nothing is measured. */
  readonly lastingUncertainty: number
  /** Half-width in W of the 95 % interval of a single row. */
  readonly halfWidthW: number
}

export interface Learned {
  /** The machine is another one than was learned, or its meter is. */
  readonly isChanged: boolean
  /** Why the meter is not believed; null while it is. */
  readonly fault: Fault | null
  /** What was measured less what was predicted, in W; null where nothing was predicted. */
  readonly residualW: number | null
}

/** Base, processors, memory, the square and the cube of both, accelerators. The last are behind supplies and fans of their own. */
const PRIORS: readonly Prior[] = [
  { mean: 100, sd: 100 },
  { mean: 1.2, sd: 0.3 },
  { mean: 1.2, sd: 0.3 },
  { mean: 0, sd: 0.3 },
  { mean: 0, sd: 0.1 },
  { mean: 1.15, sd: 0.15 },
]
/** Of these coefficients, in W: fans and regulators bend the line by some percent. */
const SCALE_W = 100
/** What a row of NOISE_S is off by, k = 1, as a share: most of it is that the meter looks at another moment. */
const NOISE = 0.03
const NOISE_S = 3
/** The meter itself is off by so much, however long it looks. */
const LEAST_NOISE = 0.005
/** The base may wander: variance in W² for each second. */
const WANDER = 0.02 ** 2 / 3
/** What may be otherwise after a change. */
const CHANGE = [50 ** 2, 0.05 ** 2, 0.05 ** 2, 0.02 ** 2, 0.005 ** 2, 0.05 ** 2]
/** No single row says how the curve goes on far away. */
const MOST_GROWTH = 1.1
/** No machine draws more, and no meter tells more, in whatever unit. */
const MOST_W = 100_000
const MOST_TOLD_W = 1000 * MOST_W
/** What is learned before anything is predicted. */
const LEAST_S = 600
/** A row is a step where the model moves by more from the row before. */
const STEP = 0.03
/** What a silent meter would have told drifts away by so much in ten minutes, k = 1. */
const DRIFT = 0.01
const DRIFT_S = 600
const K95 = 1.96
/** What single rows are off by, before it is known: of a steady one, and of a step. */
const FIRST_ERRORS = { steady: 0.03, step: 0.1 }
/** A lasting error of so much is no change of the machine: the room gets warmer. */
const QUIETLY_LEARNED = 0.02
const KEPT_SNAPSHOTS = 4
const SNAPSHOT_EACH = 20

/**
 * Learns what a whole machine draws by what its chips draw, from a meter that it does not trust: what was learned in a window
 * of rows that turns out to be false is unlearned. Pure: it knows no clock.
 */
export class NodeModel {
  readonly #regression = new Regression(PRIORS)
  readonly #steady = new OnlineQuantile(FIRST_ERRORS.steady)
  readonly #step = new OnlineQuantile(FIRST_ERRORS.step)
  readonly #change = new ChangeDetector()
  readonly #levels = new Levels()
  readonly #watch = new MeterWatch()
  #learned = 0
  #learnedS = 0
  #sinceSnapshot = 0
  /** Oldest first. */
  #snapshots: SavedModel[] = []
  /** Highest sum of chips that was learned: beyond it the curve goes on as a line. */
  #mostW = 0

  get timing(): Timing {
    return this.#watch.timing
  }

  get isReady(): boolean {
    return isEnough({ learned: this.#learned, learnedS: this.#learnedS })
  }

  /** Takes a row after those before it. One that cannot be true is left out. */
  learn(row: Row): Learned {
    if (!isPossible(row)) return { isChanged: false, fault: null, residualW: null }
    const watch = this.#watch
    const wasTrusted = watch.isTrusted
    const fault = watch.add(row)
    if (fault !== null) this.#unlearn()
    if (!watch.isTrusted) return { isChanged: false, fault, residualW: null }
    if (wasTrusted) return { ...this.#learnAt(watch.rows.length - 1), fault: null }
    for (let index = watch.rows.length - WINDOW_ROWS; index < watch.rows.length; index++) this.#learnAt(index)
    return { isChanged: false, fault: null, residualW: null }
  }

  /** @param silentS how long ago the meter told anything */
  predict(chips: Chips, silentS: number, isStep = false): Prediction | null {
    if (!this.isReady || !areChips(chips)) return null
    const features = this.#featuresOf(chips)
    const wholeW = this.#boundedW(features, chips)
    if (wholeW <= 0) return null
    const age = Math.max(silentS, 0)
    const variance = this.#regression.variance(features) + WANDER * age
    const lasting = Math.hypot(Math.sqrt(variance) / wholeW, DRIFT * Math.min(1, Math.sqrt(age / DRIFT_S)))
    const ofRow = (isStep ? this.#step : this.#steady).value
    return { wholeW, lastingUncertainty: lasting, halfWidthW: wholeW * Math.hypot(ofRow, K95 * lasting) }
  }

  /** What is known for certain, as text. Null before there is anything. */
  get state(): string | null {
    const snapshot = this.#snapshots[0]
    return snapshot === undefined || !isEnough(snapshot) ? null : textOf(snapshot)
  }

  /** False, and nothing changed, where the text is of another version or damaged. */
  restore(text: string): boolean {
    const snapshot = parseModel(text)
    if (snapshot === null || !this.#regression.restore(snapshot.regression)) return false
    this.#use(snapshot)
    this.#snapshots = [snapshot]
    return true
  }

  /** Goes back to what is older than the window of the fault, and was learned before it. */
  #unlearn(): void {
    this.#change.reset()
    const certain = this.#snapshots[0]
    this.#snapshots = certain ? [certain] : []
    this.#sinceSnapshot = 0
    if (certain && this.#regression.restore(certain.regression)) this.#use(certain)
  }

  #learnAt(index: number): Omit<Learned, 'fault'> {
    const row = this.#watch.rows[index] as Row
    const chips = this.#watch.seenAt(index)
    if (chips === null || row.wholeW < leastWholeW(chips) || row.wholeW > mostWholeW(chips))
      return { isChanged: false, residualW: null }
    const features = this.#featuresOf(chips)
    const predictedW = this.#boundedW(features, chips)
    const isStep = this.#isStep(index, predictedW)
    const residualW = row.wholeW - predictedW
    const isChanged = this.isReady && !isStep && this.#change.add(this.#zOf(residualW / predictedW))
    if (isChanged) this.#loosen()
    if (predictedW > 0) (isStep ? this.#step : this.#steady).add(Math.abs(residualW) / predictedW)
    const seen = this.#levels.count(sumW(chips))
    this.#regression.loosen([(WANDER * (row.endS - row.startS)) / Math.sqrt(seen)])
    this.#mostW = Math.max(this.#mostW, Math.min(sumW(chips), Math.max(MOST_GROWTH * this.#mostW, SCALE_W)))
    this.#regression.learn(featuresOf(chips, sumW(chips)), row.wholeW, noiseOf(row) * row.wholeW * Math.sqrt(seen))
    this.#learned += 1
    this.#learnedS += row.endS - row.startS
    this.#keep()
    return { isChanged, residualW: this.isReady ? residualW : null }
  }

  /** What was seen before a change counts for little after it. */
  #loosen(): void {
    this.#regression.loosen(CHANGE)
    this.#levels.clear()
  }

  #isStep(index: number, predictedW: number): boolean {
    const before = this.#watch.seenAt(index - 1)
    if (before === null) return true
    return Math.abs(predictedW - this.#boundedW(this.#featuresOf(before), before)) > STEP * predictedW
  }

  /** Beyond what is learned without a word. */
  #zOf(error: number): number {
    const beyond = Math.max(Math.abs(error) - QUIETLY_LEARNED, 0)
    return (Math.sign(error) * beyond * K95) / this.#steady.value
  }

  #featuresOf(chips: Chips): readonly number[] {
    return featuresOf(chips, this.#mostW)
  }

  /** Never less than the chips themselves, nor more than the gate lets a meter tell. */
  #boundedW(features: readonly number[], chips: Chips): number {
    return Math.max(sumW(chips), Math.min(this.#regression.predict(features), mostWholeW(chips)))
  }

  #keep(): void {
    if (++this.#sinceSnapshot < SNAPSHOT_EACH) return
    this.#sinceSnapshot = 0
    this.#snapshots.push({
      regression: this.#regression.state,
      errors: [this.#steady.value, this.#step.value],
      timing: this.timing,
      learned: this.#learned,
      learnedS: this.#learnedS,
      mostW: this.#mostW,
      levels: this.#levels.state,
    })
    if (this.#snapshots.length > KEPT_SNAPSHOTS) this.#snapshots.shift()
  }

  #use({ errors, timing, learned, learnedS, mostW, levels }: SavedModel): void {
    this.#levels.restore(levels)
    this.#steady.set(errors[0])
    this.#step.set(errors[1])
    this.#watch.use(timing)
    this.#learned = learned
    this.#learnedS = learnedS
    this.#mostW = mostW
  }
}

/** Errors of moments go out of a mean with their number. */
function noiseOf({ startS, endS }: Row): number {
  return Math.max(NOISE * Math.sqrt(Math.min(1, NOISE_S / (endS - startS))), LEAST_NOISE)
}

/** A window of rows and ten minutes. */
function isEnough({ learned, learnedS }: Pick<SavedModel, 'learned' | 'learnedS'>): boolean {
  return learned >= WINDOW_ROWS && learnedS >= LEAST_S
}

function featuresOf({ processorsW, memoryW, acceleratorsW }: Chips, mostW: number): readonly number[] {
  const curved = Math.min(processorsW + memoryW, mostW) / SCALE_W
  return [1, processorsW, memoryW, SCALE_W * curved ** 2, SCALE_W * curved ** 3, acceleratorsW]
}

function isPossible(row: Row): boolean {
  const { startS, endS, wholeW } = row
  const isTime = Number.isFinite(endS - startS) && endS > startS
  return isTime && wholeW >= 0 && wholeW <= MOST_TOLD_W && areChips(row)
}

function areChips({ processorsW, memoryW, acceleratorsW }: Chips): boolean {
  return [processorsW, memoryW, acceleratorsW].every((watts) => watts >= 0 && watts <= MOST_W)
}
