import { hostname } from 'node:os'
import { type Resource, resourceFromAttributes } from '@opentelemetry/resources'
import { readBounded } from '../io/bounded-file.ts'
import type { Snapshot } from '../model/snapshot.ts'

/** Version of the conventions that the names are of. */
const SCHEMA_URL = 'https://opentelemetry.io/schemas/1.44.0'

/** machine-id(5) and its older place. */
const MACHINE_ID_FILES = ['/etc/machine-id', '/var/lib/dbus/machine-id']
const MOST_ID_BYTES = 1024

export interface ResourceOptions {
  readonly version: string
  /** `otlp.resource`: these stand above our own. */
  readonly configured: Readonly<Record<string, string>>
  readonly machineIdFiles?: readonly string[]
}

/** Who the metrics are from. Prometheus makes `job` and `instance` of the service's name and instance. */
export function resourceOf({ version, configured, machineIdFiles = MACHINE_ID_FILES }: ResourceOptions) {
  const id = machineIdFiles.map(idIn).find((found) => found !== null)
  const known = { 'host.name': hostname(), ...(id === undefined ? {} : { 'host.id': id }) }
  return ({ node }: Snapshot): Resource =>
    resourceFromAttributes(
      {
        'service.name': 'wattledger',
        'service.version': version,
        'service.instance.id': node.name,
        ...known,
        ...configured,
      },
      { schemaUrl: SCHEMA_URL },
    )
}

/** Null for a file that is missing, empty, or says `uninitialized` as images do. */
function idIn(path: string): string | null {
  try {
    const text = readBounded(path, MOST_ID_BYTES).bytes.toString('utf8').trim()
    return /^[0-9a-f-]{32,36}$/.test(text) ? text : null
  } catch {
    return null
  }
}
