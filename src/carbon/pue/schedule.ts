import { allOf, fault } from '../../model/config-fault.ts'
import { HOURS_OF_DAY as HOURS, localClock, localHours, QUARTER_MS } from '../../model/local-hours.ts'
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

const MONTHS = 12

/** A table by month and hour of the site's clocks. */
export class SchedulePue implements PueSource {
  readonly problem = null
  readonly #clock: ReturnType<typeof localClock>
  readonly #table: readonly PueStatement[]

  /** Throws a ConfigFault where entries overlap or leave a gap. */
  constructor({ timezone, entries, default: preset }: SchedulePueConfig) {
    const [clock, table] = allOf([
      () => localClock(timezone, 'carbon.pue.timezone', { month: 'numeric' }),
      () => tableOf(entries, preset),
    ])
    this.#clock = clock
    this.#table = table
  }

  cover(unixMs: number): PueCoverage {
    const untilUnixMs = (Math.floor(unixMs / QUARTER_MS) + 1) * QUARTER_MS
    const { month, hour } = this.#clock(unixMs)
    return { statement: this.#table[cell(Number(month), Number(hour))] as PueStatement, untilUnixMs }
  }
}

function tableOf(entries: readonly ScheduleEntry[], preset: number | null): PueStatement[] {
  const table: (PueStatement | undefined)[] = Array.from({ length: MONTHS * HOURS })
  const fill = ({ months, hours, pue }: ScheduleEntry, index: number) => {
    const key = `carbon.pue.entries.${index}`
    const statement = statedPue(pue, 'schedule', `${key}.pue`)
    for (const month of months ?? range(1, MONTHS + 1)) {
      for (const hour of hours === null ? range(0, HOURS) : localHours(hours, `${key}.hours`)) {
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

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, index) => from + index)
}
