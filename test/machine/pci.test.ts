import assert from 'node:assert/strict'
import { test } from 'node:test'
import { driverOf, pciAccelerators } from '../../src/machine/pci.ts'
import { bus } from './pci-bus.ts'

test('accelerators are those of every vendor, with or without a display', (t) => {
  const sysfs = bus(t, [
    { address: '0000:3b:00.0', class: '0302', id: '10de:2330' },
    { address: '0000:5e:00.0', class: '0300', id: '10de:1c82', driver: 'vfio-pci' },
    { address: '0000:86:00.0', class: '1200', id: '1da3:1020' },
    { address: '0000:af:00.0', class: '0300', id: '1002:73bf', bridge: '1002' },
    { address: '0000:c1:00.0', class: '0380', id: '1002:740f' },
    { address: '0000:d8:00.0', class: '0300', id: '8086:56a0' },
  ])
  assert.deepEqual(
    pciAccelerators(sysfs).map(({ vendor, device }) => [vendor, device]),
    [
      [0x10de, 0x2330],
      [0x10de, 0x1c82],
      [0x1da3, 0x1020],
      [0x1002, 0x73bf],
      [0x1002, 0x740f],
      [0x8086, 0x56a0],
    ],
  )
  assert.deepEqual([driverOf(sysfs, '0000:5e:00.0'), driverOf(sysfs, '0000:3b:00.0')], ['vfio-pci', null])
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
  assert.deepEqual(pciAccelerators(sysfs), [])
  assert.deepEqual(pciAccelerators('/nowhere'), [])
})
