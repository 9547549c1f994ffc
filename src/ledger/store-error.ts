/**
 * `STORE_UNAVAILABLE`: the file or its directory cannot be created, read or written. `STORE_NEWER`: written by a later
 * version. `STORE_FOREIGN`: a SQLite database of something else. `STORE_LOCKED`: another agent writes it.
 * `STORE_CORRUPT`: not a database, or a damaged one.
 */
export type StoreErrorCode = 'STORE_UNAVAILABLE' | 'STORE_NEWER' | 'STORE_FOREIGN' | 'STORE_LOCKED' | 'STORE_CORRUPT'

/** The code is stable and matched by programs; the message names the file and tells a person what to do. */
export class StoreError extends Error {
  readonly code: StoreErrorCode

  constructor(code: StoreErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'StoreError'
    this.code = code
  }
}
