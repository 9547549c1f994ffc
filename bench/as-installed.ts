import { constants, copyFileSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { bundle } from '../packaging/bundle.ts'
import { leaveOutDeadlockCheck } from '../packaging/deadlock-check.ts'
import { REPOSITORY as root } from '../packaging/release.ts'

/**
 * Bundles the program and tells how packages start it: Node's arguments up to the program's own. Stripping types at the
 * start would cost 30 MB. Sets the environment that their script sets, and the Node by which this process starts others.
 */
export function asInstalled(): readonly string[] {
  const dist = join(root, 'dist')
  bundle(root, dist)
  const node = join(dist, 'node')
  copyFileSync(process.execPath, node, constants.COPYFILE_FICLONE)
  leaveOutDeadlockCheck(node)
  process.execPath = node
  const script = readFileSync(join(root, 'packaging/bin/wattledger'), 'utf8')
  for (const [, name = '', value] of script.matchAll(/^export (\w+)=(\S+)$/gm)) process.env[name] = value
  const flags = /^exec "\$lib\/bin\/node" (.*) "\$lib/m.exec(script)?.[1]
  if (flags === undefined) throw new Error('packaging/bin/wattledger does not start Node as it did')
  return [...flags.split(' '), join(dist, 'main.js')]
}
