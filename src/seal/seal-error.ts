/**
 * `SEAL_KEY`: the key of the machine cannot be used. `SEAL_USER`: the user is not the agent's. `SEAL_BUSY`: another
 * process seals. `SEAL_LEDGER`: the ledger is of an earlier version. `SEAL_BROKEN`: the last seal cannot be read.
 * `SEAL_DISK`: seals cannot be read or written.
 */
export type SealErrorCode = 'SEAL_KEY' | 'SEAL_USER' | 'SEAL_BUSY' | 'SEAL_LEDGER' | 'SEAL_BROKEN' | 'SEAL_DISK'

/** The code is stable and matched by programs; the message names the place and tells a person what to do. */
export class SealError extends Error {
  readonly code: SealErrorCode

  constructor(code: SealErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'SealError'
    this.code = code
  }
}
