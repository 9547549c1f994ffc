import { fixed } from './digits.ts'
import type { Fact } from './document-shape.ts'
import { ageOfFactors } from './official-factors.ts'
import type { Report } from './report.ts'
import { utc } from './span.ts'

/** What guidance on such reports asks for: boundary, hardware, tools, intervals, units, and the rest of ISO 14064-1. */
export function checklist(report: Report): Fact[] {
  const { about, quality, machine, meters, exclusions, factors, restatements } = report
  const shares = [
    `final ${fixed(quality.finalPct, 1)} %`,
    `provisional ${fixed(quality.provisionalPct, 1)} %`,
    `estimated ${fixed(quality.estimatedPct, 1)} %`,
  ]
  const sensors = [...new Set(meters.map(({ sensor }) => sensor))].join(', ')
  return [
    [
      'Boundary',
      `One machine, at its input; the site by PUE ${fixed(quality.pue, 3)}. In: Scope 2 of its use, and of Scope 3 raw material and manufacturing of the machine (category 2, cradle to gate). Shown by stage, and not counted: transport to the site (category 4), end of life (category 5, or 12 once sold). Out: all else, as under What is left out.`,
    ],
    [
      'Hardware',
      `${meters.length} ${meters.length === 1 ? 'channel' : 'channels'}, listed under Meters; the total is by ${quality.meters.join(', ') || 'no meter'}.`,
    ],
    ['Tools', `wattledger ${about.version}, ledger format ${about.ledgerFormat}; sensors: ${sensors || 'none'}.`],
    ['Configuration', `sha256 ${about.configSha256}`],
    ['Intervals', 'Sensors each second or as configured; energy, intensity and PUE by the UTC hour or finer.'],
    ['Period', `${utc(about.fromUnixMs)} to ${utc(about.untilUnixMs)}; ${closing(report)}`],
    [
      'Coverage',
      `${fixed(machine.coveragePct, 2)} % of the time; the rest stands under What is left out (${exclusions.length} ${exclusions.length === 1 ? 'entry' : 'entries'}).`,
    ],
    ['Units', 'kWh (3.6 MJ), kg CO2e as the sources of the factors state it, litres, UTC.'],
    [
      'Factors',
      `${factors.length} ${factors.length === 1 ? 'kind' : 'kinds'}, listed with zone, basis, source and uncertainty; status by energy: ${shares.join(', ')}.`,
    ],
    ['Age of factors', ageOfFactors(report)],
    [
      'Recalculation',
      `Later figures are appended as restatements, never overwritten, for 40 days; here ${restatements.length === 0 ? 'there are none' : 'they are listed'}.`,
    ],
    ['Rounding', 'Sums are of whole µJ, µg and µl; shown rows add up to the shown total.'],
    ['Seal', about.seal === null ? 'none' : `${about.seal.sha256} of ${about.seal.day} and the days before`],
    ['Verification', 'Not verified by a third party.'],
    ...(about.madeUnixMs === null ? [] : ([['Made', utc(about.madeUnixMs)]] as Fact[])),
  ]
}

function closing({ about }: Report): string {
  const { closedUntilUnixMs: closed } = about
  return closed === null ? 'no hour is closed' : `hours are closed up to ${utc(closed)}`
}
