import { allOf, type Fault, fault, faultsOf } from '../model/config-fault.ts'
import type { Frozen } from '../model/frozen.ts'
import { HOURS_OF_DAY as HOURS, localClock, localHours, QUARTER_MS, WEEKDAYS } from '../model/local-hours.ts'
import { HOUR_MS } from '../model/time.ts'
import { COST_UNIT } from './figures.ts'
import { readPrices } from './price-file.ts'
import { ReportFault } from './report-fault.ts'
import type { TariffSettings } from './tariff-schema.ts'

/** What a kilowatt hour costs, by the UTC hour. */
export interface Tariff {
  readonly currency: string
  /** One clause for a person. */
  readonly rule: string
  /** Millionths of the currency for a kWh, times the milliseconds of the hour at each price; null where there is none. */
  priceOf(hourUnixMs: number): bigint | null
}

/** Null where no tariff is set. Throws a ConfigFault, or a ReportFault for a file of prices. */
export function createTariff(settings: Frozen<TariffSettings>): Tariff | null {
  if (settings.source === 'none') return null
  const { currency } = settings
  if (settings.source === 'flat') {
    const price = microOf(settings.per_kwh) * BigInt(HOUR_MS)
    return { currency, rule: `${settings.per_kwh} ${currency} for each kWh`, priceOf: () => price }
  }
  if (settings.source === 'file') {
    const { path } = settings
    const prices = readPrices(path)
    const rule = `prices of ${path} (sha256 ${prices.sha256}), by their mean over each hour`
    return { currency, rule, priceOf: (hour) => prices.priceOf(hour) }
  }
  return { currency, ...scheduleOf(settings) }
}

/** What is wrong with it, its file included. */
export function checkTariff(settings: Frozen<TariffSettings>): readonly Fault[] {
  return faultsOf(() => {
    try {
      createTariff(settings)
      return []
    } catch (error) {
      if (error instanceof ReportFault) return [{ key: 'report.tariff.path', text: error.message }]
      throw error
    }
  })
}

type Schedule = Extract<Frozen<TariffSettings>, { source: 'schedule' }>

/** As the clock names them. */
const DAY_NAMES = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun']

function scheduleOf({ timezone, default: preset, entries, currency }: Schedule): Omit<Tariff, 'currency'> {
  const [clock, table] = allOf([
    () => localClock(timezone, 'report.tariff.timezone', { weekday: 'short' }),
    () => tableOf(preset, entries),
  ])
  const priceAt = (unixMs: number): bigint => {
    const { weekday = '', hour } = clock(unixMs)
    return table[DAY_NAMES.indexOf(weekday) * HOURS + Number(hour)] ?? 0n
  }
  return {
    rule: `${entries.length} ${entries.length === 1 ? 'price' : 'prices'} by day and hour of ${timezone}, otherwise ${preset} ${currency} for each kWh`,
    priceOf: (hour) => [0, 1, 2, 3].reduce((sum, n) => sum + priceAt(hour + n * QUARTER_MS) * BigInt(QUARTER_MS), 0n),
  }
}

/** Prices of the hours of a week, from Monday on. */
function tableOf(preset: number, entries: Schedule['entries']): bigint[] {
  const table: (bigint | undefined)[] = Array.from({ length: WEEKDAYS.length * HOURS })
  const fill = ({ days, hours, per_kwh: price }: Schedule['entries'][number], index: number) => {
    const key = `report.tariff.entries.${index}`
    for (const day of days ?? WEEKDAYS) {
      for (const hour of localHours(hours ?? '00:00-24:00', `${key}.hours`)) {
        const at = WEEKDAYS.indexOf(day) * HOURS + hour
        if (table[at] !== undefined) throw fault(key, `covers ${day}, hour ${hour}, which is covered already`)
        table[at] = microOf(price)
      }
    }
  }
  allOf(entries.map((entry, index) => () => fill(entry, index)))
  return table.map((price) => price ?? microOf(preset))
}

/** Millionths. */
export function microOf(price: number): bigint {
  return BigInt(Math.round(price * 1e6))
}

/** `energyUj` of an hour at its price. */
export function costOf(energyUj: bigint, price: bigint | null): bigint | null {
  if (price !== null) return energyUj * price
  return energyUj === 0n ? 0n : null
}

/** Millionths of the currency, rounded half away from 0. */
export function microCost(cost: bigint): bigint {
  const sign = cost < 0n ? -1n : 1n
  return sign * ((sign * cost + COST_UNIT / 2n) / COST_UNIT)
}
