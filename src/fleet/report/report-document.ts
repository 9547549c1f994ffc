import { printable } from '../../model/printable.ts'
import { UJ_PER_KWH } from '../../model/units.ts'
import { columnsOf } from '../../report/columns.ts'
import { fixed, NONE } from '../../report/digits.ts'
import { type Fact, type ReportDocument, section, type Table } from '../../report/document-shape.ts'
import { amount } from '../../report/head-figures.ts'
import { utc } from '../../report/span.ts'
import type { FleetReport } from './fleet-report.ts'

const UG_PER_KG = 1_000_000_000n
const J_PER_KWH = 3.6e6

export function fleetDocument(report: FleetReport): ReportDocument {
  const { about, contributions } = report
  return {
    title: 'Energy and carbon report of the fleet',
    subtitle: `${about.place === null ? about.server : printable(about.place)}, ${utc(about.fromUnixMs)} to ${utc(about.untilUnixMs)}`,
    facts: headFacts(report),
    sections: [
      {
        ...section(
          `By ${report.by}`,
          'As the machines count: docs/reports.md. Rows add up to the total in the digits shown.',
          rowsTable(report),
        ),
        isRows: true,
      },
      section(
        'PUE',
        'Site over IT, over the hours of which both are known. ISO/IEC 30134-2: IT at the UPS (1), at PDU (2), at its own input (3).',
        pueTable(report),
      ),
      section(
        'Where the energy goes',
        `Over ${contributions.hours} hours in which every meter and host is known.`,
        contributionTable(report),
      ),
      section('Hotspots', '', hotspotTable(report)),
      section('Scope 1', 'As stated in the file of facts.', scope1Table(report)),
      section(
        'Targets',
        'A straight path from the baseline to the goal. The year: this period, made as long as one.',
        targetTable(report),
      ),
      section('Scenarios', 'This period again, with one thing changed.', scenarioTable(report)),
      section(
        'Sheet of Delegated Regulation (EU) 2024/1364',
        'What is not known is not guessed. The regulation asks for a calendar year.',
        euTable(report),
      ),
      section('Register of meters', 'To be kept for ten years.', meterTable(report)),
    ].filter(({ table }) => table !== null),
  }
}

function headFacts({ about, total, facility, scope1Kg, pue }: FleetReport): Fact[] {
  const kg = (ug: bigint | null) => (ug === null ? 'not known' : `${amount(ug, UG_PER_KG)} kg CO2e`)
  const site = (grams: number | null) => (grams === null ? 'not known' : `${(grams / 1e3).toFixed(3)} kg CO2e`)
  const best = pue.find(({ label }) => label === 'in all')
  return [
    ...(about.organisation === null ? [] : [['Organisation', printable(about.organisation)] as const]),
    ['Hosts', String(about.hosts)],
    ['Energy of IT', `${amount(total.energyUj, UJ_PER_KWH)} kWh ± ${fixed(total.uncertaintyPct, 1, ' %')}`],
    ['Coverage', fixed(total.coveragePct, 2, ' % of host hours')],
    [
      'PUE',
      best?.pue == null
        ? 'not known: no meters of the site, or no hour of which all is known'
        : `${best.pue.toFixed(3)}, category ${best.category}, of ${best.hours} hours`,
    ],
    ['Scope 1', `${scope1Kg.toFixed(3)} kg CO2e, as stated`],
    ['Scope 2 by location, as machines count', kg(total.locationUg)],
    ['Scope 2 by market, as machines count', kg(total.marketUg)],
    ...(facility === null
      ? []
      : ([
          [
            'Scope 2 by location, of the site',
            `${site(facility.locationG)}, at the PUE of each hour${otherHours(facility.otherHours)}`,
          ],
          ['Scope 2 by market, of the site', `${site(facility.marketG)}`],
        ] as const)),
    ['Scope 3, making of machines', kg(total.embodiedUg)],
    ['Version', about.version],
  ]
}

function otherHours(hours: number): string {
  return hours === 0 ? '' : `; in ${hours} hours that of the machines’ configuration`
}

function rowsTable({ by, rows, total }: FleetReport): Table {
  const columns = columnsOf(rows, total, null)
  return {
    head: [by, ...columns.map(({ head }) => head)],
    rows: rows.map(({ label }, n) => [printable(label), ...columns.map(({ cells }) => cells[n] ?? NONE)]),
    total: ['total', ...columns.map((column) => column.total)],
    right: new Set(columns.map((_, n) => n + 1)),
  }
}

function pueTable({ pue }: FleetReport): Table | null {
  if (pue.length === 0) return null
  return {
    head: ['time', 'category', 'hours', 'PUE', 'least', 'most'],
    rows: pue.map(({ label, category, hours, pue, least, most }) => [
      label,
      String(category),
      String(hours),
      fixed(pue, 3),
      fixed(least, 3),
      fixed(most, 3),
    ]),
    total: null,
    right: new Set([1, 2, 3, 4, 5]),
  }
}

function contributionTable({ contributions: { parts } }: FleetReport): Table | null {
  if (parts.length === 0) return null
  return {
    head: ['what', 'kWh', '%'],
    rows: parts.map(({ what, joules, share }) => [what, (joules / J_PER_KWH).toFixed(3), (100 * share).toFixed(2)]),
    total: ['all', (parts.reduce((sum, { joules }) => sum + joules, 0) / J_PER_KWH).toFixed(3), '100.00'],
    right: new Set([1, 2]),
  }
}

function hotspotTable({ hotspots }: FleetReport): Table | null {
  if (hotspots.length === 0) return null
  return {
    head: ['host', 'kWh', '%'],
    rows: hotspots.map(({ node, energyUj, share }) => [
      printable(node),
      amount(energyUj, UJ_PER_KWH),
      (100 * share).toFixed(2),
    ]),
    total: null,
    right: new Set([1, 2]),
  }
}

function scope1Table({ scope1, scope1Kg }: FleetReport): Table | null {
  if (scope1.length === 0) return null
  const rows = scope1.map(({ name, kg }) => [printable(name), kg.toFixed(3)])
  return { head: ['what', 'kg CO2e'], rows, total: ['total', scope1Kg.toFixed(3)], right: new Set([1]) }
}

function targetTable({ targets }: FleetReport): Table | null {
  if (targets.length === 0) return null
  return {
    head: ['target', 'of', 'unit', 'baseline', 'goal', 'path', 'period', 'year', 'reached'],
    rows: targets.map(
      ({ name, of, unit, baseline, baselineYear, goal, targetYear, path, period, yearly, isReached }) => [
        `${printable(name)}, ${baselineYear} to ${targetYear}`,
        of,
        unit,
        ...[baseline, goal, path, period, yearly].map((value) => fixed(value, 1)),
        isReached === null ? 'not known' : isReached ? 'yes' : 'no',
      ],
    ),
    total: null,
    right: new Set([3, 4, 5, 6, 7]),
  }
}

function scenarioTable({ scenarios }: FleetReport): Table | null {
  if (scenarios.length === 0) return null
  return {
    head: ['scenario', 'means', 'S2 loc', 'S3 emb', 'saved kg'],
    rows: scenarios.map(({ name, about, locationKg, embodiedKg, savedKg }) => [
      name,
      about,
      fixed(locationKg, 3),
      fixed(embodiedKg, 3),
      fixed(savedKg, 3),
    ]),
    total: null,
    right: new Set([2, 3, 4]),
  }
}

function euTable({ eu }: FleetReport): Table | null {
  if (eu.length === 0) return null
  return {
    head: ['symbol', 'what', 'value', 'unit', 'flag', 'where, or why not'],
    rows: eu.map(({ symbol, about, value, unit, flag, note }) => [
      symbol,
      about,
      valueText(value),
      unit,
      flag,
      printable(note),
    ]),
    total: null,
    right: new Set([2]),
  }
}

function valueText(value: number | string | null): string {
  if (value === null) return NONE
  return typeof value === 'string' ? printable(value) : value.toFixed(Math.abs(value) < 10 ? 4 : 1)
}

function meterTable({ meters }: FleetReport): Table | null {
  if (meters.length === 0) return null
  const day = (unixMs: number | null) => (unixMs === null ? NONE : utc(unixMs).slice(0, 10))
  return {
    head: ['meter', 'measures', 'place', 'behind', 'unit', 'since', 'until', '±%'],
    rows: meters.map(({ name, measures, place, behind, unit, sinceUnixMs, untilUnixMs, uncertaintyRatio }) => [
      printable(name),
      measures,
      printable(place.name),
      behind === null ? NONE : printable(behind.name),
      unit,
      day(sinceUnixMs),
      day(untilUnixMs),
      (100 * uncertaintyRatio).toFixed(2),
    ]),
    total: null,
    right: new Set([7]),
  }
}
