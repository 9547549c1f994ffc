import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, unlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import type { Sensor } from '../../../src/model/sensor.ts'
import { systemClock } from '../../../src/native/system-clock.ts'
import { crayChannel, energyFilesOf } from '../../../src/sensors/cray/channel.ts'
import { cray } from '../../../src/sensors/cray/cray.ts'
import { bladeWatts, crayEx, pmCounters } from '../../fixtures/machines/cray.ts'
import { type Machine, writeMachine } from '../../fixtures/machines/machine.ts'
import fc from '../../property.ts'

const { signal } = new AbortController()

function node(t: TestContext, machine: Machine) {
  const root = mkdtempSync(join(tmpdir(), 'wattledger-cray-'))
  writeMachine(root, machine)
  const context = { sysfs: join(root, 'sys'), procfs: join(root, 'proc'), devfs: join(root, 'dev'), clock: systemClock }
  const sensor = cray.create({ interval: 3_600_000 }, context)
  t.after(async () => {
    await sensor.close()
    rmSync(root, { recursive: true })
  })
  const path = (name: string): string => join(root, 'sys/cray/pm_counters', name)
  return { sensor, path, write: (name: string, text: string) => writeFileSync(path(name), `${text}\n`) }
}

async function rows(sensor: Sensor): Promise<string[]> {
  const channels = await sensor.open(signal)
  return channels.map(
    ({ scope, device, kind, hardware, nodeMeter }) => `${scope} ${device} ${kind} ${hardware ?? nodeMeter ?? '-'}`,
  )
}

async function values(sensor: Sensor): Promise<(bigint | string)[]> {
  const sweeps = await sensor.readNow(signal)
  return sweeps.flatMap(({ readings }) =>
    readings.map((one) => (one.status === 'counter' ? one.count : one.status === 'failed' ? one.message : 'power')),
  )
}

test('a node counts as the machine, and its parts each once', async (t) => {
  const { sensor } = node(t, crayEx)
  assert.deepEqual(await rows(sensor), [
    'gpu accel0 counter -',
    'gpu accel1 counter -',
    'gpu accel2 counter -',
    'package cpu counter socket-0',
    'dc_node node counter cray',
    'dram memory counter socket-0',
  ])
  const tenDaysJ = (watts: number): bigint => BigInt(watts) * 864_000n
  assert.deepEqual(await values(sensor), [210, 190, 220, 95, 1_120, 40].map(tenDaysJ))
})

test('what covers several sockets is of none of them, and an accelerator that is alone is known', () => {
  const places = { sockets: [0, 1], accelerators: ['0000:83:00.0'] }
  const hardwareOf = (file: string) => crayChannel({ id: file, attributes: { file } }, places, 1_000).channel.hardware
  assert.equal(hardwareOf('cpu_energy'), null)
  assert.equal(hardwareOf('memory_energy'), null)
  assert.equal(hardwareOf('cpu1_energy'), 'socket-1')
  assert.equal(hardwareOf('accel_energy'), '0000:83:00.0')
  assert.equal(hardwareOf('energy'), null)
})

test('of all files those of joules are read, and no sum beside its parts', () => {
  assert.deepEqual(energyFilesOf(Object.keys(pmCounters(bladeWatts)).map((path) => path.split('/').at(-1) ?? '')), [
    'energy',
    'cpu_energy',
    'memory_energy',
    'accel0_energy',
    'accel1_energy',
    'accel2_energy',
    'accel3_energy',
  ])
  assert.deepEqual(energyFilesOf(['accel_energy', 'cpu0_energy', 'cpu_energy', 'nic_energy', 'energy_x']), [
    'accel_energy',
    'cpu0_energy',
  ])
})

test('a controller that started anew counts since another time, whatever its counters say', async (t) => {
  const { sensor, write } = node(t, crayEx)
  const [, , , , before] = await sensor.open(signal)
  assert.equal(await sensor.changed(), false)
  write('startup', '1733230386000001 1734094387000000 us')
  write('energy', '99999999999 J 1734094387000000 us')
  const failed = await values(sensor)
  assert.ok(failed.every((text) => /did not renew it for 3000 ms, or started anew/.test(`${text}`)))
  assert.equal(await sensor.changed(), true)
  const [, , , , after] = await sensor.open(signal)
  assert.ok(before?.kind === 'counter' && after?.kind === 'counter')
  assert.deepEqual([before.since, after.since], ['1733230386000000', '1733230386000001'])
  assert.equal((await values(sensor))[4], 99_999_999_999n)
})

test('a counter that cannot be read costs no other one', async (t) => {
  const { sensor, path, write } = node(t, crayEx)
  await sensor.open(signal)
  write('cpu_energy', '-1 J 1734094386000000 us')
  write('accel0_energy', '12 W 1734094386000000 us')
  write('accel1_energy', '0 J 1734094386000000 us')
  write('accel2_energy', '18446744073709551615 J 1734094386000000 us')
  write('memory_energy', '')
  const [watts, zero, most, negative, energy, empty] = await values(sensor)
  assert.deepEqual([watts, negative, empty], Array(3).fill('the file holds no number of joules'))
  assert.equal(zero, 'the blade counts nothing of it')
  assert.match(`${most}`, /more than any meter has counted/)
  assert.equal(energy, 967_680_000n)
  unlinkSync(path('freshness'))
  await sensor.open(signal)
  assert.ok((await values(sensor)).every((text) => text === 'ENOENT: no such file or directory'))
})

test('a machine without the folder, or whose counters all stand at 0, has none', async (t) => {
  const bare = node(t, { 'sys/cray/x': '' }).sensor.open(signal)
  await assert.rejects(bare, { code: 'SENSOR_ABSENT', message: /no energy counter in .*sys\/cray\/pm_counters$/ })
  const idle = node(t, pmCounters({ '': 0 })).sensor
  await assert.rejects(idle.open(signal), (error: { code: string }) => error.code === 'SENSOR_ABSENT')
})

test('no text becomes a number of joules that it does not say', async (t) => {
  const { sensor, write } = node(t, pmCounters({ '': 1 }))
  await sensor.open(signal)
  const word = fc.oneof(
    fc.stringMatching(/^[ -~]{0,12}$/),
    fc.nat().map(String),
    fc.constantFrom('J', 'W', 'us', 'nan'),
  )
  const texts = fc.sample(
    fc.array(word, { maxLength: 5 }).map((words) => words.join(' ')),
    60,
  )
  for (const [at, text] of texts.entries()) {
    write('freshness', `${at}`)
    write('energy', text)
    const [value] = await values(sensor)
    const joules = /^\s*(\d{1,19})(?:\s+J)?(?:\s+\d{1,19}\s+us)?\s*$/.exec(`${text}\n`)?.[1]
    assert.equal(typeof value === 'bigint' ? value : null, joules && BigInt(joules) > 0n ? BigInt(joules) : null, text)
  }
})
