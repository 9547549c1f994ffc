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
  config: ['model', 'io', 'schema', 'integration', 'carbon'],
  native: ['model', 'io'],
  machine: ['model', 'io'],
  systemd: ['model'],
  sensors: ['model', 'io', 'native', 'machine'],
  sampling: ['model', 'io'],
  integration: ['model', 'io', 'schema'],
  carbon: ['model', 'io', 'schema', 'machine'],
  attribution: ['model', 'io', 'native'],
  ledger: ['model', 'io'],
  exporter: ['model', 'io'],
  commands: [
    'model',
    'io',
    'config',
    'daemon.ts',
    'ledger',
    'native',
    'machine',
    'sensors',
    'sampling',
    'carbon',
    'exporter',
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
    'ledger',
    'exporter',
    'systemd',
  ],
  'main.ts': ['model', 'io', 'commands', 'config'],
}

const part = (file: string): string => relative(src, file).split('/')[0] ?? ''
const files = globSync('**/*.ts', { cwd: src }).map((file) => join(src, file))
const importsOf = (file: string): string[] =>
  [...readFileSync(file, 'utf8').matchAll(/(?:from|import)\s*\(?\s*'(\.[^']+)'/g)].map((match) =>
    resolve(dirname(file), match[1] ?? ''),
  )

test('parts import only what the design allows', () => {
  assert.ok(files.length > 20)
  for (const file of files) {
    const own = part(file)
    for (const target of importsOf(file)) {
      if (!target.startsWith(src)) continue
      const other = part(target)
      assert.ok(other === own || allowed[own]?.includes(other), `${relative(src, file)} must not import ${other}`)
    }
  }
})

test('only main exits the process, only native/addon.ts loads the addon, only model is imported by model', () => {
  for (const file of files) {
    const text = readFileSync(file, 'utf8')
    const name = relative(src, file)
    if (name !== 'main.ts') assert.doesNotMatch(text, /process\.exit\(/, `${name} exits the process`)
    if (name !== 'native/addon.ts') assert.doesNotMatch(text, /\.node['"`]/, `${name} loads an addon`)
  }
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
