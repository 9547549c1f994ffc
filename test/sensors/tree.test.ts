import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { ChannelAccount } from '../../src/integration/channel-account.ts'
import { machineTree } from '../../src/integration/machine-tree.ts'
import type { Channel } from '../../src/model/channel.ts'
import { systemClock } from '../../src/native/system-clock.ts'
import { createSensors, SENSORS } from '../../src/sensors/registry.ts'
import { sensorSections } from '../../src/sensors/sections.ts'
import type { SensorType } from '../../src/sensors/sensor-type.ts'
import { amdCard, gpuMetrics } from '../fixtures/machines/amdgpu.ts'
import { crayEx } from '../fixtures/machines/cray.ts'
import { amdgpuMi300a, graceHopper } from '../fixtures/machines/hwmon.ts'
import { type Machine, writeMachine } from '../fixtures/machines/machine.ts'
import { epyc, laptop, RANGE_UJ, zone } from '../fixtures/machines/rapl.ts'
import { armServer } from '../fixtures/machines/scmi.ts'

/*
 * What sensors find on machines that several of them read: each piece of hardware counts once, and no meter of a part beside
 * the one that contains it.
 */

const { signal } = new AbortController()
const OF_FILES = ['rapl', 'amdgpu', 'cray', 'hwmon', 'scmi']
const types: readonly SensorType[] = SENSORS.filter(({ name }) => OF_FILES.includes(name))

/** Which channels count: the meter of the whole machine, and each leaf with those that measure it, the best first. */
async function countedOn(t: TestContext, machine: Machine) {
  const root = mkdtempSync(join(tmpdir(), 'wattledger-tree-'))
  t.after(() => rmSync(root, { recursive: true }))
  writeMachine(root, machine)
  const below = (folder: string): string => join(root, folder)
  const context = { sysfs: below('sys'), procfs: below('proc'), devfs: below('dev'), clock: systemClock }
  const settings = Object.fromEntries(
    Object.entries(sensorSections).map(([name, section]) => [name, section.parse({})]),
  )
  const channels: Channel[] = []
  for (const { sensor } of await createSensors(settings, context, types)) {
    t.after(() => sensor.close())
    channels.push(...(await sensor.open(signal).catch(() => [])))
  }
  const accounts = channels.map((channel) => new ChannelAccount(channel, null))
  const { wholes, leaves } = machineTree(accounts, [], 'auto', 0)
  return [
    ...wholes.map(({ name }) => name),
    ...leaves.map(({ name, meters }) => `${name}: ${meters.map((meter) => meter.name).join(', ')}`),
  ]
}

test('a Cray node: its blade is the whole, RAPL and the cards come before what the blade counts of them', async (t) => {
  const die = (bus: string, energy: bigint): Machine =>
    amdCard({
      place: `pci0000:${bus}/0000:${bus}:01.1/0000:${bus}:00.0`,
      model: '0x740c',
      metrics: gpuMetrics('1.3', { power: Number(energy), energy }),
      attributes: { serial_number: '692231000131' },
    })
  const rapl = zone('intel-rapl:0', { name: 'package-0', energyUj: 187_402_113_912n, rangeUj: RANGE_UJ.amd })
  const other = Object.fromEntries(Object.entries(crayEx).filter(([path]) => !path.startsWith('sys/bus/pci')))
  assert.deepEqual(await countedOn(t, { ...other, ...rapl, ...die('c1', 92n), ...die('c5', 0n) }), [
    'cray',
    'processors/socket-0: rapl, cray',
    'accelerators/0000:c1:00.0: amdgpu',
    'memory/socket-0: cray',
  ])
})

test('an MI300A: its socket holds the processor, and one sensor of the card counts', async (t) => {
  const socket = amdCard({
    place: 'pci0000:00/0000:00:01.1/0000:01:00.0',
    model: '0x74a0',
    metrics: gpuMetrics('1.5', { power: 223, energy: 5_000_000n }),
  })
  const found = await countedOn(t, { ...epyc, ...amdgpuMi300a, ...socket })
  assert.deepEqual(found, ['processors/socket-0: amdgpu, hwmon'])
})

test('Grace Hopper: the module holds what its other rails and its firmware tell', async (t) => {
  assert.deepEqual(await countedOn(t, { ...graceHopper, ...armServer }), ['processors/socket-0: hwmon'])
})

test('a laptop: psys is the whole once, and the twin of a register counts nothing', async (t) => {
  const found = await countedOn(t, laptop)
  assert.deepEqual(found, ['psys', 'processors/socket-0: rapl'])
})
