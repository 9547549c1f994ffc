import { MINUTE_MS } from '../model/time.ts'
import { NS_PER_MS } from '../model/units.ts'

/** A piece of time inside one UTC minute, with its part of the energy. */
export interface Piece {
  readonly startUnixMs: number
  readonly endUnixMs: number
  readonly durationNs: bigint
  readonly energyUj: bigint
}

/**
 * Cuts energy at the UTC minutes of its wall-clock label, in proportion to time; the pieces sum to the whole. The label
 * may be off by the rounding to milliseconds, the durations are exact.
 */
export function cutAtMinutes(startUnixMs: number, durationNs: bigint, energyUj: bigint): Piece[] {
  const pieces: Piece[] = []
  let doneNs = 0n
  let doneUj = 0n
  while (doneNs < durationNs) {
    const fromMs = startUnixMs + Number(doneNs / NS_PER_MS)
    const leftInMinuteNs = BigInt(MINUTE_MS - (fromMs % MINUTE_MS)) * NS_PER_MS - (doneNs % NS_PER_MS)
    const untilNs = doneNs + leftInMinuteNs < durationNs ? doneNs + leftInMinuteNs : durationNs
    const untilUj = (energyUj * untilNs) / durationNs
    // A label exactly on the minute that ends a piece belongs to it.
    const untilMs = Math.min(startUnixMs + Number(untilNs / NS_PER_MS), fromMs - (fromMs % MINUTE_MS) + MINUTE_MS)
    pieces.push({ startUnixMs: fromMs, endUnixMs: untilMs, durationNs: untilNs - doneNs, energyUj: untilUj - doneUj })
    doneNs = untilNs
    doneUj = untilUj
  }
  return pieces
}

/** Covered time as rows have it, to the nearest millisecond. */
export function wholeMs(durationNs: bigint): number {
  return Number((durationNs + NS_PER_MS / 2n) / NS_PER_MS)
}

/** The UTC minute that a time belongs to. */
export function minuteOf(unixMs: number): number {
  return unixMs - (unixMs % MINUTE_MS)
}

/** Sums pieces that share a key and a UTC minute, so that a flush writes one row for them. */
export class RowCollector<Extra extends object> {
  readonly #rows = new Map<string, Piece & Extra>()
  readonly #merge: (a: Extra, b: Extra) => Extra

  constructor(merge: (a: Extra, b: Extra) => Extra) {
    this.#merge = merge
  }

  add(key: string, piece: Piece, extra: Extra): void {
    const id = `${minuteOf(piece.startUnixMs)} ${key}`
    const row = this.#rows.get(id)
    this.#rows.set(id, row === undefined ? { ...piece, ...extra } : { ...this.#merge(row, extra), ...sum(row, piece) })
  }

  /** Hands over all rows, in the order in which they began. */
  take(): (Piece & Extra)[] {
    const rows = [...this.#rows.values()]
    this.#rows.clear()
    return rows
  }
}

function sum(a: Piece, b: Piece): Piece {
  return {
    startUnixMs: Math.min(a.startUnixMs, b.startUnixMs),
    endUnixMs: Math.max(a.endUnixMs, b.endUnixMs),
    durationNs: a.durationNs + b.durationNs,
    energyUj: a.energyUj + b.energyUj,
  }
}
