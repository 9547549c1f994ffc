import { constants, copyFileSync } from 'node:fs'
import { join } from 'node:path'
import { acceptBuiltinCode } from '../packaging/builtin-code.ts'
import { bundle } from '../packaging/bundle.ts'
import { leaveOutDeadlockCheck } from '../packaging/deadlock-check.ts'
import { readLauncher } from '../packaging/launcher.ts'
import { REPOSITORY as root } from '../packaging/release.ts'

/**
 * Bundles the program and tells how packages start it: Node's arguments up to the program's own. Stripping types at the
 * start would cost 30 MB. Sets the environment that their script sets, and the Node by which this process starts others.
 */
export function asInstalled(): readonly string[] {
  const dist = join(root, 'dist')
  bundle(root, dist)
  const { flags, env } = readLauncher()
  const node = join(dist, 'node')
  copyFileSync(process.execPath, node, constants.COPYFILE_FICLONE)
  leaveOutDeadlockCheck(node)
  acceptBuiltinCode(node, flags)
  process.execPath = node
  Object.assign(process.env, env)
  return [...flags, join(dist, 'main.js')]
}
