import type { NativeChannel } from '../../native/addon.ts'
import type { Comparison } from '../counter-check.ts'
import { NvmlGpu } from './gpu.ts'

type Known = { readonly uuid: string; readonly source: string; readonly witnesses: readonly string[] }

/** What is known of the GPUs from one opening to the next: a lost one keeps its name, and a false counter its repute. */
export class KnownGpus {
  /** Counters that are not counted, by the GPU's UUID. */
  readonly distrusted = new Map<string, Comparison>()
  #last: readonly NativeChannel[] = []
  #gpus: readonly NvmlGpu[] = []

  /** For the reader. */
  get list(): readonly Known[] {
    const witnesses = Map.groupBy(this.#gpus.filter(isWitness), ({ uuid }) => uuid)
    return this.#gpus
      .filter((gpu) => !isWitness(gpu) && !gpu.countsWakes)
      .map(({ uuid, sourceName: source }) => ({
        uuid,
        source,
        witnesses: (witnesses.get(uuid) ?? []).map(({ sourceName }) => sourceName),
      }))
  }

  /** One for each channel of the reader, as the last `recall` saw them. */
  get gpus(): readonly NvmlGpu[] {
    return this.#gpus
  }

  /** What the reader found: a lost GPU with its attributes of before, a witness with those of its GPU. */
  recall(found: readonly NativeChannel[]): readonly NvmlGpu[] {
    const all: NativeChannel[] = []
    for (const one of found) {
      const { witness, wakes } = one.attributes
      const isBeside = witness !== undefined || wakes !== undefined
      const like = isBeside ? all.find(({ id }) => id === one.id) : this.#beforeOf(one)
      all.push({ ...one, attributes: { ...like?.attributes, ...one.attributes } })
    }
    this.#last = all
    this.#gpus = all.map((one) => new NvmlGpu(one))
    return this.#gpus
  }

  /** Of a lost GPU the reader tells no more than its source. */
  #beforeOf({ id, attributes: { index } }: NativeChannel): NativeChannel | undefined {
    if (index !== undefined) return undefined
    const before = this.#last.find((one) => one.id === id)
    const { leftOut: _, ...attributes } = before?.attributes ?? {}
    return before && { id, attributes }
  }
}

const isWitness = ({ isWitness: is }: NvmlGpu): boolean => is
