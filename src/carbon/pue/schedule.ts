import { allOf, fault } from '../../model/config-fault.ts'
import type { PueCoverage, PueSource, PueStatement } from './pue.ts'
import { statedPue } from './stated.ts'

export interface SchedulePueConfig {
  readonly source: 'schedule'
  /** IANA name. */
  readonly timezone: string
  /** Where no entry states one; null: the entries cover everything. */
  readonly default: number | null
  readonly entries: readonly ScheduleEntry[]
}

export interface ScheduleEntry {
  /** From 1; null: all. */
  readonly months: readonly number[] | null
  /** `08:00-20:00`, past midnight too; null: all. */
  readonly hours: string | null
  readonly pue: number
}

/** Time zones differ, and clocks are changed, by whole quarters of an hour. */
const QUARTER_MS = 900_000
const [MONTHS, HOURS] = [12, 24]

/** A table by month and hour of the site's clocks. */
export class SchedulePue implements PueSource {
  readonly problem = null
  readonly #clock: Intl.DateTimeFormat
  readonly #table: readonly PueStatement[]

  /** Throws a ConfigFault where entries overlap or leave a gap. */
  constructor({ timezone, entries, default: preset }: SchedulePueConfig) {
    const [clock, table] = allOf([() => clockOf(timezone), () => tableOf(entries, preset)])
    this.#clock = clock
    this.#table = table
  }

  cover(unixMs: number): PueCoverage {
    const untilUnixMs = (Math.floor(unixMs / QUARTER_MS) + 1) * QUARTER_MS
    const { month, hour } = Object.fromEntries(
      this.#clock.formatToParts(unixMs).map(({ type, value }) => [type, value]),
    )
    return { statement: this.#table[cell(Number(month), Number(hour))] as PueStatement, untilUnixMs }
  }
}

function clockOf(timeZone: string): Intl.DateTimeFormat {
  try {
    return new Intl.DateTimeFormat('en', { timeZone, month: 'numeric', hour: 'numeric', hourCycle: 'h23' })
  } catch {
    const received = JSON.stringify(timeZone)
    throw fault('carbon.pue.timezone', `expected an IANA time zone, such as Europe/Berlin, received ${received}`)
  }
}

function tableOf(entries: readonly ScheduleEntry[], preset: number | null): PueStatement[] {
  const table: (PueStatement | undefined)[] = Array.from({ length: MONTHS * HOURS })
  const fill = ({ months, hours, pue }: ScheduleEntry, index: number) => {
    const key = `carbon.pue.entries.${index}`
    const statement = statedPue(pue, 'schedule', `${key}.pue`)
    for (const month of months ?? range(1, MONTHS + 1)) {
      for (const hour of hours === null ? range(0, HOURS) : hoursOf(hours, key)) {
        const at = cell(month, hour)
        if (table[at] !== undefined) throw fault(key, `covers month ${month}, hour ${hour}, which is covered already`)
        table[at] = statement
      }
    }
  }
  const [rest] = allOf([
    () => (preset === null ? null : statedPue(preset, 'schedule', 'carbon.pue.default')),
    ...entries.map((entry, index) => () => fill(entry, index)),
  ])
  return table.map((statement, at) => {
    const known = statement ?? rest
    if (known !== null) return known
    const place = `month ${Math.floor(at / HOURS) + 1}, hour ${at % HOURS}`
    throw fault('carbon.pue.entries', `no entry covers ${place}: add one, or set default`)
  })
}

function cell(month: number, hour: number): number {
  return (month - 1) * HOURS + hour
}

/** From the first to before the second, through midnight if need be. */
function hoursOf(text: string, key: string): number[] {
  const [from = 0, to = 0] = text.split('-').map((time) => Number(time.slice(0, 2)))
  if (from === to) throw fault(`${key}.hours`, `expected two different times, received ${JSON.stringify(text)}`)
  return from < to ? range(from, to) : [...range(from, HOURS), ...range(0, to)]
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, index) => from + index)
}
