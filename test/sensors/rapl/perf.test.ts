import assert from 'node:assert/strict'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import type { CounterChannel } from '../../../src/model/channel.ts'
import type { Reading } from '../../../src/model/reading.ts'
import { SensorError } from '../../../src/model/sensor-error.ts'
import type { ReaderPlan } from '../../../src/native/polled-sensor.ts'
import { discoverPerf } from '../../../src/sensors/rapl/perf.ts'
import type { Machine } from '../../fixtures/machines/machine.ts'
import { epyc, laptop, powerPmu, processor, xeon2s } from '../../fixtures/machines/rapl.ts'
import { names, open, RaplMachine, readAll, refusal, withoutRights } from './machine.ts'

const PMU = 'sys/bus/event_source/devices/power'

async function plan(
  t: TestContext,
  machine: Machine,
): Promise<{ plan: ReaderPlan; channels: CounterChannel[]; events: string[] }> {
  const [found] = await discoverPerf(new RaplMachine(t, machine).context, 1_000)
  assert.ok(found?.reader.type === 'perf')
  const channels = found.bind([]).map(({ channel }) => channel as CounterChannel)
  return { plan: found, channels, events: found.reader.events.map(({ cpu, config }) => `${cpu}:${config}`) }
}

const intel = { vendor: 'GenuineIntel', family: 6, name: 'x', flags: 'fpu' }

test('one group per package, named as powercap names it, in units of 2^-32 J', async (t) => {
  const { channels, events } = await plan(t, xeon2s)
  assert.deepEqual(events, ['0:2', '0:3', '0:5', '2:2', '2:3', '2:5'])
  assert.deepEqual(names(channels), [
    'package/package-0',
    'dram/package-0',
    'psys/psys',
    'package/package-1',
    'dram/package-1',
    'psys/psys-1',
  ])
  assert.ok(channels.every(({ unitUj }) => unitUj.numerator === 15625n && unitUj.denominator === 67108864n))
  assert.ok(channels.every(({ modulus, nodeMeter }) => modulus === null && nodeMeter === null))
})

test('a laptop: four domains of one package, psys as meter', async (t) => {
  const { channels } = await plan(t, laptop)
  assert.deepEqual(names(channels), ['package/package-0', 'core/package-0', 'uncore/package-0', 'psys/psys'])
  assert.deepEqual(
    channels.map(({ nodeMeter }) => nodeMeter),
    [null, null, null, 'psys'],
  )
})

test('a mask that names every CPU (TPMI) counts each package once', async (t) => {
  const cpu = processor({ ...intel, model: 173, packages: 2, cpusPerPackage: 8 })
  const { events } = await plan(t, { ...cpu, ...powerPmu({ type: 9, cpumask: '0-15', events: { 'energy-pkg': 2 } }) })
  assert.deepEqual(events, ['0:2', '8:2'])
})

const twoDies = (machine: Machine): Machine => ({
  ...machine,
  ...powerPmu({ type: 9, cpumask: '0,2', events: { 'energy-pkg': 2, 'energy-cores': 1 } }),
  'sys/devices/system/cpu/cpu2/topology/die_id': '1\n',
  'sys/devices/system/cpu/cpu0/topology/die_cpus_list': '0-1\n',
  'sys/devices/system/cpu/cpu2/topology/die_cpus_list': '2-3\n',
})

test('two dies are two registers on Intel, and one on AMD, which has no core event of a package', async (t) => {
  const apart = await plan(t, twoDies(processor({ ...intel, model: 85, packages: 1, cpusPerPackage: 4 })))
  assert.deepEqual(apart.events, ['0:2', '0:1', '2:2', '2:1'])
  assert.deepEqual(names(apart.channels), [
    'package/package-0-die-0',
    'core/package-0-die-0',
    'package/package-0-die-1',
    'core/package-0-die-1',
  ])
  assert.deepEqual((await plan(t, twoDies(epyc))).events, ['0:2'])
})

test('the interval leaves the kernel no time to count backwards', async (t) => {
  const [slow] = await discoverPerf(new RaplMachine(t, epyc).context, 60_000)
  assert.equal(slow?.intervalMs, 10_000)
})

test('an event without a scale gives no energy; one without a number is not opened', async (t) => {
  const { plan: found, channels } = await plan(t, {
    ...xeon2s,
    [`${PMU}/events/energy-ram.scale`]: 'unknown\n',
    [`${PMU}/events/energy-psys`]: 'event=psys\n',
  })
  assert.equal(channels.length, 4)
  const values = found.bind([]).map(({ interpret }) => interpret(7n))
  assert.deepEqual(values[0], { count: 7n })
  assert.deepEqual(values[1], { corrupt: 'energy-ram.scale and energy-ram.unit do not describe an energy' })
})

test('no PMU: absent, with its module; a PMU without CPUs: absent', async (t) => {
  const machine = new RaplMachine(t, epyc)
  machine.write(`${PMU}/cpumask`, '\n')
  await assert.rejects(open(machine.sensor('perf')), { code: 'SENSOR_ABSENT' })
  rmSync(join(machine.root, PMU), { recursive: true })
  await assert.rejects(open(machine.sensor('perf')), { code: 'SENSOR_ABSENT', remedy: 'modprobe rapl' })
})

/** The kernel's software PMU in the place of `power`: its event 0, cpu-clock, counts nanoseconds. */
const software: Machine = {
  ...processor({ ...intel, model: 143, packages: 1, cpusPerPackage: 1 }),
  ...powerPmu({
    type: 1,
    cpumask: '0',
    events: { 'energy-pkg': 0, 'energy-ram': 0, 'energy-psys': 0xff },
    scale: '1e-9',
  }),
}

test('a real PMU: one system call reads a group, and a missing event costs no other', async (t) => {
  const machine = new RaplMachine(t, software)
  const sensor = machine.sensor('perf')
  try {
    assert.deepEqual(names(await open(sensor)), ['package/package-0', 'dram/package-0', 'psys/psys'])
  } catch (error) {
    if (error instanceof SensorError && error.code === 'SENSOR_PERMISSION')
      return t.skip(`this kernel refuses: ${error.message}`)
    throw error
  }
  const [first, second] = [await readAll(sensor), await readAll(sensor)] as [Reading[], Reading[]]
  for (const at of [0, 1]) {
    const [a, b] = [first[at], second[at]]
    assert.ok(a?.status === 'counter' && b?.status === 'counter')
    const counted = b.count - a.count
    // The kernel's clock is not slewed as CLOCK_MONOTONIC is: 0.05 % at most (adjtimex(2)).
    const slew = (b.afterNs - a.beforeNs) / 2_000n
    const [least, most] = [b.beforeNs - a.afterNs - slew, b.afterNs - a.beforeNs + slew]
    assert.ok(counted >= least && counted <= most, `${counted} ns`)
    assert.equal(b.beforeNs, second[0]?.beforeNs)
    assert.equal(b.afterNs, second[0]?.afterNs)
  }
  assert.ok(first[2]?.status === 'failed' && first[2].code === 'SENSOR_ABSENT')
  assert.equal(first[2].message, 'ENOENT: this processor has no such event')
})

test('without the capability: refused, with the drop-in and, on Debian, the sysctl', async (t) => {
  const machine = new RaplMachine(t, { ...software, 'proc/sys/kernel/perf_event_paranoid': '3\n' })
  const sensor = machine.sensor('perf')
  const dropIn = /AmbientCapabilities=CAP_PERFMON.*SystemCallFilter=perf_event_open/
  const onDebian = await withoutRights(() => refusal(sensor))
  assert.equal(onDebian.code, 'SENSOR_PERMISSION')
  assert.match(onDebian.remedy ?? '', dropIn)
  assert.match(onDebian.remedy ?? '', /^echo kernel.perf_event_paranoid=2 > /)
  machine.write('proc/sys/kernel/perf_event_paranoid', '2\n')
  const elsewhere = await withoutRights(() => refusal(sensor))
  assert.match(elsewhere.remedy ?? '', dropIn)
  assert.doesNotMatch(elsewhere.remedy ?? '', /sysctl/)
})
