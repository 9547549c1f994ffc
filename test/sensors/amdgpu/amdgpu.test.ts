import assert from 'node:assert/strict'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import type { Sensor } from '../../../src/model/sensor.ts'
import { systemClock } from '../../../src/native/system-clock.ts'
import { type AmdgpuOptions, amdgpu } from '../../../src/sensors/amdgpu/amdgpu.ts'
import { hwmon } from '../../../src/sensors/hwmon/hwmon.ts'
import { unmeteredAccelerators } from '../../../src/sensors/pci-accelerators.ts'
import {
  amdCard,
  gpuMetrics,
  headed,
  mi250x,
  mi300xPartitioned,
  TABLES,
  type TableVersion,
} from '../../fixtures/machines/amdgpu.ts'
import { amdgpuBoard } from '../../fixtures/machines/hwmon.ts'
import { type Machine, writeMachine } from '../../fixtures/machines/machine.ts'
import fc, { runs } from '../../property.ts'

const { signal } = new AbortController()
const PLACE = 'pci0000:c0/0000:c0:01.1/0000:c1:00.0'
const TABLE = `sys/devices/${PLACE}/gpu_metrics`

function on(t: TestContext, machine: Machine, options: Partial<AmdgpuOptions> = {}) {
  const root = mkdtempSync(join(tmpdir(), 'wattledger-amdgpu-'))
  writeMachine(root, machine)
  const context = { sysfs: join(root, 'sys'), procfs: root, devfs: root, clock: systemClock }
  const sensor = amdgpu.create({ interval: 10_000, ...options }, context)
  t.after(async () => {
    await sensor.close()
    rmSync(root, { recursive: true })
  })
  return {
    sensor,
    context,
    write: (path: string, content: string | Buffer) => writeFileSync(join(root, path), content),
  }
}

const one = (metrics: Buffer, facts: object = {}): Machine =>
  amdCard({ place: PLACE, model: '0x740f', metrics, ...facts })

/** What each channel says now, in words. */
async function read(sensor: Sensor): Promise<string[]> {
  const words: string[] = []
  for (const { first, readings } of await sensor.readNow(signal)) {
    for (const [at, reading] of readings.entries()) {
      words[first + at] =
        reading.status === 'counter'
          ? `count ${reading.count}`
          : reading.status === 'power'
            ? `power ${reading.powerUw}`
            : `${reading.code} ${reading.message}`
    }
  }
  return words
}

const versions = Object.keys(TABLES) as TableVersion[]

for (const version of versions) {
  const { energy, power } = TABLES[version]
  test(`gpu_metrics ${version}`, async (t) => {
    const most = version === '3.0' ? 61_234 : 231
    const table = gpuMetrics(version, { power: most, energy: 1_000_000n })
    const { sensor, write } = on(t, one(table))
    const [channel, ...others] = await sensor.open(signal)
    assert.deepEqual(others, [])
    assert.equal(channel?.facts.layout, `gpu_metrics ${version}`)
    if (energy === null) {
      // Inside a processor, whose own meter counts.
      assert.deepEqual([channel?.scope, channel?.hardware, channel?.kind], ['other', null, 'power'])
      assert.deepEqual(await read(sensor), [`power ${version === '3.0' ? 61_234_000 : 231_000_000}`])
      write(TABLE, gpuMetrics(version, {}))
      assert.deepEqual(await read(sensor), ['SENSOR_TRANSIENT the firmware tells no power'])
      return
    }
    assert.deepEqual([channel?.scope, channel?.hardware, channel?.kind], ['gpu', '0000:c1:00.0', 'counter'])
    assert.ok(channel?.kind === 'counter')
    assert.equal(channel.modulus, energy[1] === 8 ? null : 2n ** 32n)
    assert.deepEqual(channel.unitUj, { numerator: 1_000_000n, denominator: 65_536n })
    assert.deepEqual(await read(sensor), ['count 1000000'])
    for (const none of [0n, (1n << BigInt(8 * energy[1])) - 1n]) {
      write(TABLE, gpuMetrics(version, { power: most, energy: none }))
      assert.deepEqual(await read(sensor), ['SENSOR_TRANSIENT the firmware tells no energy'])
    }
    write(TABLE, table.subarray(0, energy[0] + energy[1] - 1))
    assert.deepEqual(await read(sensor), ['SENSOR_CORRUPT the table is cut off, or of another version than before'])
    write(TABLE, gpuMetrics(version, { power: most }))
    const [withoutEnergy] = await sensor.open(signal)
    assert.equal(withoutEnergy?.kind, 'power')
    assert.equal(withoutEnergy?.facts.source, power[0] === 10 ? 'curr_socket_power' : 'average_socket_power')
    assert.deepEqual(await read(sensor), ['power 231000000'])
  })
}

test('a version that nobody described is refused by name, and costs other cards nothing', async (t) => {
  for (const version of ['0.0', '1.9', '1.10', '2.5', '3.1', '4.0']) {
    const { sensor } = on(t, one(headed(version, 400)))
    await assert.rejects(sensor.open(signal), {
      code: 'SENSOR_ABSENT',
      message: `AMD GPU 0000:c1:00.0: gpu_metrics of version ${version} are not known here: what sensors.hwmon reads of it counts`,
    })
  }
  const other = amdCard({
    place: 'pci0000:00/0000:00:01.1/0000:05:00.0',
    model: '0x74a1',
    metrics: gpuMetrics('1.8', { power: 150, energy: 5n }),
  })
  const { sensor, write } = on(t, { ...one(headed('1.9', 400)), ...other })
  const channels = await sensor.open(signal)
  assert.deepEqual(
    channels.map(({ device }) => device),
    ['0000:05:00.0'],
  )
  assert.match(sensor.unmetered?.join() ?? '', /^AMD GPU 0000:c1:00\.0: gpu_metrics of version 1\.9 are not known here/)
  assert.deepEqual(await read(sensor), ['count 5'])
  assert.equal(await sensor.changed(), false)
  // Another driver was loaded.
  write(TABLE, gpuMetrics('1.3', { power: 90, energy: 7n }))
  await read(sensor)
  assert.equal(await sensor.changed(), true)
  assert.equal((await sensor.open(signal)).length, 2)
  assert.deepEqual(await read(sensor), ['count 5', 'count 7'])
})

test('the second die of a card is in the first one', async (t) => {
  const { sensor, context } = on(t, mi250x)
  const channels = await sensor.open(signal)
  assert.deepEqual(
    channels.map(({ device, facts }) => [device, facts.alsoCovers]),
    [['0000:c1:00.0', '0000:c6:00.0']],
  )
  assert.deepEqual(await read(sensor), ['count 1532219004112'])
  assert.deepEqual(sensor.unmetered, [
    'AMD GPU 0000:c6:00.0: the second die of a card, whose first one tells what both draw',
  ])
  assert.deepEqual(unmeteredAccelerators(context.sysfs, channels), [])
})

test('partitions of a card are in the card', async (t) => {
  const { sensor } = on(t, mi300xPartitioned)
  assert.deepEqual(
    (await sensor.open(signal)).map(({ device, scope }) => [device, scope]),
    [['0000:05:00.0', 'gpu']],
  )
})

test('an MI300A is the socket with its processor and memory', async (t) => {
  const metrics = gpuMetrics('1.4', { power: 210, energy: 9n })
  const { sensor } = on(t, one(metrics, { model: '0x74a0', attributes: { numa_node: '3' } }))
  assert.deepEqual(
    (await sensor.open(signal)).map(({ scope, hardware }) => [scope, hardware]),
    [['module', 'socket-3']],
  )
})

test('of a graphics card, whose sum nobody describes, the power counts', async (t) => {
  const metrics = gpuMetrics('1.3', { power: 41, energy: 99_999n })
  const { sensor } = on(t, one(metrics, { model: '0x744c', pciClass: '0x030000' }))
  assert.deepEqual(
    (await sensor.open(signal)).map(({ kind }) => kind),
    ['power'],
  )
  assert.deepEqual(await read(sensor), ['power 41000000'])
})

test('a card is the same hardware for hwmon, and counts once', async (t) => {
  const metrics = gpuMetrics('1.3', { power: 41 })
  const machine = amdCard({
    place: 'pci0000:00/0000:00:01.1/0000:03:00.0',
    model: '0x744c',
    pciClass: '0x030000',
    metrics,
  })
  const { sensor, context } = on(t, { ...machine, ...amdgpuBoard })
  const other = hwmon.create({ interval: 10_000 }, context)
  t.after(() => other.close())
  const [[ours], [theirs]] = [await sensor.open(signal), await other.open(signal)]
  assert.deepEqual([ours?.scope, ours?.hardware], ['gpu', '0000:03:00.0'])
  assert.deepEqual([theirs?.scope, theirs?.hardware], ['gpu', '0000:03:00.0'])
})

test('a card that sleeps is not asked, and draws nothing without its slot', async (t) => {
  const { sensor, write } = on(t, one(gpuMetrics('1.3', { power: 41 })))
  const status = `sys/devices/${PLACE}/power/runtime_status`
  await sensor.open(signal)
  assert.deepEqual(await read(sensor), ['power 41000000'])
  write(status, 'suspended\n')
  write(`sys/devices/${PLACE}/power_state`, 'D3cold\n')
  // A table that would be no number, were it asked.
  write(TABLE, '')
  while ((await read(sensor))[0] !== 'power 0') await setImmediate()
  // Opened while it sleeps it is awaited.
  await assert.rejects(sensor.open(signal), { code: 'SENSOR_ABSENT', message: /cannot be read now \(errno 1\)/ })
  write(status, 'active\n')
  write(TABLE, gpuMetrics('1.3', { power: 42 }))
  await sensor.open(signal)
  assert.deepEqual(await read(sensor), ['power 42000000'])
})

test('a sum that stands still while power is drawn is found out, and the power counts', async (t) => {
  const { sensor } = on(t, one(gpuMetrics('1.3', { power: 290, energy: 4_711n })), { interval: 10, compareMs: 200 })
  await sensor.open(signal)
  while (!(await sensor.changed())) {
    await sensor.readNow(signal)
    sensor.drain()
  }
  assert.match((await read(sensor))[0] ?? '', /^SENSOR_CORRUPT its energy counter made 0\.0 J where/)
  const [channel] = await sensor.open(signal)
  assert.equal(channel?.kind, 'power')
  assert.ok((channel?.relativeUncertainty ?? 0) > 0.5)
  assert.match(channel?.facts.check ?? '', /^the energy counter is not counted: it made 0\.0 J/)
})

test('no table, however broken, makes a number of a sentinel or ends the reader', async (t) => {
  const { sensor, write } = on(t, one(gpuMetrics('1.3', { power: 41, energy: 5n })))
  await sensor.open(signal)
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), fc.boolean(), async (bytes, isHeaded) => {
      const table = Buffer.from(bytes)
      if (isHeaded && table.length >= 4) table.set([120, 0, 1, 3])
      write(TABLE, table)
      const isWhole = table.length >= 32 && table[2] === 1 && table[3] === 3
      const count = isWhole ? table.readBigUInt64LE(24) : 0n
      const isNumber = isWhole && count !== 0n && count < 2n ** 63n
      const [word = ''] = await read(sensor)
      assert.equal(word, isNumber ? `count ${count}` : word)
      assert.equal(word.startsWith('SENSOR_'), !isNumber)
    }),
    { numRuns: runs(60) },
  )
})

test('what doctor says where no table can be read', async (t) => {
  const { sensor: nothing } = on(t, {})
  await assert.rejects(nothing.open(signal), { code: 'SENSOR_ABSENT', message: /^no card in .* has gpu_metrics$/ })
  const { [TABLE]: _, ...withoutTable } = one(Buffer.alloc(0))
  const { sensor: bound } = on(t, withoutTable)
  await assert.rejects(bound.open(signal), {
    code: 'SENSOR_ABSENT',
    message: 'amdgpu tells no gpu_metrics of 0000:c1:00.0, which Linux 5.9 and later do',
    remedy: 'modprobe amdgpu && systemctl restart wattledger',
  })
  if (process.geteuid?.() === 0) return
  const { sensor, context } = on(t, one(gpuMetrics('1.3', { power: 4 })))
  const table = join(context.sysfs, '..', TABLE)
  chmodSync(table, 0)
  await assert.rejects(sensor.open(signal), { code: 'SENSOR_PERMISSION', remedy: /^chgrp wattledger-sensors / })
})
