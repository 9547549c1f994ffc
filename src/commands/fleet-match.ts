import { join } from 'node:path'
import { parseIntensities } from '../carbon/sources/intensity-file.ts'
import { loadConfig } from '../config/loader.ts'
import { FleetFault } from '../fleet/fleet-fault.ts'
import { loadHours } from '../fleet/match/load-hours.ts'
import { matchCsv, matchJson } from '../fleet/match/match-data.ts'
import { matchDocument } from '../fleet/match/match-document.ts'
import { matchOnce } from '../fleet/match/match-once.ts'
import { MATCH_VIEWS, type MatchReport, matchReport } from '../fleet/match/match-report.ts'
import { parseCertificates } from '../fleet/match/read-certificates.ts'
import { parseGridMix, parseLoads, residualFigures } from '../fleet/match/read-loads.ts'
import { sortOut } from '../fleet/match/usable.ts'
import { readInput } from '../fleet/read-input.ts'
import { UsageError } from '../model/usage-error.ts'
import { COMMON_FORMATS, type CommonFormat, documentText } from '../report/format/document-formats.ts'
import { chosen } from './choice.ts'
import { EX_OK } from './exit-codes.ts'
import { fleetMatchOptions } from './fleet-match-options.ts'
import type { FleetContext } from './fleet-reading.ts'
import { readSiteLoad } from './fleet-site-load.ts'
import { NewFile } from './new-file.ts'
import { writeReport } from './report-output.ts'

/** Matches consumption with granular certificates. Throws a UsageError, a ConfigFault or a FleetFault; then nothing is written. */
export async function fleetMatch(context: FleetContext): Promise<number> {
  const { file, env, version, options, stdout } = context
  const typed = fleetMatchOptions(options ?? {})
  const format = chosen('--format', COMMON_FORMATS, typed.format)
  const by = chosen('--by', MATCH_VIEWS, typed.by)
  if (format === 'pdf' && typed.target === null) throw new UsageError('--format pdf: expected --out FILE')
  const { paths, report: about } = loadConfig(file, env)
  const target = typed.target && NewFile.at(typed.target, paths.state)

  const certificates = typed.certificates.flatMap((path) => readInput(path, parseCertificates))
  const { loads, missing } =
    typed.load === null
      ? await readSiteLoad(context, typed.place ?? '', typed.zone ?? '')
      : { loads: readInput(typed.load, parseLoads), missing: 0 }
  if (loads.length === 0) {
    throw new FleetFault('FLEET_NO_DATA', `${typed.load ?? typed.place}: there is no consumption in it`)
  }
  const grid = typed.grid === null ? [] : readInput(typed.grid, parseGridMix)
  const residual =
    typed.residual === null
      ? []
      : readInput(typed.residual, (text, path) => residualFigures(parseIntensities(text, path)))

  const routes = Map.groupBy(typed.deliverable, ([zone]) => zone)
  const deliverable = new Map([...routes].map(([zone, own]) => [zone, own.map(([, from]) => from)]))
  const once = matchOnce(sortOut(certificates, typed.beneficiary), {
    register: join(paths.state, 'fleet', 'certificates.db'),
    claimant: typed.claimant,
    loads: loadHours(loads, grid, residual),
    deliverable,
    nowUnixMs: typed.isTrial ? null : context.unixMs(),
  })
  const made = matchReport(
    once.match,
    once.refused,
    {
      organisation: about.organisation,
      site: about.site,
      version,
      beneficiary: typed.beneficiary,
      deliverable: typed.deliverable,
      certificates: certificates.length,
      missingHours: missing,
    },
    by,
  )
  await writeReport<CommonFormat>((as) => textOf(made, as), format, { file: target, stdout, env })
  return EX_OK
}

function textOf(report: MatchReport, format: Exclude<CommonFormat, 'pdf'>): string {
  if (format === 'csv') return matchCsv(report)
  return format === 'json' ? matchJson(report) : documentText(matchDocument(report), format)
}
