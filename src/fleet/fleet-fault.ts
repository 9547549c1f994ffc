/**
 * Why a fleet command has no answer, in one sentence. `FLEET_FILE`: a file that it was given. `FLEET_SERVER`: Prometheus did not
 * answer, or not all of it. `FLEET_NO_DATA`: there is nothing of that time. `FLEET_LEDGER`: the fleet's ledger.
 */
export type FleetFaultCode = 'FLEET_FILE' | 'FLEET_SERVER' | 'FLEET_NO_DATA' | 'FLEET_LEDGER'

export class FleetFault extends Error {
  readonly code: FleetFaultCode

  constructor(code: FleetFaultCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'FleetFault'
    this.code = code
  }
}
