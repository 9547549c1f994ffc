import { createHash } from 'node:crypto'
import { join } from 'node:path'
import type { Architecture } from './architecture.ts'
import { productionLock, readLockfile } from './lockfile.ts'
import type { Release } from './release.ts'
import { bundledInRuntime, sqliteVersion } from './sbom-bundled.ts'
import { type Component, cpeOf, hashesOf, licensed, partOf } from './sbom-component.ts'
import { moduleOf, modulesOf } from './sbom-modules.ts'

interface Dependency {
  readonly ref: string
  readonly dependsOn: readonly string[]
}

const LIB = 'usr/lib/wattledger'
const CHANGED =
  'Without its symbols, with English as the only language of its ICU, without a look for deadlocks in V8, and with its own compiled code marked as compiled with the flags that it is started with.'

/**
 * What a package consists of, as CycloneDX: modules as the lockfile pins them, the runtime, what is compiled into either,
 * and our own addon. `npm sbom` is not used: it knows modules alone, and numbers and dates each run anew.
 * @param tree the root of what a server gets, complete but for this document
 * @param carried folders of the modules that are in it, bundled or as files
 */
export function billOfMaterials(
  tree: string,
  carried: ReadonlySet<string>,
  architecture: Architecture,
  release: Release,
): string {
  const { name, version, license, epochS } = release
  const root = `pkg:generic/${name}@${version}`
  const modules = modulesOf(productionLock().lockfile, carried)
  const runtime = runtimeOf(tree, architecture)
  const addon = addonOf(tree, release)
  const sqlite = partOf('sqlite', sqliteVersion(), 'better-sqlite3')
  const components = [...modules.components, runtime, sqlite, addon]
  const direct = [...(modules.dependsOn.get('') ?? []), runtime['bom-ref'], addon['bom-ref']]
  const bom = {
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    version: 1,
    metadata: {
      timestamp: new Date(epochS * 1e3).toISOString(),
      component: { type: 'application', 'bom-ref': root, name, version, purl: root, licenses: licensed(license) },
    },
    components,
    dependencies: dependenciesOf(components, new Map([...modules.dependsOn, ['', direct]]), root, sqlite),
  }
  return `${JSON.stringify({ $schema: 'http://cyclonedx.org/schema/bom-1.6.schema.json', serialNumber: serialOf(bom), ...bom }, null, 1)}\n`
}

function runtimeOf(tree: string, { node }: Architecture): Component {
  const path = `node_modules/node-linux-${node}`
  const locked = readLockfile().packages[path]
  if (locked === undefined) throw new Error(`package-lock.json does not pin ${path}`)
  const { version } = locked
  const purl = `pkg:generic/node@${version}?arch=${node}`
  return {
    type: 'platform',
    'bom-ref': purl,
    name: 'node',
    version,
    purl,
    cpe: cpeOf('nodejs:node.js', version),
    licenses: licensed('MIT'),
    hashes: hashesOf(join(tree, LIB, 'bin/node')),
    pedigree: { ancestors: [moduleOf(path, locked)], notes: CHANGED },
    components: bundledInRuntime(version).map(([name, bundled]) => partOf(name, bundled, 'node')),
  }
}

/** With the C++ interface of Node, which is compiled into it. */
function addonOf(tree: string, { version, license }: Release): Component {
  const api = readLockfile().packages['node_modules/node-addon-api']
  if (api === undefined) throw new Error('package-lock.json does not pin node-addon-api')
  return {
    type: 'library',
    'bom-ref': 'wattledger.node',
    name: 'wattledger.node',
    version,
    licenses: licensed(license),
    hashes: hashesOf(join(tree, LIB, 'build/Release/wattledger.node')),
    components: [moduleOf('node_modules/node-addon-api', api)],
  }
}

function dependenciesOf(
  components: readonly Component[],
  modules: ReadonlyMap<string, readonly string[]>,
  root: string,
  sqlite: Component,
): readonly Dependency[] {
  const all = new Map([...modules].map(([ref, needs]) => [ref === '' ? root : ref, needs]))
  return [root, ...components.map((component) => component['bom-ref'])].map((ref) => {
    const inside = ref.startsWith('pkg:npm/better-sqlite3@') ? [sqlite['bom-ref']] : []
    return { ref, dependsOn: [...(all.get(ref) ?? []), ...inside].sort() }
  })
}

/** A UUID of version 8 (RFC 9562, section 5.8): the same content has the same number. */
function serialOf(content: object): string {
  const hex = createHash('sha256').update(JSON.stringify(content)).digest('hex')
  const variant = '89ab'[Number.parseInt(hex.charAt(16), 16) % 4]
  return `urn:uuid:${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`
}
