import { createHash, randomUUID } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync, utimesSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'

const FOLDER = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'wattledger-lab')
/** A folder that nobody used for this long is of a state that is gone. */
const UNUSED_MS = 14 * 86_400_000

/**
 * A folder that is made once for each state of what it is made from, and kept between runs.
 * @param inputs texts that stand for all that `make` depends on
 * @param make fills an empty folder, which is read only from then on
 */
export async function kept(
  name: string,
  inputs: readonly string[],
  make: (folder: string) => Promise<void> | void,
): Promise<string> {
  const hash = createHash('sha256').update(JSON.stringify(inputs)).digest('hex').slice(0, 16)
  const folder = join(FOLDER, `${name}-${hash}`)
  if (!existsSync(folder)) {
    const fresh = `${folder}.${randomUUID()}`
    mkdirSync(fresh, { recursive: true })
    try {
      await make(fresh)
      if (!existsSync(folder)) renameSync(fresh, folder)
    } finally {
      rmSync(fresh, { recursive: true, force: true })
    }
  }
  utimesSync(folder, new Date(), new Date())
  forgetUnused()
  return folder
}

function forgetUnused(): void {
  for (const entry of readdirSync(FOLDER)) {
    const path = join(FOLDER, entry)
    const ageMs = Date.now() - (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Date.now())
    if (ageMs > UNUSED_MS) rmSync(path, { recursive: true, force: true })
  }
}
