import { createHmac } from 'node:crypto'
import { readBounded } from './bounded-file.ts'

/** machine-id(5) and its older place. */
export const MACHINE_ID_FILES = ['/etc/machine-id', '/var/lib/dbus/machine-id']
const MOST_BYTES = 1024
/** Of this program alone; it must never change, since hosts are known by what comes of it. */
const PURPOSE = 'wattledger.machine'

/** The id of the installation, which systemd asks not to show to others; null where there is none. */
export function machineId(files: readonly string[] = MACHINE_ID_FILES): string | null {
  return files.map(idIn).find((found) => found !== null) ?? null
}

/** 32 hex digits that tell installations apart and do not tell their id, as sd_id128_get_machine_app_specific(3) asks. */
export function shownMachineId(files: readonly string[] = MACHINE_ID_FILES): string | null {
  const id = machineId(files)
  return id === null ? null : createHmac('sha256', id).update(PURPOSE).digest('hex').slice(0, 32)
}

/** Null for a file that is missing, empty, or says `uninitialized` as images do. */
function idIn(path: string): string | null {
  try {
    const text = readBounded(path, MOST_BYTES).bytes.toString('utf8').trim()
    return /^[0-9a-f-]{32,36}$/.test(text) ? text : null
  } catch {
    return null
  }
}
