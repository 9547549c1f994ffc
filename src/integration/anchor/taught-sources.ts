import { NS_PER_S } from '../../model/units.ts'
import type { LeafSource } from '../leaf-source.ts'
import type { Relation } from './relation.ts'
import type { Teaching } from './teaching.ts'

/** What the source inside it is, but for what a subclass does otherwise. */
class SourceAround implements LeafSource {
  protected readonly inside: LeafSource

  constructor(inside: LeafSource) {
    this.inside = inside
  }

  get name() {
    return this.inside.name
  }

  get quality() {
    return this.inside.quality
  }

  get sharedFactor() {
    return this.inside.sharedFactor
  }

  get relativeUncertainty() {
    return this.inside.relativeUncertainty
  }

  get patienceNs() {
    return this.inside.patienceNs
  }

  get isStill() {
    return this.inside.isStill
  }

  get isConstant() {
    return this.inside.isConstant
  }

  coveredUntil(fromNs: bigint, nowNs: bigint): bigint {
    return this.inside.coveredUntil(fromNs, nowNs)
  }

  nextStart(fromNs: bigint): bigint | null {
    return this.inside.nextStart(fromNs)
  }

  certainUntil(nowNs: bigint): bigint {
    return this.inside.certainUntil(nowNs)
  }

  silentNs(nowNs: bigint): bigint {
    return this.inside.silentNs(nowNs)
  }

  grainNs(fromNs: bigint, toNs: bigint): bigint {
    return this.inside.grainNs(fromNs, toNs)
  }

  take(fromNs: bigint, toNs: bigint): bigint {
    return this.inside.take(fromNs, toNs)
  }

  powerUw(nowNs: bigint): bigint | null {
    return this.inside.powerUw(nowNs)
  }
}

/** Tells the models of its leaf what it told, but for an outage that was bridged, of which the sum alone is known. */
export class TeachingMeter extends SourceAround {
  readonly #pupils: readonly { readonly model: LeafSource; readonly teaching: Teaching }[]

  constructor(meter: LeafSource, pupils: readonly { readonly model: LeafSource; readonly teaching: Teaching }[]) {
    super(meter)
    this.#pupils = pupils
  }

  override take(fromNs: bigint, toNs: bigint): bigint {
    const isTeaching = this.#pupils.length > 0 && this.grainNs(fromNs, toNs) <= this.patienceNs
    const energyUj = super.take(fromNs, toNs)
    if (!isTeaching) return energyUj
    for (const { model, teaching } of this.#pupils) teaching.add(this.inside, model, fromNs, toNs, energyUj)
    return energyUj
  }
}

/** A model as far off as it was while a meter told, and never less certain than by its class alone. */
export class TaughtModel extends SourceAround {
  readonly #relation: Relation
  /** Of the energy that was taken last. */
  #relativeUncertainty: number

  constructor(model: LeafSource, relation: Relation) {
    super(model)
    this.#relation = relation
    this.#relativeUncertainty = model.relativeUncertainty
  }

  override get relativeUncertainty(): number {
    return this.#relativeUncertainty
  }

  override take(fromNs: bigint, toNs: bigint): bigint {
    const modelUj = super.take(fromNs, toNs)
    const known = this.#relation.of(modelUj, { startNs: fromNs, endNs: toNs })
    const ofClass = this.inside.relativeUncertainty
    this.#relativeUncertainty = Math.min(known?.relativeUncertainty ?? ofClass, ofClass)
    return known?.energyUj ?? modelUj
  }

  override powerUw(nowNs: bigint): bigint | null {
    const powerUw = super.powerUw(nowNs)
    if (powerUw === null) return null
    return this.#relation.of(powerUw, { startNs: nowNs - NS_PER_S, endNs: nowNs })?.energyUj ?? powerUw
  }
}
