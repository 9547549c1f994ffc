/** Mean powers in W of what is metered inside the machine. */
export interface Chips {
  readonly processorsW: number
  readonly memoryW: number
  /** Of all cards together. */
  readonly acceleratorsW: number
}

/** A stretch of time in which the meter of the whole machine and those of its chips told energy. */
export interface Row extends Chips {
  readonly startS: number
  readonly endS: number
  /** Mean power by the meter of the whole machine. */
  readonly wholeW: number
}

export function sumW({ processorsW, memoryW, acceleratorsW }: Chips): number {
  return processorsW + memoryW + acceleratorsW
}

/** Mean of the chips over `[fromS, toS)`, by rows in order of time up to `last`; null where they do not cover it. */
export function meanOf(rows: readonly Row[], last: number, fromS: number, toS: number): Chips | null {
  const sum = { processorsW: 0, memoryW: 0, acceleratorsW: 0 }
  let covered = 0
  for (let index = last; index >= 0; index--) {
    const row = rows[index] as Row
    if (row.endS <= fromS) break
    const weight = (Math.min(row.endS, toS) - Math.max(row.startS, fromS)) / (toS - fromS)
    if (weight <= 0) continue
    covered += weight
    sum.processorsW += weight * row.processorsW
    sum.memoryW += weight * row.memoryW
    sum.acceleratorsW += weight * row.acceleratorsW
  }
  // A clock of nanoseconds as seconds is not exact to the last digit.
  return covered > 0.999 ? sum : null
}
