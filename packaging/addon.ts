import { execFileSync } from 'node:child_process'
import { cpSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import type { Architecture } from './architecture.ts'
import { REPOSITORY } from './release.ts'
import { strip } from './strip.ts'

/**
 * Compiles the addon, stripped, for `architecture` and against the headers of its runtime.
 * @param folder has node_modules/node-addon-api; sources and objects go there
 * @param runtime has include/node
 * @returns the .node file
 */
export function compileAddon(architecture: Architecture, folder: string, runtime: string): string {
  const { node, triplet } = architecture
  for (const path of ['binding.gyp', 'native']) cpSync(join(REPOSITORY, path), join(folder, path), { recursive: true })
  // The folder's name must not enter the file: it differs from build to build.
  const mapped = `-ffile-prefix-map=${folder}=. -ffile-prefix-map=${runtime}=node`
  const env = {
    ...process.env,
    CC: `${triplet}-gcc`,
    CXX: `${triplet}-g++`,
    LINK: `${triplet}-g++`,
    AR: `${triplet}-ar`,
    CXXFLAGS: `${mapped} -fstack-protector-strong -D_FORTIFY_SOURCE=2`,
    LDFLAGS: '-Wl,-z,relro',
  }
  const jobs = `--jobs=${availableParallelism()}`
  const args = ['configure', 'build', `--nodedir=${runtime}`, `--arch=${node}`, jobs, '--loglevel=error']
  const gyp = join(REPOSITORY, 'node_modules/.bin/node-gyp')
  execFileSync(gyp, args, { cwd: folder, env, stdio: ['ignore', 'pipe', 'inherit'] })
  const addon = join(folder, 'build/Release/wattledger.node')
  strip(architecture, addon)
  return addon
}
