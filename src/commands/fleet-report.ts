import { FleetFault } from '../fleet/fleet-fault.ts'
import { FacilityTally } from '../fleet/report/facility-scope2.ts'
import { NO_FACTS } from '../fleet/report/facts-schema.ts'
import { type FleetReport, fleetReport as makeReport } from '../fleet/report/fleet-report.ts'
import { readFacts } from '../fleet/report/read-facts.ts'
import { fleetCsv, fleetJson } from '../fleet/report/report-data.ts'
import { fleetDocument } from '../fleet/report/report-document.ts'
import { FLEET_VIEWS, FleetRows } from '../fleet/report/rows.ts'
import { HOUR_MS } from '../model/time.ts'
import { type CommonFormat, documentText } from '../report/format/document-formats.ts'
import { chosen } from './choice.ts'
import { EX_OK } from './exit-codes.ts'
import { type FleetContext, fleetTask, placeCalled, readFleet } from './fleet-reading.ts'
import { writeReport } from './report-output.ts'

/** Reports a site or a part of it. Throws a UsageError, a ConfigFault or a FleetFault; then nothing is written. */
export async function fleetReport(context: FleetContext): Promise<number> {
  const { by: typedBy = 'rack', place: typedPlace, facts: typedFacts } = context.options ?? {}
  const by = chosen('--by', FLEET_VIEWS, String(typedBy))
  const task = fleetTask(context)
  const facts = typeof typedFacts === 'string' ? readFacts(typedFacts) : NO_FACTS
  const place = typeof typedPlace === 'string' ? placeCalled(typedPlace, task.topology) : null
  const { from, until } = task.span
  const rows = new FleetRows(by, place)
  const facility = new FacilityTally(from, (until - from) / HOUR_MS)
  const { account, server } = await readFleet(context, task, (hour) => {
    rows.add(hour)
    if (rows.holds(hour.place)) facility.add(hour)
  })
  if (account.hosts.length === 0) {
    throw new FleetFault(
      'FLEET_NO_DATA',
      `${server} has no machines of wattledger in this time: see fleet.prometheus.selector`,
    )
  }
  const about = { organisation: task.config.report.organisation, server, version: context.version }
  const report = makeReport(account, { rows, by, facility, place, facts, about })
  const { file, format } = task
  await writeReport<CommonFormat>((as) => textOf(report, as), format, {
    file,
    stdout: context.stdout,
    env: context.env,
  })
  return EX_OK
}

function textOf(report: FleetReport, format: Exclude<CommonFormat, 'pdf'>): string {
  if (format === 'csv') return fleetCsv(report)
  return format === 'json' ? fleetJson(report) : documentText(fleetDocument(report), format)
}
