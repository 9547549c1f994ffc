import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { hostInterfaces } from '../../src/machine/host-interface.ts'
import fc, { runs } from '../property.ts'
import { chassis, END, hostInterface, structure } from './smbios-table.ts'

function found(t: TestContext, ...table: readonly Buffer[]): readonly string[] {
  const sysfs = mkdtempSync(join(tmpdir(), 'wattledger-host-interface-'))
  t.after(() => rmSync(sysfs, { recursive: true }))
  mkdirSync(join(sysfs, 'firmware/dmi/tables'), { recursive: true })
  writeFileSync(join(sysfs, 'firmware/dmi/tables/DMI'), Buffer.concat([...table, END]))
  return hostInterfaces(sysfs)
}

test('the controller of the machine is where its firmware says', (t) => {
  assert.deepEqual(found(t, chassis(23), hostInterface({ address: [169, 254, 0, 17], port: 443 })), [
    'https://169.254.0.17',
  ])
  assert.deepEqual(found(t, hostInterface({ address: [169, 254, 95, 118], port: 8443 })), [
    'https://169.254.95.118:8443',
  ])
})

test('an address that it gets by DHCP is not in the table, a name is', (t) => {
  assert.deepEqual(found(t, hostInterface({ address: [1, 2, 3, 4], discovery: 2, name: 'ilo.local' })), [
    'https://ilo.local',
  ])
  assert.deepEqual(found(t, hostInterface({ address: [0, 0, 0, 0], discovery: 1 })), [])
  assert.deepEqual(found(t, hostInterface({ address: [1, 2, 3, 4], discovery: 2, name: 'a b\n' })), [])
})

test('IPv6, and the same address once', (t) => {
  const link = hostInterface({ address: [0xfe, 0x80, ...Array(13).fill(0), 1], port: 443 })
  assert.deepEqual(found(t, link, link), ['https://[fe80:0000:0000:0000:0000:0000:0000:0001]'])
})

test('another protocol or another interface is none', (t) => {
  assert.deepEqual(found(t, hostInterface({ address: [1, 2, 3, 4], protocol: 2 })), [])
  assert.deepEqual(found(t, hostInterface({ address: [1, 2, 3, 4], type: 2 })), [])
})

test('what is cut off or cannot be is none, and throws nothing', (t) => {
  assert.deepEqual(hostInterfaces('/nowhere'), [])
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 120 }), (bytes) => {
      for (const url of found(t, structure(42, Buffer.from([0x40, ...bytes])))) assert.ok(URL.canParse(url))
    }),
    { numRuns: runs(50) },
  )
})
