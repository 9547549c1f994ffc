import type { Labels } from './metric.ts'

/**
 * Keeps the object of a label set from scrape to scrape, since what is derived from it, to tell series apart and to format
 * them, is kept with it. A memo, not state: it changes no result.
 */
export class LabelSets {
  #known: ReadonlyMap<string, Labels> = new Map()

  /** The same sets, in order. */
  of(sets: readonly Labels[]): readonly Labels[] {
    const present = new Map<string, Labels>()
    const labels = sets.map((set) => {
      const key = JSON.stringify(Object.values(set))
      const own = present.get(key) ?? this.#known.get(key) ?? set
      present.set(key, own)
      return own
    })
    this.#known = present
    return labels
  }
}
