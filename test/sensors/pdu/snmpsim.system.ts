import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { parseConfig } from '../../../src/config/loader.ts'
import { pdu } from '../../../src/sensors/pdu/pdu.ts'
import { TestClock } from '../../integration/machine.ts'
import { ask } from '../said.ts'
import { RECORDINGS } from './recordings.ts'
import { play, V3 } from './snmpsim.ts'

/*
 * An SNMP agent that is not ours and knows nothing of our library: snmpsim (Python, PyPI), over UDP.
 */

const { signal } = new AbortController()

test('recordings of each family, over SNMP v2c and v3, with and without the name of its profile', async (t) => {
  const addresses = await play(t, RECORDINGS)
  const folder = mkdtempSync(join(tmpdir(), 'wattledger-pdu-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const file = (name: string, text: string): string => {
    writeFileSync(join(folder, name), `${text}\n`, { mode: 0o640 })
    return join(folder, name)
  }
  const user = {
    username: V3.username,
    auth_file: file('signs', V3.signs),
    privacy_file: file('encrypts', V3.encrypts),
  }
  for (const [at, { profile, outlet, said }] of RECORDINGS.entries()) {
    for (const [version, keys] of [
      ['v2c', {}],
      ['v3', user],
    ] as const) {
      for (const named of [profile, 'auto']) {
        await t.test(`${profile} over ${version}, as ${named}`, async (t) => {
          const devices = [{ address: addresses[at], profile: named, outlets: [outlet], ...keys }]
          const text = JSON.stringify({ sensors: { pdu: { interval: '1h', devices } } })
          const settings = parseConfig(text, { HOME: '/root' }, 'test.yaml').sensors.pdu
          const context = { sysfs: '/sys', procfs: '/proc', devfs: '/dev', clock: new TestClock() }
          const sensor = pdu.create(settings, context)
          t.after(() => sensor.close())
          const [channel] = await sensor.open(signal)
          assert.equal(channel?.facts.pdu?.includes('by its sysObjectID'), named === 'auto')
          assert.deepEqual(await ask(sensor), [said])
          assert.equal(await sensor.changed(), false)
        })
      }
    }
  }
})
