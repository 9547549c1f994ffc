import type { LeafModelState } from '../../model/batch.ts'
import { Leaf } from '../leaf.ts'
import { Relation } from './relation.ts'
import { TaughtModel, TeachingMeter } from './taught-sources.ts'
import { Teaching } from './teaching.ts'

/** What each leaf's meter taught of that which stands in for it, by the hardware: it outlives the meter and its sensor. */
export class Anchors {
  readonly #relations = new Map<string, Relation>()
  readonly #teachings = new Map<string, Teaching>()
  readonly #nowNs: bigint

  /** @param saved of earlier runs */
  constructor(saved: readonly LeafModelState[], nowNs: bigint) {
    this.#nowNs = nowNs
    for (const { name, learned } of saved) {
      const relation = Relation.parse(learned, nowNs)
      if (relation !== null) this.#relations.set(name, relation)
    }
  }

  /** Of all that is known for certain. */
  get states(): readonly LeafModelState[] {
    return [...this.#relations].flatMap(([name, { state }]) => (state === null ? [] : { name, learned: state }))
  }

  /** @param by what stands in: `siblings`, or the name of a model */
  relationOf(leaf: string, by: string): Relation {
    const name = `${leaf} ${by}`
    const known = this.#relations.get(name)
    if (known !== undefined) return known
    const relation = new Relation(this.#nowNs)
    this.#relations.set(name, relation)
    return relation
  }

  /** The leaf with meters that teach its models, and models that were taught. */
  anchored({ part, place, kind, isHost, name, sources }: Leaf): Leaf {
    const pupils = sources
      .filter(({ quality }) => quality === 'estimated')
      .map((model) => ({ model, teaching: this.#teachingOf(name, model.name) }))
    const taught = sources.map((source) => {
      if (source.quality === 'estimated') return new TaughtModel(source, this.relationOf(name, source.name))
      return source.quality === 'measured' ? new TeachingMeter(source, pupils) : source
    })
    return new Leaf(part, place, kind, taught, isHost)
  }

  #teachingOf(leaf: string, model: string): Teaching {
    const name = `${leaf} ${model}`
    const teaching = this.#teachings.get(name) ?? new Teaching(this.relationOf(leaf, model))
    this.#teachings.set(name, teaching)
    return teaching
  }
}
