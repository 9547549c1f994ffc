import {
  closeSync,
  constants,
  fchmodSync,
  fchownSync,
  fsyncSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { NEVER_WAITING, readBounded } from '../io/bounded-file.ts'
import type { Host } from './host.ts'
import type { SavedParts } from './saved-parts.ts'

const FILE = 'inventory.json'
const FILE_MODE = 0o640
const FOLDER_MODE = 0o750
/** A server with a thousand disks takes half of it. */
const MAX_BYTES = 1 << 18

/** Where a service with this folder of state finds what root saved. */
export function savedPath(state: string): string {
  return join(state, FILE)
}

/** Anybody may have laid the file there: a link must not have root open a device, since some act on it. */
export const NO_LINKS = NEVER_WAITING | constants.O_NOFOLLOW

/** What is saved, as far as it is of this machine and holds. */
export interface Recalled {
  readonly saved: SavedParts | null
  /** For people: why what is saved is not used, or what of it is not as it is seen. */
  readonly said: readonly Said[]
}

export interface Said {
  readonly event: 'inventory_ignored' | 'inventory_differs' | 'inventory_told' | 'inventory_unwritten'
  readonly message: string
}

const RENEW = '"systemctl restart wattledger" saves it again'
const READERS = 'Root and members of the group wattledger may read it'

/** Reads what root saved and holds it against what is seen. Never rejects; where nothing is saved nothing is said. */
export async function recall(state: string, host: Host): Promise<Recalled> {
  const path = savedPath(state)
  const ignored = (why: string, remedy = RENEW): Recalled => ({
    saved: null,
    said: [{ event: 'inventory_ignored', message: `${path} is not used: ${why}. ${remedy}` }],
  })
  let text: string
  try {
    text = readBounded(path, MAX_BYTES, NO_LINKS).bytes.toString('utf8')
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    if (code === 'ENOENT') return { saved: null, said: [] }
    return code === 'EACCES' ? ignored('permission denied', READERS) : ignored(message)
  }
  // What knows the file is loaded where there is one.
  const { parseSavedParts } = await import('./saved-parts.ts')
  const { differences, isSameMachine } = await import('./saved-parts-differences.ts')
  const saved = parseSavedParts(text)
  if (saved === null) return ignored('it is not an inventory that this version can read')
  if (!isSameMachine(saved, host)) return ignored(`it is of another machine, ${saved.product ?? 'without a name'}`)
  const differing = differences(saved, host).join('; ')
  if (differing === '') return { saved, said: [] }
  // Of this boot it is as true as what is seen, and a disk was plugged since; of an earlier one nobody knows.
  if (saved.bootId === null || saved.bootId !== host.bootId) return ignored(`it is of an earlier boot. ${differing}`)
  return {
    saved,
    said: [{ event: 'inventory_differs', message: `${path} and what is seen differ. ${differing}. ${RENEW}` }],
  }
}

/** Saves what root saw. Throws an error with a code. */
export function save(state: string, text: string): void {
  mkdirSync(state, { recursive: true, mode: FOLDER_MODE })
  writeWhole(savedPath(state), text)
}

/**
 * Writes a file whole or not at all, readable by the group of its folder. The folder is the service's own: whoever runs code as
 * the service may have laid links there, and root follows none. Throws an error with a code.
 */
export function writeWhole(path: string, text: string): void {
  const draft = `${path}.new`
  rmSync(draft, { force: true })
  const descriptor = openSync(draft, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, FILE_MODE)
  try {
    try {
      fchmodSync(descriptor, FILE_MODE)
      if (process.geteuid?.() === 0) fchownSync(descriptor, 0, statSync(dirname(path)).gid)
      writeFileSync(descriptor, text)
      fsyncSync(descriptor)
    } finally {
      closeSync(descriptor)
    }
    renameSync(draft, path)
  } catch (error) {
    rmSync(draft, { force: true })
    throw error
  }
}
