import { type LockedPackage, type Lockfile, pathOf } from './lockfile.ts'
import { type Component, licensed } from './sbom-component.ts'

/** Modules without duplicates, and who needs which by `bom-ref`; the empty one is the program itself. */
export function modulesOf(lockfile: Lockfile) {
  const components = new Map<string, Component>()
  const dependsOn = new Map<string, readonly string[]>()
  for (const [path, locked] of Object.entries(lockfile.packages)) {
    const ref = path === '' ? '' : purlOf(path, locked)
    const needs = Object.keys(locked.dependencies ?? {}).map((name) => pathOf(lockfile, path, name))
    dependsOn.set(
      ref,
      needs.map((at) => purlOf(at, lockfile.packages[at])),
    )
    if (path !== '') components.set(ref, moduleOf(path, locked))
  }
  return { components: [...components.values()], dependsOn }
}

export function moduleOf(path: string, locked: LockedPackage): Component {
  const { version, integrity = '', license } = locked
  const purl = purlOf(path, locked)
  const [algorithm, digest = ''] = integrity.split('-', 2)
  if (algorithm !== 'sha512' || license === undefined)
    throw new Error(`package-lock.json has no SHA-512 or no licence for ${path}`)
  const content = Buffer.from(digest, 'base64').toString('hex')
  const hashes = [{ alg: 'SHA-512', content }] as const
  return { type: 'library', 'bom-ref': purl, name: nameOf(path), version, purl, licenses: licensed(license), hashes }
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length)
}

function purlOf(path: string, locked: LockedPackage | undefined): string {
  return `pkg:npm/${nameOf(path).replace('@', '%40')}@${locked?.version}`
}
