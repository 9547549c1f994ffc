import { decimalsFor, decimalText, MOST_DECIMALS, NONE, roundedTo, shownColumn } from './digits.ts'
import type { Fact, Table } from './document-shape.ts'
import type { Report } from './report.ts'
import { lifeUg } from './stages.ts'

const UG_PER_KG = 1_000_000_000n

/** The life of the machine, its use among the other stages; the last row is of the others alone. */
export function stageTable({ stages, total }: Report): Table | null {
  if (stages.length === 0) return null
  const masses = stages.map(({ ug }) => ug)
  const most = masses.reduce<bigint>((largest, ug) => (ug !== null && ug > largest ? ug : largest), 0n)
  const decimals = Math.min(MOST_DECIMALS, decimalsFor(most, UG_PER_KG))
  const shown = shownColumn(masses, lifeUg(stages), UG_PER_KG, decimals)
  const kg = (ug: bigint | null) => (ug === null ? NONE : decimalText(roundedTo(ug, UG_PER_KG, decimals), decimals))
  const rows = stages.map(({ about, scope3Category, lowUg, highUg, isCounted }, index) => [
    about,
    `3, cat. ${scope3Category}`,
    shown.rows[index] ?? 'not known',
    lowUg === null ? NONE : `${kg(lowUg)}–${kg(highUg)}`,
    isCounted ? 'yes' : 'no',
  ])
  const use = ['use', '2, by location', kg(total.locationUg), NONE, 'yes']
  return {
    head: ['stage', 'scope', 'kg CO2e', '95 %', 'counted'],
    rows: [...rows.slice(0, -1), use, ...rows.slice(-1)],
    total: ['all but use', '3', shown.total ?? 'not known', NONE, ''],
    right: new Set([2, 3]),
  }
}

export function stageSources({ stages }: Report): Fact[] {
  return stages.map(({ about, source }) => [`Source of ${about}`, source])
}
