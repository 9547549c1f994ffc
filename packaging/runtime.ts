import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Architecture } from './architecture.ts'
import { readLockfile } from './lockfile.ts'

/**
 * Fetches the Node that the lockfile pins, for any processor, with its headers.
 * @returns a folder with bin/node and include/node
 * @throws Error if it is not what the lockfile says
 */
export function fetchRuntime({ node }: Architecture, into: string): string {
  const name = `node-linux-${node}`
  const locked = readLockfile().packages[`node_modules/${name}`]
  if (locked === undefined) throw new Error(`package-lock.json does not pin ${name}`)
  mkdirSync(into, { recursive: true })
  const pack = ['pack', `${name}@${locked.version}`, '--ignore-scripts', '--prefer-offline', '--silent']
  const archive = join(into, execFileSync('npm', pack, { cwd: into, encoding: 'utf8' }).trim())
  const integrity = `sha512-${createHash('sha512').update(readFileSync(archive)).digest('base64')}`
  if (integrity !== locked.integrity)
    throw new Error(`${name}: ${integrity}, but the lockfile says ${locked.integrity}`)
  execFileSync('tar', ['-xzf', archive, '-C', into, 'package/bin/node', 'package/include', 'package/LICENSE'])
  return join(into, 'package')
}
