import { NS_PER_MS } from '../model/units.ts'
import { Amounts } from './amounts.ts'
import { onWallClock, type Piece } from './grain.ts'

/** Four hours of pieces of ten seconds, or less where edges cut them. */
const MOST_PIECES = 1_440

/** The node's energy of the last hours in pieces of seconds. */
export class EnergyHistory {
  #pieces: Piece[] = []

  /** Takes a piece. One that came late joins what is known of its time, and is returned with that as its own. */
  add(piece: Piece): Piece {
    const known = this.#pieces.findLast(({ startNs, endNs }) => startNs <= piece.startNs && piece.startNs < endNs)
    if (known !== undefined) {
      known.amounts.add(piece.amounts)
      return { ...known, amounts: piece.amounts }
    }
    const last = this.#pieces.at(-1)
    // Of before all that is kept: the ledger has it.
    if (last !== undefined && piece.startNs < last.endNs) return piece
    this.#pieces.push(piece)
    if (this.#pieces.length > 2 * MOST_PIECES) this.#pieces = this.#pieces.slice(-MOST_PIECES)
    return piece
  }

  /** By the labels of the wall clock; null before the first piece. */
  get sinceUnixMs(): number | null {
    return this.#pieces[0]?.startUnixMs ?? null
  }

  get untilUnixMs(): number | null {
    const last = this.#pieces.at(-1)
    return last === undefined ? null : Number(onWallClock(last).endNs / NS_PER_MS)
  }

  /** Of `[fromUnixMs, toUnixMs)`, with the length of the longest piece that it cuts into. */
  energyOf(fromUnixMs: number, toUnixMs: number): { readonly amounts: Amounts; readonly resolutionMs: number } {
    const [fromNs, toNs] = [BigInt(fromUnixMs) * NS_PER_MS, BigInt(toUnixMs) * NS_PER_MS]
    const amounts = new Amounts()
    let resolutionMs = 0
    for (const piece of this.#pieces) {
      const span = onWallClock(piece)
      if (span.endNs <= fromNs || span.startNs >= toNs) continue
      amounts.add(piece.amounts.within(span, fromNs, toNs))
      resolutionMs = Math.max(resolutionMs, Number((span.endNs - span.startNs) / NS_PER_MS))
    }
    return { amounts, resolutionMs }
  }
}
