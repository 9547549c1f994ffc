import { lstatSync, statSync } from 'node:fs'
import { StoreError } from '../store-error.ts'

/** A FIFO, a device, a folder or a link: SQLite follows no link to a log, and waits for ever in a FIFO at some names. */
export function isIrregular(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isFile() === false
}

/**
 * Of names that may be links: where one leads to nothing that can be a database, and where it leads nowhere, as when a file
 * system is not mounted.
 * @throws StoreError STORE_UNAVAILABLE; what lstat(2) and stat(2) give.
 */
export function assertRegular(path: string, ledgerPath: string): void {
  if (!isIrregular(path) || statSync(path, { throwIfNoEntry: false })?.isFile()) return
  throw new StoreError(
    'STORE_UNAVAILABLE',
    `cannot open the ledger ${ledgerPath}: ${path} is no regular file and leads to none. Remove it, mount what it ` +
      'leads to, or choose another directory with paths.state',
  )
}
