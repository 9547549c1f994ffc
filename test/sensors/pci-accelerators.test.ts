import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { unmeteredAccelerators } from '../../src/sensors/pci-accelerators.ts'

interface Device {
  readonly address: string
  readonly class: string
  readonly id: string
  readonly driver?: string
  readonly bridge?: string
  readonly isVirtual?: boolean
}

function bus(t: TestContext, devices: readonly Device[]): string {
  const sysfs = mkdtempSync(join(tmpdir(), 'wattledger-'))
  t.after(() => rmSync(sysfs, { recursive: true }))
  mkdirSync(join(sysfs, 'bus/pci/devices'), { recursive: true })
  for (const { address, class: pciClass, id, driver, bridge = '8086', isVirtual } of devices) {
    const parent = join(sysfs, 'devices', `bridge-of-${address}`)
    const path = join(parent, address)
    mkdirSync(path, { recursive: true })
    const [vendor, device] = id.split(':')
    writeFileSync(join(parent, 'vendor'), `0x${bridge}\n`)
    writeFileSync(join(path, 'vendor'), `0x${vendor}\n`)
    writeFileSync(join(path, 'device'), `0x${device}\n`)
    writeFileSync(join(path, 'class'), `0x${pciClass}00\n`)
    if (driver) symlinkSync(`../../../drivers/${driver}`, join(path, 'driver'))
    if (isVirtual) symlinkSync('..', join(path, 'physfn'))
    symlinkSync(path, join(sysfs, 'bus/pci/devices', address))
  }
  return sysfs
}

test('accelerators without a channel are named with their driver', (t) => {
  const sysfs = bus(t, [
    { address: '0000:3b:00.0', class: '0302', id: '10de:2330' },
    { address: '0000:5e:00.0', class: '0300', id: '10de:1c82', driver: 'vfio-pci' },
    { address: '0000:86:00.0', class: '1200', id: '1da3:1020', driver: 'habanalabs' },
    { address: '0000:af:00.0', class: '0300', id: '1002:73bf', bridge: '1002' },
    { address: '0000:d8:00.0', class: '0300', id: '8086:56a0' },
  ])
  const none = 'no sensor tells its power, and it is not measured'
  assert.deepEqual(unmeteredAccelerators(sysfs, []), [
    `the accelerator 0000:3b:00.0 (10de:2330) has no driver: ${none}`,
    `the accelerator 0000:5e:00.0 (10de:1c82) is in the hands of the driver vfio-pci: ${none}`,
    `the accelerator 0000:86:00.0 (1da3:1020) is in the hands of the driver habanalabs: ${none}`,
    `the accelerator 0000:af:00.0 (1002:73bf) has no driver: ${none}`,
    `the accelerator 0000:d8:00.0 (8086:56a0) has no driver: ${none}`,
  ])
  const measured = [
    { hardware: '0000:3b:00.0', facts: {} },
    { hardware: 'socket-0/0000:5e:00.0', facts: {} },
    { hardware: 'socket-1', facts: { pciAddress: '0000:86:00.0' } },
    { hardware: null, facts: { path: '/sys/devices/pci0000:ac/0000:af:00.0/hwmon/hwmon3/power1_average' } },
    { hardware: '0000:d8:00.0', facts: {} },
  ]
  assert.deepEqual(unmeteredAccelerators(sysfs, measured), [])
})

test('displays of BMCs, emulators and processors, shares of cards and other devices are no accelerators', (t) => {
  const sysfs = bus(t, [
    { address: '0000:03:00.0', class: '0300', id: '1a03:2000', driver: 'ast' },
    { address: '0000:04:00.0', class: '0300', id: '102b:0536', driver: 'mgag200' },
    { address: '0000:00:01.0', class: '0380', id: '1234:1111' },
    { address: '0000:00:02.0', class: '0300', id: '8086:4680', driver: 'i915' },
    { address: '0000:00:0b.0', class: '1200', id: '8086:7d1d', driver: 'intel_vpu' },
    { address: '0000:05:00.0', class: '0300', id: '1002:1636', bridge: '1022' },
    { address: '0000:86:00.1', class: '0302', id: '10de:2330', isVirtual: true },
    { address: '0000:3b:00.1', class: '0403', id: '10de:10f0' },
  ])
  assert.deepEqual(unmeteredAccelerators(sysfs, []), [])
  assert.deepEqual(unmeteredAccelerators('/nowhere', []), [])
})
