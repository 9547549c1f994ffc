import assert from 'node:assert/strict'
import { chmodSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import type { CounterChannel } from '../../../src/model/channel.ts'
import { POWERCAP_UDEV_RULE } from '../../../src/sensors/rapl/remedy.ts'
import { textOf } from '../../fixtures/machines/machine.ts'
import { controlType, epyc, laptop, RANGE_UJ, xeon2s, zone } from '../../fixtures/machines/rapl.ts'
import { counts, names, open, RaplMachine, readAll, refusal, withoutRights } from './machine.ts'

const XEON_ZONES = ['package/package-0', 'dram/package-0', 'psys/psys', 'package/package-1', 'dram/package-1']

test('a Xeon with two sockets: packages by name, DRAM apart, psys as meter of the machine', async (t) => {
  const sensor = new RaplMachine(t, xeon2s).sensor('powercap')
  const channels = (await open(sensor)) as CounterChannel[]
  assert.deepEqual(names(channels), XEON_ZONES)
  assert.deepEqual(counts(await readAll(sensor)), [
    187402113912n,
    12345678901n,
    915214000000n,
    261999000000n,
    98765432n,
  ])
  const [package0, dram0, psys] = channels as [CounterChannel, CounterChannel, CounterChannel]
  assert.deepEqual([package0.hardware, dram0.hardware, psys.hardware], ['socket-0', 'socket-0', null])
  assert.equal(psys.nodeMeter, 'psys')
  assert.equal(package0.nodeMeter, null)
  assert.deepEqual(package0.unitUj, { numerator: 1n, denominator: 1n })
  assert.deepEqual([package0.facts.resolution, psys.facts.resolution], ['61.035 µJ', '1 J'])
  assert.equal(package0.maxPowerUw, 1_000_000_000n, 'its limits of 350 and 420 W can be raised')
  assert.equal(psys.maxPowerUw, 20_000_000_000n)
  assert.match(package0.facts.path ?? '', /class\/powercap\/intel-rapl:0\/energy_uj$/)
})

test('an EPYC: its one core is not the cores', async (t) => {
  const sensor = new RaplMachine(t, epyc).sensor('powercap')
  const [channel, ...others] = (await open(sensor)) as CounterChannel[]
  assert.deepEqual(others, [])
  assert.equal(channel?.facts.leftOut, 'intel-rapl:0:0 (one core alone)')
  assert.equal(channel?.maxPowerUw, 1_000_000_000n)
  assert.deepEqual(counts(await readAll(sensor)), [40111222333n])
})

test('a laptop: the MMIO twin of the package is not counted twice', async (t) => {
  const sensor = new RaplMachine(t, laptop).sensor('powercap')
  const channels = (await open(sensor)) as CounterChannel[]
  assert.deepEqual(names(channels), ['package/package-0', 'core/package-0', 'uncore/package-0', 'psys/psys'])
  assert.equal(channels[0]?.facts.leftOut, 'intel-rapl-mmio:0 (the same register)')
  assert.deepEqual(
    channels.map(({ hardware }) => hardware),
    ['socket-0', null, null, null],
  )
  assert.equal(channels[0]?.maxPowerUw, 1_000_000_000n)
})

test('an MMIO zone without a twin is read', async (t) => {
  const cpu = Object.fromEntries(Object.entries(laptop).filter(([path]) => !path.includes('powercap')))
  const package0 = zone('intel-rapl-mmio:0', { name: 'package-0', energyUj: 5n, rangeUj: RANGE_UJ.intel })
  const sensor = new RaplMachine(t, { ...cpu, ...package0 }).sensor('powercap')
  assert.deepEqual(names(await open(sensor)), ['package/package-0'])
})

test('an EPYC under Linux 6.9 to 6.11, which show the package once per die', async (t) => {
  const dies = [0, 1, 2, 3].map((die) =>
    zone(`intel-rapl:${die}`, { name: `package-0-die-${die}`, energyUj: 7n, rangeUj: RANGE_UJ.amd }),
  )
  const machine = { 'proc/cpuinfo': textOf(epyc, 'proc/cpuinfo'), ...Object.assign({}, ...dies) }
  assert.deepEqual(names(await open(new RaplMachine(t, machine).sensor('powercap'))), ['package/package-0'])
})

test('a package with two dies has a register per die (Cascade Lake-AP), each with its DRAM', async (t) => {
  const machine = {
    'proc/cpuinfo': textOf(xeon2s, 'proc/cpuinfo'),
    ...zone('intel-rapl:0', { name: 'package-0-die-0', energyUj: 1n, rangeUj: RANGE_UJ.intel }),
    ...zone('intel-rapl:0:0', { name: 'dram', energyUj: 2n, rangeUj: RANGE_UJ.intel }),
    ...zone('intel-rapl:1', { name: 'package-0-die-1', energyUj: 3n, rangeUj: RANGE_UJ.intel }),
    ...zone('intel-rapl:1:0', { name: 'dram', energyUj: 4n, rangeUj: RANGE_UJ.intel }),
  }
  assert.deepEqual(names(await open(new RaplMachine(t, machine).sensor('powercap'))), [
    'package/package-0-die-0',
    'dram/package-0-die-0',
    'package/package-0-die-1',
    'dram/package-0-die-1',
  ])
})

test('of two psys none is the meter of the machine: which of them is the master cannot be told', async (t) => {
  const second = zone('intel-rapl:11', { name: 'psys-1', energyUj: 1n, rangeUj: RANGE_UJ.joule })
  const channels = await open(new RaplMachine(t, { ...xeon2s, ...second }).sensor('powercap'))
  assert.deepEqual(names(channels), [...XEON_ZONES, 'psys/psys-1'])
  assert.ok(channels.every(({ nodeMeter }) => nodeMeter === null))
})

test('a zone that does not say what it is fails for itself, says why, and comes back', async (t) => {
  const machine = new RaplMachine(t, xeon2s)
  const rapl = 'sys/devices/virtual/powercap/intel-rapl'
  machine.write(`${rapl}/intel-rapl:0/max_energy_range_uj`, 'none\n')
  machine.write(`${rapl}/intel-rapl:10/intel-rapl:10:0/name`, '\u0000\u0001')
  rmSync(join(machine.root, `${rapl}/intel-rapl:1/name`))
  const sensor = machine.sensor('powercap')
  const channels = await open(sensor)
  assert.deepEqual(names(channels), [
    'package/package-0',
    'dram/package-0',
    'other/intel-rapl:1',
    'package/package-1',
    'other/intel-rapl:10:0',
  ])
  const readings = await readAll(sensor)
  assert.deepEqual(counts(readings), [
    'SENSOR_CORRUPT',
    12345678901n,
    'SENSOR_CORRUPT',
    261999000000n,
    'SENSOR_CORRUPT',
  ])
  const messages = readings.map((reading) => (reading.status === 'failed' ? reading.message : ''))
  assert.equal(messages[0], 'intel-rapl:0: max_energy_range_uj says "none"')
  assert.equal(messages[2], 'intel-rapl:1: name: ENOENT')
  assert.equal(channels[2]?.facts.trouble, messages[2])
  assert.deepEqual(
    channels.flatMap(({ device, ...channel }) => ('isUnidentified' in channel ? device : [])),
    ['package-0'],
    'of which nobody knows whether its register is the one of before',
  )
  assert.equal(channels[2]?.hardware, null)

  assert.equal(await sensor.changed(), false)
  machine.write(`${rapl}/intel-rapl:1/name`, 'psys\n')
  assert.equal(await sensor.changed(), true)
  assert.ok(names(await open(sensor)).includes('psys/psys'))
})

test('one counter that fails or lies costs no other', async (t) => {
  const machine = new RaplMachine(t, xeon2s)
  const sensor = machine.sensor('powercap')
  await open(sensor)
  machine.write('sys/class/powercap/intel-rapl:0/energy_uj', `${RANGE_UJ.intel + 1_000_000n}\n`)
  machine.write('sys/class/powercap/intel-rapl:1/energy_uj', '-4\n')
  const readings = await readAll(sensor)
  assert.deepEqual(counts(readings), ['SENSOR_CORRUPT', 12345678901n, 'SENSOR_CORRUPT', 261999000000n, 98765432n])
})

test('zones that are registered anew under other numbers are found, though every path exists as before', async (t) => {
  const machine = new RaplMachine(t, xeon2s)
  const sensor = machine.sensor('powercap')
  await open(sensor)
  assert.equal(await sensor.changed(), false)
  const link = (name: string): string => join(machine.root, 'sys/class/powercap', name)
  renameSync(link('intel-rapl:1'), link('swap'))
  renameSync(link('intel-rapl:10'), link('intel-rapl:1'))
  renameSync(link('swap'), link('intel-rapl:10'))
  renameSync(link('intel-rapl:10:0'), link('intel-rapl:1:0'))
  assert.equal(await sensor.changed(), true)
  assert.deepEqual(names(await open(sensor)), [...XEON_ZONES.slice(0, 2), ...XEON_ZONES.slice(3), 'psys/psys'])
  assert.deepEqual(counts(await readAll(sensor)).slice(2), [261999000000n, 98765432n, 915214000000n])

  rmSync(link('intel-rapl:10'))
  assert.equal(await sensor.changed(), true)
})

test('no zone: absent, with the module where one would help', async (t) => {
  const bare = Object.fromEntries(Object.entries(epyc).filter(([path]) => !path.includes('powercap')))
  const onMetal = await refusal(new RaplMachine(t, bare).sensor('powercap'))
  assert.deepEqual([onMetal.code, onMetal.remedy], ['SENSOR_ABSENT', 'modprobe intel_rapl_msr'])
  const guest = {
    'proc/cpuinfo': textOf(bare, 'proc/cpuinfo').replaceAll('fpu', 'fpu hypervisor'),
    ...controlType('dtpm'),
    ...controlType('intel-rapl'),
    ...zone('arm-scmi:0', { name: 'soc', energyUj: 1n, rangeUj: RANGE_UJ.intel }),
  }
  const inGuest = await refusal(new RaplMachine(t, guest).sensor('powercap'))
  assert.deepEqual([inGuest.code, inGuest.remedy], ['SENSOR_ABSENT', undefined])
})

test('a container whose runtime hides the tree is told how to show it', async (t) => {
  const link = { 'sys/class/powercap/intel-rapl:0': xeon2s['sys/class/powercap/intel-rapl:0'] ?? '' }
  const hidden = new RaplMachine(t, { 'proc/cpuinfo': textOf(xeon2s, 'proc/cpuinfo'), ...link })
  const error = await refusal(hidden.sensor('powercap'))
  assert.equal(error.code, 'SENSOR_PERMISSION')
  assert.match(error.remedy ?? '', /-v \/sys:\/host\/sys:ro/)
})

test('with the rights of the service: refused until the udev rule has run', async (t) => {
  const machine = new RaplMachine(t, xeon2s)
  const counter = (name: string) => `sys/class/powercap/${name}/energy_uj`
  const zones = ['intel-rapl:0', 'intel-rapl:0:0', 'intel-rapl:1', 'intel-rapl:10', 'intel-rapl:10:0']
  for (const name of zones) machine.forbid(counter(name))
  const sensor = machine.sensor('powercap')
  const error = await withoutRights(() => refusal(sensor))
  assert.equal(error.code, 'SENSOR_PERMISSION')
  assert.ok(error.remedy?.includes(`echo '${POWERCAP_UDEV_RULE}' > /etc/udev/rules.d/`))
  assert.match(error.remedy ?? '', /udevadm trigger --subsystem-match=powercap$/)

  const permit = (name: string) => chmodSync(join(machine.root, counter(name)), 0o444)
  permit('intel-rapl:0')
  await withoutRights(async () => {
    await open(sensor)
    const readings = await readAll(sensor)
    assert.deepEqual(counts(readings).slice(0, 2), [187402113912n, 'SENSOR_PERMISSION'])
    assert.ok(readings[1]?.status === 'failed' && readings[1].message.includes('udevadm trigger'))
  })
  for (const name of zones) permit(name)
  await withoutRights(async () => {
    await open(sensor)
    assert.ok((await readAll(sensor)).every(({ status }) => status === 'counter'))
  })
})
