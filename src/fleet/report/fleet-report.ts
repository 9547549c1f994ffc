import { DAY_MS, floorTo, HOUR_MS } from '../../model/time.ts'
import type { Figures } from '../../report/figures.ts'
import type { Row } from '../../report/rows.ts'
import type { FleetAccount } from '../account/account.ts'
import { balancesOf } from '../account/balances.ts'
import type { Meter, Place } from '../topology.ts'
import { within } from '../topology.ts'
import { type Contribution, contributionsOf } from './contributions.ts'
import { type EuLine, euSheet } from './eu-sheet.ts'
import type { FacilityScope2, FacilityTally } from './facility-scope2.ts'
import type { Facts } from './facts-schema.ts'
import type { FleetRows, FleetView } from './rows.ts'
import { type SiteEnergy, siteEnergies } from './site-energy.ts'
import { type PeriodTotals, type ScenarioLine, scenarioLines, type TargetLine, targetLines } from './targets.ts'

export interface FleetAbout {
  readonly organisation: string | null
  readonly server: string
  readonly version: string
  /** Of what the report is; null for all that there is. */
  readonly place: string | null
  readonly fromUnixMs: number
  readonly untilUnixMs: number
  readonly hosts: number
}

/** PUE of a time; null where no hour of it has one. */
export interface PueRow {
  readonly label: string
  readonly category: number
  readonly hours: number
  readonly pue: number | null
  readonly least: number | null
  readonly most: number | null
}

export interface Hotspot {
  readonly node: string
  readonly energyUj: bigint
  readonly share: number
}

/** All that a report of the fleet says, as data. */
export interface FleetReport {
  readonly about: FleetAbout
  readonly by: FleetView
  readonly rows: readonly Row[]
  readonly total: Figures
  readonly scope1: Facts['scope1']
  readonly scope1Kg: number
  /** Of the site by its own meters; null without them. */
  readonly facility: FacilityScope2 | null
  readonly pue: readonly PueRow[]
  readonly pueHours: readonly { readonly hourUnixMs: number; readonly pue: number | null }[]
  readonly contributions: { readonly hours: number; readonly parts: readonly Contribution[] }
  readonly hotspots: readonly Hotspot[]
  readonly targets: readonly TargetLine[]
  readonly scenarios: readonly ScenarioLine[]
  readonly eu: readonly EuLine[]
  readonly meters: readonly Meter[]
}

const HOTSPOTS = 10

export interface Wanted {
  readonly rows: FleetRows
  readonly by: FleetView
  readonly facility: FacilityTally
  readonly place: Place | null
  readonly facts: Facts
  readonly about: Pick<FleetAbout, 'organisation' | 'server' | 'version'>
}

export function fleetReport(account: FleetAccount, { rows, by, facility, place, facts, about }: Wanted): FleetReport {
  rows.cover(account)
  const total = rows.total.figures
  const balances = balancesOf(account)
  const site = place ?? (account.topology.roots.length === 1 ? (account.topology.roots[0] ?? null) : null)
  const energies = site === null ? [] : siteEnergies(account, site, balances)
  const best = energies[0] ?? null
  const byHosts = energies.find(({ category }) => category === 3) ?? null
  const scope2 = byHosts === null || byHosts.hours === 0 ? null : facility.scope2(byHosts.pue)
  const scope1Kg = facts.scope1.reduce((sum, { kg }) => sum + kg, 0)
  const totals = totalsOf(total, scope2, scope1Kg)
  const pueNow = byHosts === null || byHosts.hours === 0 ? null : byHosts.totalJ / byHosts.itJ
  const { span } = account
  return {
    about: {
      ...about,
      place: place?.name ?? null,
      fromUnixMs: span.from,
      untilUnixMs: span.until,
      hosts: account.hosts.filter(({ host }) => rows.holds(host.places.at(-1)?.place ?? null)).length,
    },
    by,
    rows: rows.rows,
    total,
    scope1: facts.scope1,
    scope1Kg,
    facility: scope2,
    pue: energies.flatMap((energy) => [
      pueRow('in all', energy),
      ...(energy === best ? pueDays(energy, span.from) : []),
    ]),
    pueHours:
      best === null
        ? []
        : [...best.pue].map((pue, at) => ({
            hourUnixMs: span.from + at * HOUR_MS,
            pue: Number.isNaN(pue) ? null : pue,
          })),
    contributions: site === null ? { hours: 0, parts: [] } : contributionsOf(site, balances),
    hotspots: hotspotsOf(account, rows, total.energyUj),
    targets: targetLines(facts.targets, totals, span),
    scenarios: scenarioLines(facts.scenarios, totals, pueNow),
    eu: site === null ? [] : euSheet(account, site, energies, facts.eu, total.energyUj),
    meters: site === null ? [...account.topology.meters.values()] : within(site).flatMap(({ meters }) => meters),
  }
}

function totalsOf(
  { locationUg, marketUg, embodiedUg, energyUj }: Figures,
  facility: FacilityScope2 | null,
  scope1Kg: number,
): PeriodTotals {
  const kg = (ug: bigint | null) => (ug === null ? null : Number(ug) / 1e9)
  const site = (grams: number | null) => (grams === null ? null : grams / 1e3)
  return {
    scope1Kg,
    locationKg: facility === null ? kg(locationUg) : site(facility.locationG),
    marketKg: facility === null ? kg(marketUg) : site(facility.marketG),
    embodiedKg: kg(embodiedUg),
    energyKwh: Number(energyUj) / 3.6e12,
  }
}

function pueDays(energy: SiteEnergy, from: number): PueRow[] {
  const days = Map.groupBy(energy.pue.keys(), (at) => floorTo(DAY_MS, from + at * HOUR_MS))
  return [...days].map(([day, hours]) => pueRow(new Date(day).toISOString().slice(0, 10), energy, hours))
}

function pueRow(
  label: string,
  { category, pue, total, it }: SiteEnergy,
  hours: readonly number[] = [...pue.keys()],
): PueRow {
  const known = hours.filter((at) => !Number.isNaN(pue[at] ?? Number.NaN))
  const sum = (of: Float64Array) => known.reduce((all, at) => all + (of[at] ?? 0), 0)
  const ratios = known.map((at) => pue[at] ?? 0)
  const isEmpty = known.length === 0
  return {
    label,
    category,
    hours: known.length,
    pue: isEmpty ? null : sum(total) / sum(it),
    least: isEmpty ? null : ratios.reduce((least, one) => Math.min(least, one)),
    most: isEmpty ? null : ratios.reduce((most, one) => Math.max(most, one)),
  }
}

function hotspotsOf({ hosts }: FleetAccount, rows: FleetRows, totalUj: bigint): Hotspot[] {
  return hosts
    .filter(({ host }) => rows.holds(host.places.at(-1)?.place ?? null))
    .sort((a, b) =>
      a.energyUj === b.energyUj ? (a.host.node < b.host.node ? -1 : 1) : a.energyUj > b.energyUj ? -1 : 1,
    )
    .slice(0, HOTSPOTS)
    .map(({ host, energyUj }) => ({
      node: host.node,
      energyUj,
      share: totalUj === 0n ? 0 : Number(energyUj) / Number(totalUj),
    }))
}
