import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { parseEnv } from 'node:util'
import { countries } from '../carbon/zone/iso-3166.ts'
import { readHost } from '../machine/host.ts'
import { Inventory } from '../machine/inventory.ts'
import { partsOf } from '../machine/machine-parts.ts'
import { tellerIn } from '../sensors/redfish/teller.ts'
import type { BoampsFacts } from './boamps-facts.ts'
import { readFacts } from './boamps-file.ts'
import { boampsOf } from './exec-boamps.ts'
import { configOf } from './exec-client.ts'
import type { Report } from './exec-report.ts'
import type { Context } from './run.ts'

const REAL_ROOTS = { sysfs: '/sys', procfs: '/proc' }
const OS_RELEASE = '/etc/os-release'

/** Reads the file of a task. What it returns makes a document of a report. @throws UsageError */
export function readTask(
  path: string,
  context: Pick<Context, 'file' | 'env' | 'version' | 'unixMs'>,
): (report: Report) => Promise<object | null> {
  const facts = readFacts(path)
  return (report) => documentOf(report, facts, context)
}

async function documentOf(
  report: Report,
  facts: BoampsFacts,
  { file, env, version, unixMs }: Pick<Context, 'file' | 'env' | 'version' | 'unixMs'>,
): Promise<object | null> {
  const config = configOf(file, env)
  const host = readHost(config?.paths ?? REAL_ROOTS)
  const known = config && (await Inventory.open(config.paths.state, host, tellerIn(config.sensors.redfish)))
  return boampsOf(report, {
    facts,
    parts: known?.parts ?? partsOf(host, null),
    system: systemOf(),
    country: countryOf(config?.carbon.zone ?? null),
    version,
    id: randomUUID(),
    unixMs: unixMs(),
  })
}

/** A grid may be that of a region that is no country. */
function countryOf(zone: string | null): string | null {
  const code = zone?.toUpperCase()
  return countries().find(({ alpha2, alpha3 }) => code === alpha2 || code === alpha3)?.alpha2 ?? null
}

/** os-release(5), which a container may lack. */
function systemOf(): { readonly distribution: string | null; readonly distributionVersion: string | null } {
  try {
    const { NAME, VERSION_ID } = parseEnv(readFileSync(OS_RELEASE, 'utf8'))
    return { distribution: NAME ?? null, distributionVersion: VERSION_ID ?? null }
  } catch {
    return { distribution: null, distributionVersion: null }
  }
}
