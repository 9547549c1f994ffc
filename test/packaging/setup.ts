/** Builds the packages of each processor once for all files of a run, both at a time, and removes them afterwards. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ARCHITECTURES } from '../../packaging/architecture.ts'
import { BUILD_TOOLS, buildArguments, isInstalled, SHARED_FOLDER } from './built.ts'

let folder: string | undefined

export async function globalSetup(): Promise<void> {
  // Each test says by itself what it misses.
  if (!BUILD_TOOLS.every(isInstalled)) return
  folder = mkdtempSync(join(tmpdir(), 'wattledger-packages-'))
  const builds = ARCHITECTURES.map(async (architecture) => {
    const args = buildArguments(architecture, join(String(folder), architecture.name))
    const [code] = await once(spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'inherit'] }), 'exit')
    if (code !== 0) throw new Error(`the build for ${architecture.name} ended with ${code}`)
  })
  await Promise.all(builds)
  process.env[SHARED_FOLDER] = folder
}

export async function globalTeardown(): Promise<void> {
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true })
}
