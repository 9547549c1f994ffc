import { type LockedPackage, type Lockfile, pathOf } from './lockfile.ts'
import { type Component, licensed } from './sbom-component.ts'

/** The carried modules without duplicates, and who needs which by `bom-ref`; the empty one is the program itself. */
export function modulesOf(lockfile: Lockfile, carried: ReadonlySet<string>) {
  const components = new Map<string, Component>()
  const dependsOn = new Map<string, readonly string[]>()
  for (const path of carried) if (lockfile.packages[path] === undefined) throw new Error(`no lockfile pins ${path}`)
  for (const [path, locked] of Object.entries(lockfile.packages)) {
    if (path !== '' && !carried.has(path)) continue
    const ref = path === '' ? '' : purlOf(path, locked)
    const needs = neededBy(lockfile, path, carried)
    dependsOn.set(
      ref,
      needs.map((at) => purlOf(at, lockfile.packages[at])),
    )
    if (path !== '') components.set(ref, moduleOf(path, locked))
  }
  return { components: [...components.values()], dependsOn }
}

/** In place of one of which nothing is carried, what that one needs. */
function neededBy(lockfile: Lockfile, path: string, carried: ReadonlySet<string>): readonly string[] {
  const reached = new Set<string>()
  const visit = (from: string): readonly string[] =>
    Object.keys(lockfile.packages[from]?.dependencies ?? {}).flatMap((name) => {
      const at = pathOf(lockfile, from, name)
      if (reached.has(at)) return []
      reached.add(at)
      return carried.has(at) ? [at] : visit(at)
    })
  return visit(path)
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
