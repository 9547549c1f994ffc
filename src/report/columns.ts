import { UJ_PER_KWH } from '../model/units.ts'
import { decimalsFor, fixed, MOST_DECIMALS, NONE, shownColumn } from './digits.ts'
import { COST_UNIT, type Figures, knownOf } from './figures.ts'
import type { Row } from './rows.ts'

/** One column of figures as shown: its head, a text for each row, and that of the total. */
export interface Column {
  readonly head: string
  readonly about: string
  readonly cells: readonly string[]
  readonly total: string
}

interface Kind {
  readonly key: keyof Figures
  readonly head: string
  readonly about: string
  /** So many of the smallest unit are one of the column. */
  readonly unit: bigint
  /** Decimals at the most. */
  readonly digits?: number
}

const UG_PER_KG = 1_000_000_000n
const UL_PER_L = 1_000_000n

const ENERGY: Kind = { key: 'energyUj', head: 'kWh', about: 'energy', unit: UJ_PER_KWH }
const SPLIT: readonly Kind[] = [
  { key: 'idleUj', head: 'idle', about: 'of it reserved and not used, in kWh', unit: UJ_PER_KWH },
]
const SUMS: readonly Kind[] = [
  { key: 'locationUg', head: 'S2 loc', about: 'Scope 2 by location, in kg CO2e', unit: UG_PER_KG },
  { key: 'marketUg', head: 'S2 mkt', about: 'Scope 2 by market, in kg CO2e', unit: UG_PER_KG },
  { key: 'embodiedUg', head: 'S3 emb', about: 'Scope 3, making of the machine, in kg CO2e', unit: UG_PER_KG },
]
const WATER: readonly Kind[] = [
  { key: 'siteWaterUl', head: 'l site', about: 'water consumed at the site, in litres', unit: UL_PER_L },
  { key: 'gridWaterUl', head: 'l grid', about: 'water consumed for the electricity, in litres', unit: UL_PER_L },
]

/** The columns that a report has figures for. */
export function columnsOf(rows: readonly Row[], total: Figures, currency: string | null): Column[] {
  const cost: readonly Kind[] =
    currency === null
      ? []
      : [{ key: 'cost', head: currency, about: `cost, in ${currency}`, unit: COST_UNIT * 1_000_000n, digits: 4 }]
  const sums = (kinds: readonly Kind[]) =>
    kinds.filter(({ key }) => isKnown(rows, total, key)).map((kind) => sumColumn(kind, rows, total))
  return [sumColumn(ENERGY, rows, total), ...sums(SPLIT), ...ratios(rows, total), ...sums([...SUMS, ...cost, ...WATER])]
}

function ratios(rows: readonly Row[], total: Figures): Column[] {
  const ratio = (key: 'uncertaintyPct' | 'coveragePct', head: string, about: string): Column[] =>
    rows.some(({ figures }) => figures[key] !== null)
      ? [
          {
            head,
            about,
            cells: rows.map(({ figures }) => fixed(figures[key], 1)),
            total: fixed(total[key], 1),
          },
        ]
      : []
  return [
    ...ratio('uncertaintyPct', '±%', '95 % interval of the energy, in per cent'),
    ...ratio('coveragePct', 'cov%', 'share of the time that is covered, in per cent'),
  ]
}

function isKnown(rows: readonly Row[], total: Figures, key: keyof Figures): boolean {
  return total[key] !== null || rows.some(({ figures }) => figures[key] !== null)
}

function sumColumn({ key, head, about, unit, digits }: Kind, rows: readonly Row[], total: Figures): Column {
  const all = knownOf(total)[key] as bigint | null
  const values = rows.map(({ figures }) => knownOf(figures)[key] as bigint | null)
  const most = values.reduce<bigint>((largest, value) => (value !== null && value > largest ? value : largest), 0n)
  const decimals = Math.min(digits ?? MOST_DECIMALS, decimalsFor(most === 0n ? (all ?? 0n) : most, unit))
  const shown = shownColumn(values, all, unit, decimals)
  return { head, about, cells: shown.rows.map((cell) => cell ?? NONE), total: shown.total ?? NONE }
}
