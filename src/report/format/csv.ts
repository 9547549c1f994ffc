import { decimalText } from '../digits.ts'
import { type Figures, knownOf, MASSES } from '../figures.ts'
import type { Report } from '../report.ts'
import { KEYS } from '../rows.ts'
import { stageOfRows } from '../stages.ts'
import { microCost } from '../tariff.ts'

const KWH_DIGITS = 9n

const ENERGIES = ['energy', 'measured', 'derived', 'estimated', 'idle', 'dynamic'] as const
const MASS_HEADS: Readonly<Record<(typeof MASSES)[number], string>> = {
  locationUg: 'co2e_location_g',
  marketUg: 'co2e_market_g',
  embodiedUg: 'embodied_g',
  siteWaterUl: 'site_water_l',
  gridWaterUl: 'grid_water_l',
}

/** The rows, RFC 4180, in full digits: energy in whole µJ adds up, as do grams and litres, whose sixth decimal is the last. */
export function csvText({ by, rows, about, stages }: Report): string {
  const beside = (['transport', 'end-of-life'] as const).map((stage) => {
    const line = stages.find((one) => one.stage === stage)
    return [`${stage.replaceAll('-', '_')}_g`, stageOfRows(line, rows)] as const
  })
  const head = [
    ...KEYS[by],
    'energy_uj',
    ...ENERGIES.map((name) => `${name}_kwh`),
    'uncertainty_pct',
    'co2e_uncertainty_pct',
    'coverage_pct',
    ...MASSES.map((mass) => MASS_HEADS[mass]),
    'cost',
    'currency',
    ...beside.map(([head]) => head),
  ]
  const lines = rows.map(({ keys, figures }, index) => [
    ...KEYS[by].map((key) => textField(keys[key] ?? '')),
    ...numbersOf(figures),
    figures.cost === null ? '' : decimalText(microCost(figures.cost), 6),
    figures.cost === null ? '' : (about.currency ?? ''),
    ...beside.map(([, ug]) => massText(ug[index] ?? null)),
  ])
  return [head, ...lines].map((fields) => `${fields.join(',')}\r\n`).join('')
}

function numbersOf(all: Figures): string[] {
  const figures = knownOf(all)
  return [
    figures.energyUj?.toString() ?? '',
    ...ENERGIES.map((name) => kwh(figures[`${name}Uj`])),
    percent(figures.uncertaintyPct),
    percent(figures.co2eUncertaintyPct),
    percent(figures.coveragePct),
    ...MASSES.map((mass) => massText(figures[mass])),
  ]
}

function massText(ug: bigint | null): string {
  return ug === null ? '' : decimalText(ug, 6)
}

/** Rounded half up to the ninth decimal. */
function kwh(uj: bigint | null): string {
  if (uj === null) return ''
  const unit = 3_600_000_000_000n / 10n ** KWH_DIGITS
  return decimalText((uj + unit / 2n) / unit, Number(KWH_DIGITS))
}

function percent(value: number | null): string {
  return value === null ? '' : value.toFixed(4)
}

/** A spreadsheet takes what begins with one of these for a formula: an apostrophe before it says that it is text. */
export function textField(text: string): string {
  const harmless = /^[=+\-@\t\r\n]/.test(text) ? `'${text}` : text
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless
}
