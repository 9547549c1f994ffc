import type { AccountEvent } from './node-posting.ts'

/**
 * What each leaf counts by: the name of a sensor, `model`, `rest` while the meter of the whole machine covers a leaf that has
 * none, `waiting` for a meter that may still tell, or `none`. A leaf that never counted has no entry.
 */
export class SourceLog {
  readonly #byLeaf = new Map<string, string>()

  get byLeaf(): ReadonlyMap<string, string> {
    return this.#byLeaf
  }

  keepOnly(leaves: readonly { readonly name: string }[]): void {
    const names = new Set(leaves.map(({ name }) => name))
    for (const name of this.#byLeaf.keys()) if (!names.has(name)) this.#byLeaf.delete(name)
  }

  /** Adds the event of a change to `events`. That nothing is known yet is none. */
  note(leaf: string, source: string, events: AccountEvent[]): void {
    const before = this.#byLeaf.get(leaf)
    if (before === undefined && source === 'none') return
    this.#byLeaf.set(leaf, source)
    // That a leaf without a meter is in the rest now, or no longer, is told by the change of the machine's meter.
    if (before === undefined || before === source || before === 'rest' || source === 'rest') return
    events.push({ what: 'part_source_changed', detail: `${leaf}: ${before} -> ${source}`, about: leaf })
  }
}
