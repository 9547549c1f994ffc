import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { REPOSITORY } from './release.ts'

/** The part of npm's lockfile version 3 that packages need. */
export interface Lockfile {
  readonly packages: Readonly<Record<string, LockedPackage>>
}

export interface LockedPackage {
  readonly version: string
  readonly integrity?: string
  readonly license?: string
  readonly dependencies?: Readonly<Record<string, string>>
}

/** These compile the addon, and nothing loads them afterwards. */
const BUILD_ONLY: readonly string[] = ['node-addon-api', 'node-gyp']

export function readLockfile(): Lockfile {
  return JSON.parse(readFileSync(join(REPOSITORY, 'package-lock.json'), 'utf8')) as Lockfile
}

/** Manifest and lockfile of what runs on a server: no tools, no runtime, no types, at the locked versions. */
export function productionLock(lockfile = readLockfile()): { manifest: LockedPackage; lockfile: Lockfile } {
  const root = lockfile.packages['']
  if (root === undefined) throw new Error('package-lock.json has no root')
  const dependencies = Object.fromEntries(
    Object.entries(root.dependencies ?? {}).filter(([name]) => !BUILD_ONLY.includes(name)),
  )
  const manifest = { version: root.version, dependencies }
  const packages: Record<string, LockedPackage> = { '': manifest }
  const pending = Object.keys(dependencies).map((name) => pathOf(lockfile, '', name))
  for (const path of pending) {
    const locked = lockfile.packages[path]
    if (locked === undefined || packages[path] !== undefined) continue
    packages[path] = locked
    pending.push(...Object.keys(locked.dependencies ?? {}).map((name) => pathOf(lockfile, path, name)))
  }
  return { manifest, lockfile: { ...lockfile, packages } }
}

/** Where Node finds `name` when the package at `from` asks for it. */
export function pathOf({ packages }: Lockfile, from: string, name: string): string {
  for (let folder = from; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf('/node_modules/')))) {
    const path = folder === '' ? `node_modules/${name}` : `${folder}/node_modules/${name}`
    if (packages[path] !== undefined) return path
    if (folder === '') throw new Error(`package-lock.json does not pin ${name}, which ${from || 'the root'} needs`)
  }
}
