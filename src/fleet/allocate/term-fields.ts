import type { TableLine } from '../../carbon/table/table-line.ts'
import type { Stretch } from '../../carbon/time/time-series.ts'
import { parseRfc3339Ms } from '../../io/rfc3339.ts'
import { parseDecimal, wholeParts } from '../../model/decimal.ts'
import { didYouMean, nearest } from '../../model/did-you-mean.ts'
import { DAY_MS, HOUR_MS } from '../../model/time.ts'
import { UNALLOCATED, UNATTRIBUTED } from './inputs.ts'

/** More is a mistake in the units. */
export const MOST = { watts: 1_000_000_000n, resource: 1_000_000_000_000n, cost: 1_000_000_000_000n } as const

const NAME = /^[^\p{Cc}]{1,128}$/u
const RESERVED: readonly string[] = [UNALLOCATED, UNATTRIBUTED]

export function nameIn(line: TableLine, index: number): string {
  const name = line.field(index)
  if (!NAME.test(name)) line.fail(index, 'a name of 1 to 128 printable characters')
  return name
}

export function userIn(line: TableLine, index: number): string {
  const user = nameIn(line, index)
  if (RESERVED.includes(user)) line.fail(index, 'another name: this one is of energy that has no user')
  return user
}

/** Whole parts of a number, of which ten to the power of `decimals` are one. */
export function amountOf(line: TableLine, index: number, decimals: number, most: bigint, isSigned = false): bigint {
  const parts = 10n ** BigInt(decimals)
  const number = parseDecimal(line.field(index))
  const amount = number && wholeParts(number, parts)
  const least = isSigned ? -most : 0n
  if (
    amount === null ||
    amount > most * parts ||
    amount < least * parts ||
    (!isSigned && line.field(index).startsWith('-'))
  ) {
    return line.fail(index, `a number from ${least} to ${most}`)
  }
  return amount
}

const WEIGHT_PARTS = 1e6

/** Amounts in neighbouring columns, times their weights. */
export function weighed(line: TableLine, from: number, weights: readonly number[]): bigint {
  return weights.reduce(
    (sum, weight, at) => sum + BigInt(Math.round(weight * WEIGHT_PARTS)) * amountOf(line, from + at, 9, MOST.resource),
    0n,
  )
}

/** The time of a row with a start and an end: full hours, since all is allocated by the hour. */
export function stretchIn(line: TableLine): Stretch {
  const stretch = line.stretch(0)
  if (stretch.startsUnixMs % HOUR_MS !== 0) line.fail(0, 'a full UTC hour')
  if (stretch.endsUnixMs % HOUR_MS !== 0) line.fail(1, 'a full UTC hour')
  return stretch
}

export function dayIn(line: TableLine): Stretch {
  const day = line.field(0)
  const startsUnixMs = /^\d{4}-\d\d-\d\d$/.test(day) ? parseRfc3339Ms(`${day}T00:00:00Z`) : Number.NaN
  if (Number.isNaN(startsUnixMs)) line.fail(0, 'a UTC day, such as 2026-01-31')
  return { startsUnixMs, endsUnixMs: startsUnixMs + DAY_MS }
}

/** Refuses a name that nothing declares. */
export function refuse(line: TableLine, index: number, expected: string, known: readonly string[]): never {
  return line.fail(index, `${expected}${didYouMean([nearest(line.field(index), known)])}`)
}
