import type { GridFigure, GridFigures } from '../intensity/grid-figures.ts'
import type { PueSource, PueStatement } from '../pue/pue.ts'
import { type Slot, slotAt } from '../time/slot.ts'

/** Whatever may change inside an interval. */
export interface FigureSources {
  readonly grid: GridFigures
  readonly pue: PueSource
  /** The next moment after a time at which anything but the grid's figure and the PUE changes. */
  readonly untilUnixMs: (unixMs: number) => number
}

/** A part of an interval in which every figure holds. */
export interface Portion {
  readonly atUnixMs: number
  readonly untilUnixMs: number
  readonly grid: GridFigure
  readonly pue: PueStatement
  /** The slot of the bookings at the grid's figure. */
  readonly slot: Slot
  readonly energyUj: bigint
}

/**
 * Cuts energy where a figure ends, in proportion to time; the portions sum to the whole. Times are whole milliseconds.
 */
export function* portionsOf(
  energyUj: bigint,
  startUnixMs: number,
  endUnixMs: number,
  { grid: figures, pue: pues, untilUnixMs }: FigureSources,
): Generator<Portion> {
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
