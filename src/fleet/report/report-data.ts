import { decimalText } from '../../report/digits.ts'
import { type Figures, knownOf } from '../../report/figures.ts'
import { textField } from '../../report/format/csv.ts'
import { MASS_KEYS } from '../account/host-hours.ts'
import type { FleetReport } from './fleet-report.ts'

const SHAPE = { format: 'wattledger-fleet-report', version: 1 } as const
const HEADS = ['co2e_location_g', 'co2e_market_g', 'embodied_g', 'site_water_l', 'grid_water_l']

/** The rows, RFC 4180, in full digits. */
export function fleetCsv({ by, rows }: FleetReport): string {
  const head = [by, 'energy_uj', 'uncertainty_pct', 'coverage_pct', ...HEADS]
  const percent = (value: number | null) => (value === null ? '' : value.toFixed(4))
  const lines = rows.map(({ label, figures }) => [
    textField(label),
    knownOf(figures).energyUj?.toString() ?? '',
    percent(figures.uncertaintyPct),
    percent(figures.coveragePct),
    ...MASS_KEYS.map((key) => decimalOrEmpty(figures[key])),
  ])
  return [head, ...lines].map((fields) => `${fields.join(',')}\r\n`).join('')
}

function decimalOrEmpty(value: bigint | null): string {
  return value === null ? '' : decimalText(value, 6)
}

/** All of it. Whole µJ, µg and µl are strings of digits. */
export function fleetJson({ rows, total, meters, about, ...report }: FleetReport): string {
  const { fromUnixMs, untilUnixMs, ...identity } = about
  const data = {
    ...SHAPE,
    about: { ...identity, from: time(fromUnixMs), to: time(untilUnixMs) },
    rows: rows.map(({ keys, figures }) => ({ ...keys, ...figuresOf(figures) })),
    total: figuresOf(total),
    ...report,
    pueHours: report.pueHours.map(({ hourUnixMs, pue }) => ({ hour: time(hourUnixMs), pue })),
    meters: meters.map(({ place, behind, sinceUnixMs, untilUnixMs, scale: _, ...meter }) => ({
      ...meter,
      place: place.name,
      behind: behind?.name ?? null,
      since: time(sinceUnixMs),
      until: time(untilUnixMs),
    })),
  }
  return `${JSON.stringify(data, (_, value) => (typeof value === 'bigint' ? value.toString() : value), 2)}\n`
}

/** Of what the fleet knows; how energy was obtained is the machine's report. */
function figuresOf(all: Figures) {
  const { energyUj, uncertaintyPct, coveragePct, ...figures } = knownOf(all)
  const masses = Object.fromEntries(MASS_KEYS.map((key) => [key, figures[key]]))
  return {
    energyKwh: energyUj === null ? null : Number(energyUj) / 3.6e12,
    energyUj,
    uncertaintyPct,
    coveragePct,
    ...masses,
  }
}

function time(unixMs: number | null): string | null {
  return unixMs === null ? null : `${new Date(unixMs).toISOString().slice(0, 19)}Z`
}
