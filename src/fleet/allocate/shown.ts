import { printable } from '../../model/printable.ts'
import { shareOut } from '../../model/share.ts'
import { UJ_PER_KWH } from '../../model/units.ts'
import { decimalsFor, decimalText, roundedTo } from '../../report/digits.ts'
import type { Table } from '../../report/document-shape.ts'
import { type Matrix, sumOf } from './amounts.ts'

export const UG_PER_KG = 1_000_000_000n

/** A unit to show amounts in. */
export interface Shown {
  readonly name: string
  /** Of the whole amounts. */
  readonly unit: bigint
}

export const KWH: Shown = { name: 'kWh', unit: UJ_PER_KWH }
export const KG: Shown = { name: 'kg', unit: UG_PER_KG }

/**
 * A matrix whose cells add up in the digits that are shown, across and down, to its rounded total: the same figure for
 * every matrix of the same energy.
 */
export function matrixTable(matrix: Matrix, corner: string, { name, unit }: Shown, columns = matrix.columns): Table {
  const { rows, total } = matrix
  const decimals = decimalsFor(total, unit)
  const cells = rows.flatMap((row) => columns.map((column) => matrix.get(row, column)))
  const steps = shareOut(roundedTo(total, unit, decimals), cells)
  const text = (amounts: Iterable<bigint>) => decimalText(sumOf(amounts), decimals)
  const cell = (row: number, column: number) => steps[row * columns.length + column] ?? 0n
  const across = (row: number) => columns.map((_, column) => cell(row, column))
  const down = (column: number) => rows.map((_, row) => cell(row, column))
  return {
    head: [corner, ...columns.map(printable), `all, ${name}`],
    rows: rows.map((row, at) => [
      printable(row),
      ...across(at).map((one) => decimalText(one, decimals)),
      text(across(at)),
    ]),
    total: ['all', ...columns.map((_, column) => text(down(column))), text(steps)],
    right: new Set(Array.from({ length: columns.length + 1 }, (_, column) => column + 1)),
  }
}

export function amountText(amount: bigint, { name, unit }: Shown): string {
  const decimals = decimalsFor(amount, unit)
  return `${decimalText(roundedTo(amount, unit, decimals), decimals)} ${name}`
}
