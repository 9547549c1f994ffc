import type { PueSource, PueStatement } from '../pue/pue.ts'
import type { GridFigure, GridFigures } from '../sources/grid-figures.ts'
import { type Slot, slotAt } from './slot.ts'

/** What may end inside an interval. */
export interface Figures {
  readonly grid: GridFigures
  readonly pue: PueSource
  /** The next moment after a time at which anything else changes. */
  readonly untilUnixMs: (unixMs: number) => number
}

/** A part of an interval in which every figure holds. */
export interface Piece {
  readonly atUnixMs: number
  readonly untilUnixMs: number
  readonly grid: GridFigure
  readonly pue: PueStatement
  /** Where the grid's figure is booked. */
  readonly slot: Slot
  readonly energyUj: bigint
}

/** Cuts energy where a figure ends, in proportion to time; the pieces sum to the whole. Times are whole milliseconds. */
export function* piecesOf(
  energyUj: bigint,
  startUnixMs: number,
  endUnixMs: number,
  { grid: figures, pue: pues, untilUnixMs }: Figures,
): Generator<Piece> {
  let [at, doneUj] = [startUnixMs, 0n]
  do {
    const grid = figures.at(at)
    const pue = pues.cover(at)
    const slot = slotAt(at, grid.factor, grid.grainMs)
    const ends = [slot.endUnixMs, grid.untilUnixMs, pue.untilUnixMs, untilUnixMs(at)]
    const until = Math.min(endUnixMs, ...ends.map(Math.ceil))
    const untilUj =
      until < endUnixMs ? (energyUj * BigInt(until - startUnixMs)) / BigInt(endUnixMs - startUnixMs) : energyUj
    yield { atUnixMs: at, untilUnixMs: until, grid, pue: pue.statement, slot, energyUj: untilUj - doneUj }
    at = until
    doneUj = untilUj
  } while (at < endUnixMs)
}
