import { DAY_MS, floorTo, HOUR_MS, MINUTE_MS } from '../model/time.ts'
import { NS_PER_MS } from '../model/units.ts'

/**
 * What was bridged of longer than this is one row an hour up to its last day: nobody knows more of it than its mean, and
 * minutes of months would hold up the process and take its memory.
 */
const FINE_NS = BigInt(DAY_MS) * NS_PER_MS

/** A piece of time inside one UTC minute, or of a long one inside an hour, with its part of the energy. */
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
  const leftMs = MINUTE_MS - (startUnixMs % MINUTE_MS)
  // As nearly always.
  if (durationNs > 0n && durationNs <= leftMs * 1e6) {
    const endUnixMs = startUnixMs + Math.min(Number(durationNs / NS_PER_MS), leftMs)
    return [{ startUnixMs, endUnixMs, durationNs, energyUj }]
  }
  const pieces: Piece[] = []
  let doneNs = 0n
  let doneUj = 0n
  while (doneNs < durationNs) {
    const fromMs = startUnixMs + Number(doneNs / NS_PER_MS)
    const lengthMs = durationNs - doneNs > FINE_NS ? HOUR_MS : MINUTE_MS
    const leftInItNs = BigInt(lengthMs - (fromMs % lengthMs)) * NS_PER_MS - (doneNs % NS_PER_MS)
    const untilNs = doneNs + leftInItNs < durationNs ? doneNs + leftInItNs : durationNs
    const untilUj = (energyUj * untilNs) / durationNs
    // A label exactly on the minute that ends a piece belongs to it.
    const untilMs = Math.min(startUnixMs + Number(untilNs / NS_PER_MS), fromMs - (fromMs % lengthMs) + lengthMs)
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

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] }

/** Sums pieces that share a key and begin in one stretch of a UTC minute, so that a flush writes one row for them. */
export class RowCollector<Extra extends object> {
  readonly #stretchMs: number
  #stretches = new Map<number, Map<string, Mutable<Piece> & Mutable<Extra>>>()
  readonly #merge: (row: Mutable<Extra>, extra: Extra) => void

  /**
   * @param stretchMs parts of a minute
   * @param merge adds to a row what a piece has besides its time and its energy
   */
  constructor(stretchMs: number, merge: (row: Mutable<Extra>, extra: Extra) => void) {
    this.#stretchMs = stretchMs
    this.#merge = merge
  }

  add(key: string, piece: Piece, extra: Extra): void {
    const stretch = floorTo(this.#stretchMs, piece.startUnixMs)
    let rows = this.#stretches.get(stretch)
    if (rows === undefined) {
      rows = new Map()
      this.#stretches.set(stretch, rows)
    }
    const row = rows.get(key)
    if (row === undefined) rows.set(key, { ...piece, ...extra })
    else {
      addTo(row, piece)
      this.#merge(row, extra)
    }
  }

  /** Hands over all rows, by the stretch. */
  take(): (Piece & Extra)[] {
    const rows = [...this.#stretches.values()].flatMap((stretch) => [...stretch.values()])
    this.#stretches = new Map()
    return rows
  }
}

function addTo(row: Mutable<Piece>, { startUnixMs, endUnixMs, durationNs, energyUj }: Piece): void {
  row.startUnixMs = Math.min(row.startUnixMs, startUnixMs)
  row.endUnixMs = Math.max(row.endUnixMs, endUnixMs)
  row.durationNs += durationNs
  row.energyUj += energyUj
}
