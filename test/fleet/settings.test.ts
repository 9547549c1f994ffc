import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { examine } from '../../src/commands/examine.ts'
import type { ConfigFault } from '../../src/model/config-fault.ts'
import { scratchDirectory } from '../ledger/setting.ts'
import { SITE } from './site.ts'

test('config check reads the topology and the key, and the agent starts without them', (t) => {
  const folder = scratchDirectory(t)
  const [file, topology] = [join(folder, 'wattledger.yaml'), join(folder, 'topology.yaml')]
  writeFileSync(
    file,
    `fleet: { topology: ${topology}, prometheus: { url: 'https://p:9090', key_file: ${folder}/none } }\n`,
  )
  writeFileSync(topology, `${SITE}  more: 1\n`)
  const said = () => {
    try {
      examine({ file, env: { HOME: folder } }, true)
      return []
    } catch (error) {
      return (error as ConfigFault).faults.map(({ key, text }) => `${key}: ${text}`)
    }
  }
  const [first = '', second = '', ...others] = said()
  assert.match(first, /^fleet\.topology: .*topology\.yaml:\d+:\d+: meters\.more/)
  assert.match(second, /^fleet\.prometheus: .*none: the key cannot be read \(ENOENT\)$/)
  assert.deepEqual(others, [])
  assert.doesNotThrow(() => examine({ file, env: { HOME: folder } }, false))
})
