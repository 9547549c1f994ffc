import { quoted } from '../model/quoted.ts'

export type Labels = Readonly<Record<string, string>>

/** A label set as it is shown. */
export interface Place {
  readonly labels: Labels
  /** `{name="value",...}`; empty without labels. */
  readonly braced: string
  /** With the metric's name before it and a space behind. */
  readonly head: string
  /** Two samples of one label set would make the exposition invalid, so that the first stands for both. */
  readonly isFirst: boolean
}

/**
 * The label sets of one metric, in order. Most are those of the last scrape, and to format them is most of a scrape: up to the
 * first that differs they stay.
 */
export class Places {
  readonly #metric: string
  readonly #places: Place[] = []
  #at = 0
  /** What stood from the first that differs on, and what is seen by now. */
  #former: readonly Place[] | null = null
  #formerAt = 0
  #seen = new Set<string>()

  constructor(metric: string) {
    this.#metric = metric
  }

  begin(): void {
    this.#at = 0
    this.#former = null
  }

  next(given: Labels): Place {
    const index = this.#at++
    if (this.#former === null) {
      const same = this.#places[index]
      if (same !== undefined && isAt(same, given)) return same
      this.#former = this.#places.splice(index)
      this.#formerAt = index
      this.#seen = new Set()
      for (const { braced } of this.#places) this.#seen.add(braced)
    }
    const former = this.#former[index - this.#formerAt]
    const { labels, braced, head } = former && isAt(former, given) ? former : placeOf(this.#metric, given)
    const place = { labels, braced, head, isFirst: !this.#seen.has(braced) }
    this.#seen.add(braced)
    this.#places.push(place)
    return place
  }

  end(): void {
    this.#places.length = this.#at
    this.#former = null
    // Not `clear()`: it makes a table anew, and of a set that is old an old one, which waits for a full collection.
    if (this.#seen.size > 0) this.#seen = new Set()
  }
}

function isAt({ labels }: Place, given: Labels): boolean {
  if (labels === given) return true
  let count = 0
  for (const name in given) {
    if (given[name] !== labels[name]) return false
    count++
  }
  for (const _ in labels) count--
  return count === 0
}

/** A lone surrogate has no UTF-8 form: two that differ would become the same bytes unseen. */
function placeOf(metric: string, given: Labels): Omit<Place, 'isFirst'> {
  const names = Object.keys(given)
  const isWellFormed = names.every((name) => given[name]?.isWellFormed())
  const labels = isWellFormed
    ? given
    : Object.fromEntries(names.map((name) => [name, given[name]?.toWellFormed() ?? '']))
  const written = names.map((name) => `${name}=${quoted(labels[name] ?? '')}`)
  const braced = written.length > 0 ? `{${written.join(',')}}` : ''
  return { labels, braced, head: `${metric}${braced} ` }
}
