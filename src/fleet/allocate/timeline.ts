import type { Stretch } from '../../carbon/time/time-series.ts'

interface Entry<Row> extends Stretch {
  readonly row: Row
}

/** Rows by group and key, each for a stretch of time; a key has one row at a time. */
export class Timeline<Row> {
  readonly #groups = new Map<string, Map<string, Entry<Row>[]>>()

  /** False for a key that has a row at a part of that time already; then nothing is put. */
  put(group: string, key: string, { startsUnixMs, endsUnixMs }: Stretch, row: Row): boolean {
    const keys = this.#groups.get(group) ?? new Map<string, Entry<Row>[]>()
    const entries = keys.get(key) ?? []
    const at = firstEndingAfter(entries, startsUnixMs)
    if ((entries[at]?.startsUnixMs ?? endsUnixMs) < endsUnixMs) return false
    entries.splice(at, 0, { startsUnixMs, endsUnixMs, row })
    keys.set(key, entries)
    this.#groups.set(group, keys)
    return true
  }

  one(group: string, key: string, unixMs: number): Row | null {
    return rowAt(this.#groups.get(group)?.get(key) ?? [], unixMs)
  }

  /** All rows of a group at a moment. */
  at(group: string, unixMs: number): [key: string, row: Row][] {
    const found: [string, Row][] = []
    for (const [key, entries] of this.#groups.get(group) ?? []) {
      const row = rowAt(entries, unixMs)
      if (row !== null) found.push([key, row])
    }
    return found
  }

  /** Whether a key has rows for all of a time. */
  covers(group: string, key: string, { startsUnixMs, endsUnixMs }: Stretch): boolean {
    const entries = this.#groups.get(group)?.get(key) ?? []
    let untilUnixMs = startsUnixMs
    for (let at = firstEndingAfter(entries, startsUnixMs); untilUnixMs < endsUnixMs; at++) {
      const entry = entries[at]
      if (entry === undefined || entry.startsUnixMs > untilUnixMs) return false
      untilUnixMs = entry.endsUnixMs
    }
    return true
  }

  groups(): string[] {
    return [...this.#groups.keys()]
  }

  keys(group: string): string[] {
    return [...(this.#groups.get(group)?.keys() ?? [])]
  }
}

function rowAt<Row>(entries: readonly Entry<Row>[], unixMs: number): Row | null {
  const entry = entries[firstEndingAfter(entries, unixMs)]
  return entry !== undefined && entry.startsUnixMs <= unixMs ? entry.row : null
}

function firstEndingAfter(entries: readonly Stretch[], unixMs: number): number {
  // Rows mostly come in the order of time.
  if ((entries.at(-1)?.endsUnixMs ?? 0) <= unixMs) return entries.length
  let [low, high] = [0, entries.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((entries[middle]?.endsUnixMs ?? 0) <= unixMs) low = middle + 1
    else high = middle
  }
  return low
}
