/** Compiles the addon against the headers of the very runtime that will load it: nothing is downloaded. */
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { dirname, join, resolve } from 'node:path'

const nodeDir = resolve(dirname(process.execPath), '..')
if (!existsSync(join(nodeDir, 'include/node/node_api.h'))) {
  console.error(
    `build-addon: ${nodeDir} has no include/node/node_api.h; run this through npm, whose path starts with Node 24`,
  )
  process.exit(1)
}
const args = ['configure', 'build', `--nodedir=${nodeDir}`, `--jobs=${availableParallelism()}`, '--loglevel=error']
const result = spawnSync('node-gyp', args, { stdio: ['ignore', 'ignore', 'inherit'] })
if (result.error) console.error(`build-addon: ${result.error.message}`)
process.exit(result.status ?? 1)
