import { meterRules } from '../fleet/meter-rules.ts'
import { readTopology } from '../fleet/read-topology.ts'
import { EX_OK } from './exit-codes.ts'
import type { Context, Output } from './run.ts'

export interface FleetRulesContext extends Pick<Context, 'argument' | 'unixMs'> {
  readonly stdout: Output
}

/** Prints the recording rules for the meters of a topology file. */
export function fleetRules({ argument, unixMs, stdout }: FleetRulesContext): number {
  stdout.write(meterRules(readTopology(argument), unixMs()))
  return EX_OK
}
