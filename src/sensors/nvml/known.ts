import type { NativeChannel } from '../../native/addon.ts'

/** The GPUs that were found the last time, so that one which is lost by now keeps its name and what is known of it. */
export class KnownGpus {
  #last: ReadonlyMap<string, NativeChannel> = new Map()

  get list(): readonly { readonly uuid: string; readonly source: string }[] {
    return [...this.#last.values()].map(({ id, attributes }) => ({ uuid: id, source: attributes.source ?? '' }))
  }

  /** What the reader found, a lost GPU with its attributes of before. */
  recall(found: readonly NativeChannel[]): readonly NativeChannel[] {
    const all = found.map((gpu) =>
      isLost(gpu) ? { ...gpu, attributes: { ...this.#before(gpu), ...gpu.attributes } } : gpu,
    )
    this.#last = new Map(all.map((gpu) => [gpu.id, gpu]))
    return all
  }

  #before({ id }: NativeChannel): NativeChannel['attributes'] {
    const { leftOut: _, ...attributes } = this.#last.get(id)?.attributes ?? {}
    return attributes
  }
}

/** The reader tells no more of it than its source. */
function isLost({ attributes }: NativeChannel): boolean {
  return attributes.index === undefined
}
