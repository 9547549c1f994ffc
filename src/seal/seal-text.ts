import { createHash } from 'node:crypto'
import type { AppendedTable } from './sealed-tables.ts'

/** The numbers of the rows that a seal holds of a table: those above the first, up to the last. */
export type Numbers = readonly [after: number, upTo: number]

/** What a seal says. Its rows stand in a file of their own. */
export interface Seal {
  /** `2026-11-27`: the UTC day that it closes. */
  readonly day: string
  /** SHA-256 of the text of the seal before it; null for the first. */
  readonly previous: string | null
  /** SHA-256 of the file of rows, compressed as it is. */
  readonly rowsSha256: string
  readonly rows: number
  /** Of the node, in the hours that it closes. */
  readonly energyUj: bigint
  /** The identity of the ledger. */
  readonly ledger: string
  /** The hours that it closes. Late ones may stand in the rows besides. */
  readonly fromUnixMs: number
  readonly untilUnixMs: number
  readonly numbers: Readonly<Record<AppendedTable | 'late_change', Numbers>>
  /** Version of the program. */
  readonly software: string
}

const HEAD = 'wattledger-seal 1'
const DAY = /^\d{4}-\d{2}-\d{2}$/
const SHA256 = /^[0-9a-f]{64}$/
const NUMBERED = ['factor', 'restatement', 'event', 'late_change'] as const

export function rowsNameOf(day: string): string {
  return `${day}.jsonl.gz`
}

export function sha256(text: string | Buffer): string {
  return createHash('sha256').update(text).digest('hex')
}

/** Lines of a name and a value. That of the rows is what `sha256sum -c` reads. */
export function textOf(seal: Seal): string {
  const { day, previous, rowsSha256, rows, energyUj, ledger, fromUnixMs, untilUnixMs, numbers, software } = seal
  const lines = [
    HEAD,
    `day ${day}`,
    `previous ${previous ?? 'none'}`,
    `rows ${rowsSha256}  ${rowsNameOf(day)}`,
    `count ${rows}`,
    `energy_uj ${energyUj}`,
    `ledger ${ledger}`,
    `hours ${new Date(fromUnixMs).toISOString()} ${new Date(untilUnixMs).toISOString()}`,
    ...NUMBERED.map((table) => `${table} ${numbers[table].join(' ')}`),
    `software ${software}`,
  ]
  return `${lines.join('\n')}\n`
}

/** Null for what is no seal, to the byte. */
export function sealOf(text: string): Seal | null {
  const [head, ...lines] = text.split('\n')
  const cells = new Map(lines.map((line) => [line.split(' ', 1)[0] ?? '', line.split(' ').slice(1)]))
  const cell = (name: string, index = 0) => cells.get(name)?.[index] ?? ''
  const numbersOf = (table: string): Numbers => [Number(cell(table)), Number(cell(table, 1))]
  const energy = cell('energy_uj')
  const isSeal = head === HEAD && DAY.test(cell('day')) && SHA256.test(cell('rows')) && /^\d{1,30}$/.test(energy)
  if (!isSeal) return null
  const previous = cell('previous')
  const seal: Seal = {
    day: cell('day'),
    previous: previous === 'none' ? null : previous,
    rowsSha256: cell('rows'),
    rows: Number(cell('count')),
    energyUj: BigInt(energy),
    ledger: cell('ledger'),
    fromUnixMs: Date.parse(cell('hours')),
    untilUnixMs: Date.parse(cell('hours', 1)),
    numbers: {
      factor: numbersOf('factor'),
      restatement: numbersOf('restatement'),
      event: numbersOf('event'),
      late_change: numbersOf('late_change'),
    },
    software: cell('software'),
  }
  return isWhole(seal) && textOf(seal) === text ? seal : null
}

function isWhole({ previous, rows, fromUnixMs, untilUnixMs, numbers }: Seal): boolean {
  const counts = [rows, ...Object.values(numbers).flat()]
  const times = [fromUnixMs, untilUnixMs]
  return (
    (previous === null || SHA256.test(previous)) &&
    counts.every((count) => Number.isSafeInteger(count) && count >= 0) &&
    times.every((time) => Math.abs(time) <= 8.64e15)
  )
}
