import assert from 'node:assert/strict'
import { globSync } from 'node:fs'
import { test } from 'node:test'
import type { SensorError } from '../../../src/model/sensor-error.ts'
import { rapl } from '../../../src/sensors/rapl/rapl.ts'
import { type Machine, textOf, writeMachine } from '../../fixtures/machines/machine.ts'
import { epyc, laptop, powerPmu, xeon2s } from '../../fixtures/machines/rapl.ts'
import { names, open, RaplMachine, readAll, refusal, withoutRights } from './machine.ts'

const AMD_UNIT = 0xc0010299
const AMD_PACKAGE = 0xc001029b

const without = (machine: Machine, part: string): Machine =>
  Object.fromEntries(Object.entries(machine).filter(([path]) => !path.includes(part)))

test('auto prefers powercap', async (t) => {
  const channels = await open(new RaplMachine(t, laptop).sensor('auto'))
  assert.match(channels[0]?.facts.interface ?? '', /^powercap/)
})

test('auto goes on to perf where there is no powercap', async (t) => {
  const pmu = powerPmu({ type: 1, cpumask: '0', events: { 'energy-pkg': 0 } })
  const sensor = new RaplMachine(t, { ...without(without(epyc, 'powercap'), 'devices/power/'), ...pmu }).sensor('auto')
  try {
    const channels = await open(sensor)
    assert.deepEqual([names(channels), channels[0]?.facts.interface], [['package/package-0'], 'perf'])
    assert.equal((await readAll(sensor))[0]?.status, 'counter')
    assert.equal(await sensor.changed(), false)
  } catch (error) {
    if ((error as SensorError).code === 'SENSOR_PERMISSION') return t.skip('this kernel refuses perf_event_open')
    throw error
  }
})

test('auto goes on to the registers, and back to powercap when it is opened anew', async (t) => {
  const machine = new RaplMachine(t, without(without(epyc, 'powercap'), 'devices/power/'))
  const sensor = machine.sensor('auto')
  const ways = async (): Promise<(string | undefined)[]> => (await open(sensor)).map(({ facts }) => facts.interface)
  assert.equal((await refusal(sensor)).code, 'SENSOR_ABSENT')
  assert.equal(await sensor.changed(), true)
  assert.deepEqual(sensor.drain(), [])
  machine.writeRegisters(0, { [AMD_UNIT]: 0x1003n, [AMD_PACKAGE]: 123n })
  assert.deepEqual(await ways(), ['msr'])
  writeMachine(machine.root, Object.fromEntries(Object.entries(epyc).filter(([path]) => path.includes('powercap'))))
  assert.deepEqual(await ways(), ['powercap (intel-rapl)'])
})

test('when no way is open, each that would be says how', async (t) => {
  const pmu = powerPmu({ type: 1, cpumask: '0', events: { 'energy-pkg': 0 } })
  const machine = new RaplMachine(t, { ...without(epyc, 'devices/power/'), ...pmu, 'dev/cpu/0/msr': '' })
  for (const path of globSync('sys/devices/virtual/powercap/**/energy_uj', { cwd: machine.root })) machine.forbid(path)
  machine.forbid('dev/cpu/0/msr')
  const error = await withoutRights(() => refusal(machine.sensor('auto')))
  assert.equal(error.code, 'SENSOR_PERMISSION')
  const remedies = error.remedy?.split('\nor ') ?? []
  assert.deepEqual(
    remedies.map((remedy) => remedy.split(':')[0]),
    ['powercap', 'perf', 'msr'],
  )
  assert.match(remedies[0] ?? '', /udevadm trigger/)
})

test('a virtual machine with nothing is told that it has nothing', async (t) => {
  const cpuinfo = textOf(xeon2s, 'proc/cpuinfo').replaceAll('fpu tsc', 'fpu hypervisor tsc')
  const machine = new RaplMachine(t, {
    ...without(without(xeon2s, 'powercap'), 'devices/power/'),
    'proc/cpuinfo': cpuinfo,
  })
  const error = await refusal(machine.sensor('auto'))
  assert.deepEqual([error.code, error.remedy], ['SENSOR_ABSENT', undefined])
  assert.match(error.message, /virtual machine/)
})

test('closing is safe before, twice and after a failure, and the sensor opens again', async (t) => {
  const machine = new RaplMachine(t, laptop)
  const sensor = machine.sensor('auto')
  await sensor.close()
  await open(sensor)
  await sensor.close()
  await sensor.close()
  assert.deepEqual(await readAll(sensor), [])
  assert.equal((await open(sensor)).length, 4)
})

test('doctor tries each interface alone', () => {
  const settings = { interval: 1_000, interface: 'auto' } as const
  assert.deepEqual(rapl.variants?.(settings), [
    { label: 'powercap', settings: { interval: 1_000, interface: 'powercap' } },
    { label: 'perf', settings: { interval: 1_000, interface: 'perf' } },
    { label: 'msr', settings: { interval: 1_000, interface: 'msr' } },
  ])
})
