import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { CounterChannel } from '../../../src/model/channel.ts'
import type { Sensor } from '../../../src/model/sensor.ts'
import type { SensorError } from '../../../src/model/sensor-error.ts'
import { type Machine, textOf } from '../../fixtures/machines/machine.ts'
import { epyc, laptop, processor, xeon2s } from '../../fixtures/machines/rapl.ts'
import { counts, names, open, RaplMachine, readAll, refusal, withoutRights } from './machine.ts'

const UNIT = 0x606
const PACKAGE = 0x611
const DRAM = 0x619
const CORE = 0x639
const PSYS = 0x64d

const AMD_UNIT = 0xc0010299
const AMD_PACKAGE = 0xc001029b

async function channelsOf(machine: RaplMachine): Promise<{ sensor: Sensor; channels: CounterChannel[] }> {
  const sensor = machine.sensor('msr')
  return { sensor, channels: (await open(sensor)) as CounterChannel[] }
}

test('two Sapphire Rapids: the low 32 bits count, and a register at 0 is absent', async (t) => {
  const machine = new RaplMachine(t, xeon2s)
  machine.writeRegisters(0, { [UNIT]: 0xa0e03n, [PACKAGE]: 0xdead_0000_1234n, [DRAM]: 77n, [PSYS]: 5n, [CORE]: 0n })
  machine.writeRegisters(2, { [UNIT]: 0xa0e03n, [PACKAGE]: 0xffff_fff0n, [DRAM]: 78n, [PSYS]: 0x1_0000_0000n })
  const { sensor, channels } = await channelsOf(machine)
  assert.deepEqual(names(channels), [
    'package/package-0',
    'dram/package-0',
    'psys/psys',
    'package/package-1',
    'dram/package-1',
  ])
  assert.deepEqual(counts(await readAll(sensor)), [0x1234n, 77n, 5n, 0xffff_fff0n, 78n])
  assert.ok(channels.every(({ modulus }) => modulus === 2n ** 32n))
  assert.deepEqual(channels[1]?.unitUj, { numerator: 1_000_000n, denominator: 16_384n })
  assert.deepEqual(channels[2]?.nodeMeter, 'psys', 'the slave package reads 0')
  assert.equal(channels[2]?.facts.resolution, '1 J')
  assert.match(channels[0]?.facts.path ?? '', /dev\/cpu\/0\/msr 0x611$/)
})

test('DRAM of a Cascade Lake counts in 15.3 µJ', async (t) => {
  const cpu = processor({
    vendor: 'GenuineIntel',
    family: 6,
    model: 85,
    name: 'x',
    flags: 'fpu',
    packages: 1,
    cpusPerPackage: 2,
  })
  const machine = new RaplMachine(t, cpu)
  machine.writeRegisters(0, { [UNIT]: 0xa0e03n, [PACKAGE]: 1n, [DRAM]: 1n, [PSYS]: 0n })
  const { channels } = await channelsOf(machine)
  assert.deepEqual(
    channels.map(({ facts }) => facts.resolution),
    ['61.035 µJ', '15.3 µJ'],
  )
})

test('an EPYC has one register, of the package', async (t) => {
  const machine = new RaplMachine(t, epyc)
  machine.writeRegisters(0, { [AMD_UNIT]: 0x1003n, [AMD_PACKAGE]: 123n })
  const { sensor, channels } = await channelsOf(machine)
  assert.deepEqual(names(channels), ['package/package-0'])
  assert.equal(channels[0]?.facts.resolution, '15.259 µJ')
  assert.deepEqual(counts(await readAll(sensor)), [123n])
})

test('a CPU whose device is refused fails for itself', async (t) => {
  const machine = new RaplMachine(t, xeon2s)
  machine.writeRegisters(0, { [UNIT]: 0xa0e03n, [PACKAGE]: 5n, [PSYS]: 0n })
  const { sensor, channels } = await channelsOf(machine)
  assert.equal(names(channels)[0], 'package/package-0')
  const readings = counts(await readAll(sensor))
  assert.equal(readings[0], 5n)
  assert.ok(readings.length > 1 && readings.slice(1).every((code) => code === 'SENSOR_ABSENT'))
  machine.writeRegisters(2, { [UNIT]: 0xa0e03n, [PACKAGE]: 6n, [PSYS]: 0n })
  assert.ok(
    counts(await readAll(sensor))
      .slice(1)
      .includes('SENSOR_CORRUPT'),
    'its unit is not known',
  )
})

test('no device, no register, no processor that has them: absent', async (t) => {
  await assert.rejects(open(new RaplMachine(t, epyc).sensor('msr')), { code: 'SENSOR_ABSENT', remedy: 'modprobe msr' })
  const silent = new RaplMachine(t, laptop)
  silent.writeRegisters(0, { [UNIT]: 0xa0e03n, [PSYS]: 0n })
  await assert.rejects(open(silent.sensor('msr')), { code: 'SENSOR_ABSENT' })
  const arm: Machine = {
    'proc/cpuinfo': 'processor\t: 0\nCPU implementer\t: 0x41\n',
    'sys/devices/system/cpu/online': '0\n',
  }
  await assert.rejects(open(new RaplMachine(t, arm).sensor('msr')), { code: 'SENSOR_ABSENT', remedy: undefined })
})

test('without the right: the udev rule and the drop-in; in a virtual machine neither would help', async (t) => {
  const refusalOn = async (cpuinfo: string): Promise<SensorError> => {
    const machine = new RaplMachine(t, { ...epyc, 'proc/cpuinfo': cpuinfo })
    machine.writeRegisters(0, { [AMD_PACKAGE]: 123n })
    machine.forbid('dev/cpu/0/msr')
    return withoutRights(() => refusal(machine.sensor('msr')))
  }
  const cpuinfo = textOf(epyc, 'proc/cpuinfo')
  const onMetal = await refusalOn(cpuinfo)
  assert.equal(onMetal.code, 'SENSOR_PERMISSION')
  assert.match(onMetal.remedy ?? '', /SUBSYSTEM=="msr".*AmbientCapabilities=CAP_SYS_RAWIO/)
  const inGuest = await refusalOn(cpuinfo.replaceAll('fpu tsc', 'fpu hypervisor tsc'))
  assert.deepEqual([inGuest.code, inGuest.remedy], ['SENSOR_ABSENT', undefined])
})
