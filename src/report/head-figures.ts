import { UJ_PER_KWH } from '../model/units.ts'
import { decimalsFor, decimalText, fixed, NONE, roundedTo } from './digits.ts'
import type { Fact, Table } from './document-shape.ts'
import { COST_UNIT, type Figures, knownOf } from './figures.ts'
import type { Report } from './report.ts'
import { utc } from './span.ts'
import type { Statement } from './statement.ts'

const UG_PER_KG = 1_000_000_000n
const UL_PER_L = 1_000_000n
/** One of a currency. */
const MONEY = COST_UNIT * 1_000_000n

/** The figures that the reader looks for first. */
export function headFigures(report: Report): Fact[] {
  const { about, total, machine, quality, statement, restatements } = report
  const changedUg = restatements
    .filter(({ account }) => account === 'location')
    .reduce((sum, { changeUg }) => sum + changeUg, 0n)
  const count = restatements.reduce((sum, one) => sum + Number(one.count), 0)
  const changed = `, which changed the location-based figure by ${mass(changedUg)}`
  const identity: Fact[] = [
    ...(about.organisation === null ? [] : [['Organisation', about.organisation] as const]),
    ...(about.site === null ? [] : [['Site', about.site] as const]),
    ['Machine', [about.node, ...Object.entries(about.labels).map(([key, value]) => `${key} ${value}`)].join(', ')],
    ['Period', `${utc(about.fromUnixMs)} to ${utc(about.untilUnixMs)}, times in UTC`],
    ['State', stateOf(report)],
  ]
  const basis = quality.bases.length === 0 ? '' : `, basis ${quality.bases.join(' + ')}`
  const energy = knownOf(total).energyUj
  const interval =
    statement === null && total.uncertaintyPct !== null ? ` ± ${fixed(total.uncertaintyPct, 1)} % (95 %)` : ''
  const carbonInterval =
    statement === null && total.co2eUncertaintyPct !== null ? ` ± ${fixed(total.co2eUncertaintyPct, 1)} % (95 %)` : ''
  return [
    ...identity,
    ['Energy', energy === null ? 'not known' : `${amount(energy, UJ_PER_KWH)} kWh${interval}`],
    ...(statement === null ? ([['Obtained', obtained(machine)]] as Fact[]) : []),
    ['Scope 2, location-based', `${mass(total.locationUg)}${carbonInterval}${basis}`],
    ['Scope 2, market-based', mass(total.marketUg)],
    ['Scope 3, making of the machine', mass(total.embodiedUg)],
    ['Water', `site ${water(total.siteWaterUl)}, electricity ${water(total.gridWaterUl)}`],
    ...(about.currency === null ? [] : ([['Cost', cost(total.cost, about.currency)]] as Fact[])),
    ['Coverage', `${fixed(machine.coveragePct, 2)} % of the time`],
    ...(statement === null ? [] : ([['Split', `${fixed(statement.splitPct, 2)} % of the machine's energy`]] as Fact[])),
    [
      'Restatements',
      count === 0
        ? 'none'
        : `${count}${statement === null ? changed : ' of the machine; what is shown is what holds now'}`,
    ],
  ]
}

function stateOf({ about, quality }: Report): string {
  const { closedUntilUnixMs: closed, untilUnixMs } = about
  if (closed === null || closed < untilUnixMs) {
    return `open: hours from ${closed === null ? utc(about.fromUnixMs) : utc(closed)} on may still get energy`
  }
  if (quality.finalPct === null) return 'closed'
  return quality.finalPct > 99.995
    ? 'closed and final'
    : `closed; ${fixed(quality.finalPct, 1)} % of the energy has a final intensity`
}

function obtained({ energyUj, measuredUj, derivedUj, estimatedUj }: Figures): string {
  const share = (uj: bigint | null) =>
    energyUj === 0n ? NONE : `${((100 * Number(uj ?? 0n)) / Number(energyUj)).toFixed(1)} %`
  return `measured ${share(measuredUj)}, derived ${share(derivedUj)}, estimated ${share(estimatedUj)}`
}

/** What a tenant has, what falls to it of what nobody used, and both. */
export function statementTable({ own, unallocated, pool, idlePct }: Statement, currency: string | null): Table {
  const line = (name: string, key: keyof Figures, unit: bigint, word: string): string[] => {
    const [a, b] = [own[key] as bigint | null, unallocated[key] as bigint | null]
    // Rounded as everywhere else, so that the sum may be a digit off what it would be by itself.
    const decimals = decimalsFor(a ?? 0n, unit)
    const [shown, more] = [a, b].map((value) => (value === null ? null : roundedTo(value, unit, decimals)))
    const both = shown == null || more == null ? null : shown + more
    return [
      `${name}, ${word}`,
      ...[shown, more, both].map((value) => (value == null ? NONE : decimalText(value, decimals))),
    ]
  }
  return {
    head: ['', 'own', 'of the unallocated', 'both'],
    rows: [
      line('Energy', 'energyUj', UJ_PER_KWH, 'kWh'),
      line('idle', 'idleUj', UJ_PER_KWH, 'kWh'),
      ['idle share', fixed(idlePct, 1, ' %'), NONE, NONE],
      line('Scope 2 by location', 'locationUg', UG_PER_KG, 'kg CO2e'),
      line('Scope 2 by market', 'marketUg', UG_PER_KG, 'kg CO2e'),
      line('Scope 3 making', 'embodiedUg', UG_PER_KG, 'kg CO2e'),
      line('Water of the site', 'siteWaterUl', UL_PER_L, 'l'),
      line('Water of the grid', 'gridWaterUl', UL_PER_L, 'l'),
      ...(currency === null ? [] : [line('Cost', 'cost', MONEY, currency)]),
      ['unallocated in all, kWh', NONE, amount(pool.energyUj, UJ_PER_KWH), NONE],
    ],
    total: null,
    right: new Set([1, 2, 3]),
  }
}

/** With as many digits as its size asks for. */
export function amount(value: bigint, unit: bigint): string {
  return rounded(value, unit, decimalsFor(value, unit))
}

function rounded(value: bigint, unit: bigint, decimals: number): string {
  return decimalText(roundedTo(value, unit, decimals), decimals)
}

function mass(ug: bigint | null): string {
  return ug === null ? 'not known' : `${amount(ug, UG_PER_KG)} kg CO2e`
}

function water(ul: bigint | null): string {
  return ul === null ? 'not known' : `${amount(ul, UL_PER_L)} l`
}

function cost(cost: bigint | null, currency: string): string {
  return cost === null ? 'not known' : `${rounded(cost, MONEY, cost > -MONEY && cost < MONEY ? 4 : 2)} ${currency}`
}
