import { printable } from '../../model/printable.ts'
import { UJ_PER_KWH } from '../../model/units.ts'
import { decimalsFor, NONE, shownColumn } from '../../report/digits.ts'
import { type Fact, type ReportDocument, section, type Table } from '../../report/document-shape.ts'
import { amount } from '../../report/head-figures.ts'
import { utc } from '../../report/span.ts'
import { UJ_PER_WH } from './allocate-certificates.ts'
import type { Matched } from './match.ts'
import type { MatchReport } from './match-report.ts'

const UG_PER_KG = 1_000_000_000n

/** The two ways of counting, as every format names them. */
export const METHODS = { volume: '2015', hourly: 'draft 2025' } as const

export function matchDocument(report: MatchReport): ReportDocument {
  const { about, match, zones, by } = report
  const hours = match.hours.map(({ load }) => load.hourUnixMs)
  const [from, to] = hours.reduce(([a, b], hour) => [Math.min(a, hour), Math.max(b, hour)], [Infinity, -Infinity])
  const period = hours.length === 0 ? 'no time' : `${utc(from)} to ${utc(to + 3_600_000)}`
  return {
    title: 'Match of consumption with granular certificates',
    subtitle: `${zones.map(printable).join(', ')}, ${period}`,
    facts: headFacts(report),
    sections: [
      section(
        'Side by side',
        '2015: the Scope 2 Guidance in force, by volume in the whole time. Draft 2025: the proposed revision, hour by hour and deliverable. ' +
          'A share of one cannot be compared with that of the other.',
        methodTable(report),
      ),
      { ...section(HEADINGS[by], 'By the draft of 2025. Rows add up to the total.', rowsTable(report)), isRows: true },
      section('Certificates that are not used', 'They back no claim here.', unusedTable(report)),
      { ...section('Method', '', null), facts: methodFacts(about.deliverable) },
    ],
  }
}

const HEADINGS = { hour: 'By hour', day: 'By day', month: 'By month', zone: 'By zone' } as const

function headFacts({ about, match, hoursWithoutMix, hoursWithoutResidual, hoursByProfile }: MatchReport): Fact[] {
  const { hourly, surplusUj, hours } = match
  const optional = (name: string, value: string | null): Fact[] => (value === null ? [] : [[name, printable(value)]])
  return [
    ...optional('Organisation', about.organisation),
    ...optional('Site', about.site),
    ...optional('Cancelled for', about.beneficiary),
    ['Consumption', `${kwh(hourly.loadUj)} kWh in ${hours.length} hours`],
    ['Consumption not known', `${about.missingHours} hours, which are in no figure`],
    ['By profile instead of a meter', `${hoursByProfile} hours`],
    ['Certificates read', String(about.certificates)],
    ['Surplus', `${kwh(surplusUj)} kWh, which is not moved to another hour`],
    ...(hoursWithoutMix === 0
      ? []
      : [['Grid mix not known', `${hoursWithoutMix} hours: there is no 24/7 CFE score without them`] as const]),
    ...(hoursWithoutResidual === 0
      ? []
      : [
          [
            'Residual mix not known',
            `${hoursWithoutResidual} hours: there are no emissions by market without them`,
          ] as const,
        ]),
    ['Version', about.version],
  ]
}

function methodTable({ match: { hourly, volume } }: MatchReport): Table {
  const both = (name: string, text: (matched: Matched) => string) => [name, text(volume), text(hourly)]
  return {
    head: ['', METHODS.volume, METHODS.hourly],
    rows: [
      [
        'matched',
        `${percentText(volume.matchedUj, volume.loadUj)} annual`,
        `${percentText(hourly.matchedUj, hourly.loadUj)} hourly`,
      ],
      ['24/7 CFE score', NONE, percentText(hourly.cfeUj, hourly.loadUj)],
      both('matched, kWh', ({ matchedUj }) => kwh(matchedUj)),
      both('of it from storage, kWh', ({ storageUj }) => kwh(storageUj)),
      both('Scope 2 by market, kg CO2e', ({ marketUg }) =>
        marketUg === null ? 'not known' : amount(marketUg, UG_PER_KG),
      ),
    ],
    total: null,
    right: new Set([1, 2]),
  }
}

function rowsTable({ by, rows, match }: MatchReport): Table {
  const energy = (key: 'loadUj' | 'matchedUj' | 'storageUj' | 'cfeUj') => {
    const values = rows.map((row) => row[key])
    const most = values.reduce<bigint>((largest, value) => (value !== null && value > largest ? value : largest), 0n)
    return shownColumn(values, match.hourly[key], UJ_PER_KWH, decimalsFor(most, UJ_PER_KWH))
  }
  const columns = [energy('loadUj'), energy('matchedUj'), energy('storageUj'), energy('cfeUj')]
  const shares = ({ matchedUj, cfeUj, loadUj }: Matched) => [percentText(matchedUj, loadUj), percentText(cfeUj, loadUj)]
  return {
    head: [by, 'kWh', 'matched', 'storage', 'CFE', 'match', 'CFE score'],
    rows: rows.map((row, n) => [
      printable(row.label),
      ...columns.map((column) => column.rows[n] ?? NONE),
      ...shares(row),
    ]),
    total: ['total', ...columns.map(({ total }) => total ?? NONE), ...shares(match.hourly)],
    right: new Set([1, 2, 3, 4, 5, 6]),
  }
}

function unusedTable({ unused }: MatchReport): Table | null {
  if (unused.length === 0) return null
  return {
    head: ['why', 'certificates', 'kWh'],
    rows: unused.map(({ reason, count, wh }) => [printable(reason), String(count), kwh(wh * UJ_PER_WH)]),
    total: null,
    right: new Set([1, 2]),
  }
}

function methodFacts(deliverable: MatchReport['about']['deliverable']): Fact[] {
  const routes = deliverable.map(([zone, from]) => `${from} to ${zone}`).join(', ')
  return [
    [
      'Certificates',
      'EnergyTag, Granular Certificate Scheme Standard v2: cancelled, inside one UTC hour, whole Wh, each number once; in order of expiry, then of id',
    ],
    [
      'Zones',
      routes === '' ? 'a certificate counts in its own zone' : `a certificate counts in its own zone, and ${routes}`,
    ],
    ['Hourly match', 'sum of min(consumption, certificates) of each hour over the consumption'],
    ['Annual match', 'min(consumption, certificates) of the whole time over the consumption'],
    [
      '24/7 CFE score',
      'what is matched and, of the rest of each hour, the carbon-free share of the grid; a surplus earns nothing',
    ],
    ['Storage', 'discharged energy counts in the hour in which it was discharged'],
    [
      'Draft of 2025',
      'Scope 2 public consultation of 2025-10-20 to 2026-01-31; the rules of 2015 hold until it is final',
    ],
  ]
}

/** `63.3 %` */
export function percentText(part: bigint | null, whole: bigint): string {
  if (part === null) return 'not known'
  return whole === 0n ? NONE : `${((100 * Number(part)) / Number(whole)).toFixed(1)} %`
}

function kwh(uj: bigint): string {
  return amount(uj, UJ_PER_KWH)
}
