import { hostname } from 'node:os'
import { type Resource, resourceFromAttributes } from '@opentelemetry/resources'
import { MACHINE_ID_FILES, machineId } from '../io/machine-id.ts'
import type { Snapshot } from '../model/snapshot.ts'

/** Version of the conventions that the names are of. */
const SCHEMA_URL = 'https://opentelemetry.io/schemas/1.44.0'

export interface ResourceOptions {
  readonly version: string
  /** `otlp.resource`: these stand above our own. */
  readonly configured: Readonly<Record<string, string>>
  readonly machineIdFiles?: readonly string[]
}

/** Who the metrics are from. Prometheus makes `job` and `instance` of the service's name and instance. */
export function resourceOf({ version, configured, machineIdFiles = MACHINE_ID_FILES }: ResourceOptions) {
  const id = machineId(machineIdFiles)
  const known = { 'host.name': hostname(), ...(id === null ? {} : { 'host.id': id }) }
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
