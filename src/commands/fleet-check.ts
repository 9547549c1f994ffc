import { checkFleet, type FleetCheck } from '../fleet/check/check.ts'
import { checkCsv, checkJson } from '../fleet/check/check-data.ts'
import { checkDocument } from '../fleet/check/check-document.ts'
import { type CommonFormat, documentText } from '../report/format/document-formats.ts'
import { EX_FINDINGS, EX_OK } from './exit-codes.ts'
import { type FleetContext, fleetTask, readFleet } from './fleet-reading.ts'
import { writeReport } from './report-output.ts'

/**
 * Finds what is wrong with the machines and meters of a site. 6: something is. Throws a UsageError, a ConfigFault or a
 * FleetFault; then nothing is written.
 */
export async function fleetCheck(context: FleetContext): Promise<number> {
  const task = fleetTask(context)
  const { account, server, retries } = await readFleet(context, task)
  const check = checkFleet(account, { server, retries, version: context.version })
  const { file, format } = task
  await writeReport<CommonFormat>((as) => textOf(check, as), format, { file, stdout: context.stdout, env: context.env })
  return check.findings.length === 0 ? EX_OK : EX_FINDINGS
}

function textOf(check: FleetCheck, format: Exclude<CommonFormat, 'pdf'>): string {
  if (format === 'csv') return checkCsv(check)
  return format === 'json' ? checkJson(check) : documentText(checkDocument(check), format)
}
