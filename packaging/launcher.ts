import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { REPOSITORY } from './release.ts'

/** How packages start Node. */
export interface Launcher {
  readonly flags: readonly string[]
  /** What its environment has besides. */
  readonly env: Readonly<Record<string, string>>
}

/** @throws Error where their script is not as this function knows it */
export function readLauncher(): Launcher {
  const script = readFileSync(join(REPOSITORY, 'packaging/bin/wattledger'), 'utf8')
  const flags = /^exec "\$lib\/bin\/node" (.*) "\$lib/m.exec(script)?.[1]
  if (flags === undefined) throw new Error('packaging/bin/wattledger does not start Node as it did')
  const exports = script.matchAll(/^export (\w+)=(\S+)$/gm)
  return { flags: flags.split(' '), env: Object.fromEntries([...exports].map(([, name, value]) => [name, value])) }
}
