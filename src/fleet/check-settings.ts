import { CredentialFiles } from '../io/credential-files.ts'
import type { Fault } from '../model/config-fault.ts'
import { SILENT } from '../model/logger.ts'
import { readTopology } from './read-topology.ts'
import type { FleetSettings } from './schema.ts'

/** What is wrong with the files that the section names. */
export function checkFleet({ topology, prometheus }: FleetSettings): readonly Fault[] {
  return [
    ...attempt('fleet.topology', () => topology !== null && readTopology(topology)),
    ...attempt('fleet.prometheus', () => new CredentialFiles(prometheus, SILENT).read()),
  ]
}

function attempt(key: string, read: () => unknown): readonly Fault[] {
  try {
    read()
    return []
  } catch (error) {
    const { message } = error as Error
    return message.split('\n').map((text) => ({ key, text }))
  }
}
