import assert from 'node:assert/strict'
import { test } from 'node:test'
import { unmeteredAccelerators } from '../../src/sensors/pci-accelerators.ts'
import { bus } from '../machine/pci-bus.ts'

test('accelerators without a channel are named with their driver', (t) => {
  const sysfs = bus(t, [
    { address: '0000:3b:00.0', class: '0302', id: '10de:2330' },
    { address: '0000:5e:00.0', class: '0300', id: '10de:1c82', driver: 'vfio-pci' },
    { address: '0000:86:00.0', class: '1200', id: '1da3:1020', driver: 'habanalabs' },
    { address: '0000:af:00.0', class: '0300', id: '1002:73bf', bridge: '1002' },
    { address: '0000:d8:00.0', class: '0300', id: '8086:56a0' },
  ])
  const none = 'no sensor reports its power, so it is not measured'
  assert.deepEqual(unmeteredAccelerators(sysfs, []), [
    `the accelerator 0000:3b:00.0 (10de:2330) has no driver: ${none}`,
    `the accelerator 0000:5e:00.0 (10de:1c82) is held by the driver vfio-pci: ${none}`,
    `the accelerator 0000:86:00.0 (1da3:1020) is held by the driver habanalabs: ${none}`,
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
  assert.deepEqual(unmeteredAccelerators('/nowhere', []), [])
})
