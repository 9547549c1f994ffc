import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { test } from 'node:test'

const src = resolve(import.meta.dirname, '../src')

/** Folder → folders of src that it may import besides itself. Data flows one way: see docs/design.md. */
const allowed: Record<string, readonly string[]> = {
  model: [],
  io: ['model'],
  schema: ['model'],
  config: [
    'model',
    'io',
    'schema',
    'integration',
    'carbon',
    'attribution',
    'fleet',
    'otlp',
    'report',
    'sensors',
    'windows',
    'workloads',
  ],
  native: ['model', 'io'],
  // What an interface tells of the parts is a contract between sensors and the inventory.
  machine: ['model', 'io'],
  systemd: ['model'],
  sensors: ['model', 'io', 'schema', 'native', 'machine'],
  sampling: ['model', 'io'],
  integration: ['model', 'io', 'schema'],
  carbon: ['model', 'io', 'schema', 'machine'],
  attribution: ['model', 'io', 'schema', 'native'],
  windows: ['model', 'io', 'schema'],
  workloads: ['model', 'io', 'schema'],
  ledger: ['model', 'io'],
  seal: ['model', 'io', 'ledger'],
  exporter: ['model', 'io'],
  // It pushes what a scrape shows.
  otlp: ['model', 'io', 'schema', 'exporter'],
  report: ['model', 'io', 'schema', 'ledger', 'carbon'],
  // Its reports are laid out as those of a machine, and its files of figures read as those of carbon.
  fleet: ['model', 'io', 'schema', 'carbon', 'report'],
  page: ['model', 'io', 'ledger', 'report'],
  top: ['model', 'io'],
  commands: [
    'model',
    'io',
    'schema',
    'config',
    'daemon.ts',
    'ledger',
    'native',
    'machine',
    'sensors',
    'carbon',
    'attribution',
    'exporter',
    'fleet',
    'otlp',
    'report',
    'windows',
    'workloads',
    'seal',
    'top',
    'fleet',
  ],
  'daemon.ts': [
    'model',
    'io',
    'config',
    'native',
    'machine',
    'sensors',
    'sampling',
    'integration',
    'carbon',
    'attribution',
    'ledger',
    'exporter',
    'otlp',
    'page',
    'systemd',
    'workloads',
    'windows',
    'seal',
  ],
  'main.ts': ['commands'],
}

const part = (file: string): string => relative(src, file).split('/')[0] ?? ''
const files = globSync('**/*.ts', { cwd: src }).map((file) => join(src, file))
const importsOf = (file: string): string[] =>
  [...readFileSync(file, 'utf8').matchAll(/(?:from|import)\s*\(?\s*'(\.[^']+)'/g)].map((match) =>
    resolve(dirname(file), match[1] ?? ''),
  )

test('parts import only what the design allows, and may import nothing that they do not', () => {
  assert.ok(files.length > 20)
  const used = new Set<string>()
  for (const file of files) {
    const own = part(file)
    for (const target of importsOf(file)) {
      if (!target.startsWith(src)) continue
      const other = part(target)
      assert.ok(other === own || allowed[own]?.includes(other), `${relative(src, file)} must not import ${other}`)
      used.add(`${own} imports ${other}`)
    }
  }
  for (const [own, others] of Object.entries(allowed)) {
    for (const other of others) assert.ok(used.has(`${own} imports ${other}`), `${own} no longer imports ${other}`)
  }
})

test('no import leads back to its own file, and no folder of carbon to its own folder', () => {
  const imports = new Map(files.map((file) => [file, importsOf(file)]))
  const circles = circlesOf(imports).map((circle) => circle.map((file) => relative(src, file)).join(' '))
  assert.deepEqual(circles, [])
  const folders = new Map<string, string[]>()
  for (const [file, targets] of imports) {
    if (part(file) !== 'carbon') continue
    const folder = dirname(file)
    folders.set(folder, [...(folders.get(folder) ?? []), ...targets.map(dirname).filter((other) => other !== folder)])
  }
  assert.deepEqual(circlesOf(folders), [])
})

/** The groups whose members all lead to each other, each in order. */
function circlesOf(edges: ReadonlyMap<string, readonly string[]>): string[][] {
  const reached = new Map([...edges.keys()].map((from) => [from, reachedFrom(from, edges)]))
  const groups = new Map<string, string[]>()
  for (const [from, all] of reached) {
    const circle = [...all].filter((to) => reached.get(to)?.has(from)).sort()
    if (all.has(from)) groups.set(circle.join(), circle)
  }
  return [...groups.values()]
}

function reachedFrom(from: string, edges: ReadonlyMap<string, readonly string[]>): ReadonlySet<string> {
  const reached = new Set<string>()
  const waiting = [...(edges.get(from) ?? [])]
  for (let at = waiting.pop(); at !== undefined; at = waiting.pop()) {
    if (reached.has(at)) continue
    reached.add(at)
    waiting.push(...(edges.get(at) ?? []))
  }
  return reached
}

test('folders of carbon and io stay small', () => {
  for (const folder of new Set(files.map((file) => dirname(file)))) {
    if (!['carbon', 'io'].includes(part(folder))) continue
    const count = files.filter((file) => dirname(file) === folder).length
    assert.ok(count <= 15, `${relative(src, folder)} has ${count} files: give what belongs together a folder`)
  }
})

test('only main.ts and commands/exit-now.ts end the process, only native/addon.ts loads the addon', () => {
  const ends = /\bprocess\.(?:exit|reallyExit|abort|kill)\b|\bnative\.exitNow\b/
  for (const file of files) {
    const text = readFileSync(file, 'utf8')
    const name = relative(src, file)
    const mayEnd = name === 'main.ts' || name === 'commands/exit-now.ts'
    if (!mayEnd) assert.doesNotMatch(text, ends, `${name} ends the process`)
    if (name !== 'native/addon.ts') assert.doesNotMatch(text, /\.node['"`]/, `${name} loads an addon`)
  }
})

test('a configuration is read without the addon', () => {
  const loaded = new Set(files.filter((file) => part(file) === 'config'))
  for (const file of loaded) {
    for (const [, target = ''] of readFileSync(file, 'utf8').matchAll(
      /^(?:im|ex)port (?!type )[^']*?from '(\.[^']+)'/gm,
    )) {
      loaded.add(resolve(dirname(file), target))
    }
  }
  assert.ok(loaded.has(join(src, 'sensors/rapl/schema.ts')))
  assert.deepEqual(
    [...loaded].filter((file) => part(file) === 'native'),
    [],
  )
})

test('only native/binding and addon.cc know Node', () => {
  for (const file of globSync('native/**/*.{cc,h}', { cwd: resolve(src, '..') })) {
    const text = readFileSync(join(src, '..', file), 'utf8')
    if (file.startsWith('native/binding/') || file === 'native/addon.cc') continue
    assert.doesNotMatch(text, /<napi\.h>|<node_api\.h>/, `${file} includes a Node header`)
  }
})

test('each file of native is part of one translation unit', () => {
  const at = (pattern: string) => globSync(pattern, { cwd: resolve(src, '../native'), exclude: ['test'] })
  const units = at('*.cc').map((unit) => readFileSync(join(src, '../native', unit), 'utf8'))
  const included = units.flatMap((text) => [...text.matchAll(/^#include "(.+\.cc)"$/gm)].map(([, file]) => file))
  assert.deepEqual(included.sort(), at('*/*.cc').sort())
})

test('files stay below 300 lines', () => {
  const native = globSync('native/**/*.{cc,h}', { cwd: resolve(src, '..') }).map((file) => join(src, '..', file))
  for (const file of [...files, ...native]) {
    const lines = readFileSync(file, 'utf8').split('\n').length
    assert.ok(lines <= 300, `${relative(src, file)} has ${lines} lines`)
  }
})
