import { NS_PER_MS } from '../model/units.ts'
import { Amounts, type PackedAmounts } from './amounts.ts'
import { onWallClock, type Piece, type Stretch } from './grain.ts'

/** Four hours of pieces of ten seconds, or less where edges cut them. */
const MOST_PIECES = 1_440

/** Amounts as they are would be 1 kB each. */
type Kept = Stretch & PackedAmounts

/** The node's energy of the last hours in pieces of seconds. */
export class EnergyHistory {
  readonly #kept: Kept[] = []

  /** Takes a piece. One that came late joins what is known of its time, and is returned with that as its own. */
  add(piece: Piece): Piece {
    const { startNs, endNs, startUnixMs, amounts } = piece
    const index = this.#kept.findLastIndex((kept) => kept.startNs <= startNs)
    const known = this.#kept[index]
    if (known !== undefined && startNs < known.endNs) {
      const joined = Amounts.unpack(known)
      joined.add(amounts)
      this.#kept[index] = { ...known, ...joined.pack(known.names) }
      return { startNs: known.startNs, endNs: known.endNs, startUnixMs: known.startUnixMs, amounts }
    }
    const last = this.#kept.at(-1)
    // Of before all that is kept: the ledger has it.
    if (last !== undefined && startNs < last.endNs) return piece
    this.#kept.push({ startNs, endNs, startUnixMs, ...amounts.pack(last?.names) })
    if (this.#kept.length > MOST_PIECES) this.#kept.shift()
    return piece
  }

  /** By the labels of the wall clock; null before the first piece. */
  get sinceUnixMs(): number | null {
    return this.#kept[0]?.startUnixMs ?? null
  }

  get untilUnixMs(): number | null {
    const last = this.#kept.at(-1)
    return last === undefined ? null : Number(onWallClock(last).endNs / NS_PER_MS)
  }

  /** Of `[fromUnixMs, toUnixMs)`, with the length of the longest piece that it cuts into. */
  energyOf(fromUnixMs: number, toUnixMs: number): { readonly amounts: Amounts; readonly resolutionMs: number } {
    const [fromNs, toNs] = [BigInt(fromUnixMs) * NS_PER_MS, BigInt(toUnixMs) * NS_PER_MS]
    const amounts = new Amounts()
    let resolutionMs = 0
    for (const kept of this.#kept) {
      const span = onWallClock(kept)
      if (span.endNs <= fromNs || span.startNs >= toNs) continue
      amounts.add(Amounts.unpack(kept).within(span, fromNs, toNs))
      resolutionMs = Math.max(resolutionMs, Number((span.endNs - span.startNs) / NS_PER_MS))
    }
    return { amounts, resolutionMs }
  }
}
