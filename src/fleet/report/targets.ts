import { DAY_MS } from '../../model/time.ts'
import type { Facts } from './facts-schema.ts'

/** What a period has, in kg CO2e and kWh; null: not known. */
export interface PeriodTotals {
  readonly scope1Kg: number
  readonly locationKg: number | null
  readonly marketKg: number | null
  readonly embodiedKg: number | null
  readonly energyKwh: number
}

export interface TargetLine {
  readonly name: string
  readonly of: Facts['targets'][number]['of']
  readonly unit: 'kg CO2e' | 'kWh'
  readonly baselineYear: number
  readonly baseline: number
  readonly targetYear: number
  readonly goal: number
  /** Of the year of the period, on a straight path. */
  readonly path: number
  /** The period by itself, and as a year of it would be. */
  readonly period: number | null
  readonly yearly: number | null
  readonly isReached: boolean | null
}

const YEAR_DAYS = 365.25

/** Each target against the period: on a straight line from the baseline to the goal, both in whole years. */
export function targetLines(
  targets: Facts['targets'],
  totals: PeriodTotals,
  span: { readonly from: number; readonly until: number },
): TargetLine[] {
  const year = new Date((span.from + span.until) / 2).getUTCFullYear()
  const years = (span.until - span.from) / DAY_MS / YEAR_DAYS
  return targets.map(({ name, of, baseline_year, baseline, target_year, reduction }) => {
    const progress = Math.min(1, Math.max(0, (year - baseline_year) / (target_year - baseline_year)))
    const path = baseline * (1 - reduction * (Number.isNaN(progress) ? 1 : progress))
    const period = totalOf(of, totals)
    const yearly = period === null ? null : period / years
    return {
      name,
      of,
      unit: of === 'energy' ? 'kWh' : 'kg CO2e',
      baselineYear: baseline_year,
      baseline,
      targetYear: target_year,
      goal: baseline * (1 - reduction),
      path,
      period,
      yearly,
      isReached: yearly === null ? null : yearly <= path,
    }
  })
}

function totalOf(
  of: TargetLine['of'],
  { scope1Kg, locationKg, marketKg, embodiedKg, energyKwh }: PeriodTotals,
): number | null {
  if (of === 'energy') return energyKwh
  const scope2 = of.endsWith('location') ? locationKg : marketKg
  if (!of.startsWith('all')) return scope2
  return scope2 === null || embodiedKg === null ? null : scope1Kg + scope2 + embodiedKg
}

export interface ScenarioLine {
  readonly name: string
  readonly about: string
  /** Scope 2 by location and Scope 3 in kg, as they would be; null where they cannot be told. */
  readonly locationKg: number | null
  readonly embodiedKg: number | null
  readonly savedKg: number | null
}

/** The period again with one thing changed. `pue` is that of now; null where it is not known. */
export function scenarioLines(scenarios: Facts['scenarios'], totals: PeriodTotals, pue: number | null): ScenarioLine[] {
  const { lifetime_years, longer_years, pue: better, g_per_kwh } = scenarios
  const { locationKg, embodiedKg, energyKwh } = totals
  const lines: Omit<ScenarioLine, 'savedKg'>[] = []
  if (lifetime_years !== null && longer_years !== null) {
    const about = `machines are kept ${lifetime_years + longer_years} years and not ${lifetime_years}`
    const longer = embodiedKg === null ? null : (embodiedKg * lifetime_years) / (lifetime_years + longer_years)
    lines.push({ name: `lifetime +${longer_years} years`, about, locationKg, embodiedKg: longer })
  }
  if (better !== null) {
    const about = pue === null ? 'the PUE of now is not known' : `the PUE is ${better} and not ${pue.toFixed(3)}`
    const changed = locationKg === null || pue === null ? null : (locationKg * better) / pue
    lines.push({ name: `PUE ${better}`, about, locationKg: changed, embodiedKg })
  }
  if (g_per_kwh !== null) {
    const kwh = energyKwh * (pue ?? 1)
    const about = `the electricity of ${kwh.toFixed(0)} kWh has ${g_per_kwh} g/kWh`
    lines.push({ name: `${g_per_kwh} g/kWh`, about, locationKg: (kwh * g_per_kwh) / 1e3, embodiedKg })
  }
  return lines.map((line) => ({ ...line, savedKg: savedOf(line, totals) }))
}

function savedOf(line: Omit<ScenarioLine, 'savedKg'>, { locationKg, embodiedKg }: PeriodTotals): number | null {
  const scope2 = line.locationKg === null || locationKg === null ? null : locationKg - line.locationKg
  const scope3 = line.embodiedKg === null || embodiedKg === null ? 0 : embodiedKg - line.embodiedKg
  return scope2 === null ? null : scope2 + scope3
}
