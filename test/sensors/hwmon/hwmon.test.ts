import assert from 'node:assert/strict'
import { chmodSync, mkdtempSync, renameSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import type { Channel } from '../../../src/model/channel.ts'
import type { Sensor } from '../../../src/model/sensor.ts'
import { SensorError } from '../../../src/model/sensor-error.ts'
import { systemClock } from '../../../src/native/system-clock.ts'
import { hwmon } from '../../../src/sensors/hwmon/hwmon.ts'
import * as machines from '../../fixtures/machines/hwmon.ts'
import { type Machine, writeMachine } from '../../fixtures/machines/machine.ts'

const { signal } = new AbortController()
const opened: Sensor[] = []
const root = mkdtempSync(join(tmpdir(), 'wattledger-hwmon-'))
after(async () => {
  await Promise.all(opened.map((sensor) => sensor.close()))
  rmSync(root, { recursive: true })
})

let machineCount = 0

function machine(...parts: readonly Machine[]) {
  machineCount += 1
  const at = join(root, `${machineCount}`)
  for (const files of parts) writeMachine(at, files)
  const context = { sysfs: join(at, 'sys'), procfs: '/proc', devfs: '/dev', clock: systemClock }
  const sensor = hwmon.create({ interval: 100_000 }, context)
  opened.push(sensor)
  return { sensor, file: (path: string) => join(at, path) }
}

/** One line per channel: what the rest of the daemon goes by. */
function rows(channels: readonly Channel[]): string[] {
  return channels.map(
    ({ scope, device, kind, hardware, nodeMeter }) =>
      `${scope} | ${device} | ${kind} | ${hardware ?? nodeMeter ?? '-'}`,
  )
}

async function channelsOf(...parts: readonly Machine[]): Promise<string[]> {
  return rows(await machine(...parts).sensor.open(signal))
}

async function values(sensor: Sensor): Promise<(bigint | string)[]> {
  const sweeps = await sensor.readNow(signal)
  return sweeps.flatMap(({ readings }) =>
    readings.map((one) =>
      one.status === 'power' ? one.powerUw : one.status === 'counter' ? one.count : `${one.code}: ${one.message}`,
    ),
  )
}

test('an ACPI power meter is the machine, wherever its kernel puts the attributes', async () => {
  const row = 'ac_in | power_meter@ACPI000D:00 power1 | power | acpi'
  assert.deepEqual(await channelsOf(machines.acpiPowerMeter6), [row])
  assert.deepEqual(await channelsOf(machines.acpiPowerMeter7), [row])
  assert.deepEqual(await channelsOf(machines.acpiPowerMeter6, machines.acpiBatteryMeter), [
    row,
    'other | power_meter@ACPI000D:01 power1 | power | -',
  ])
  const { sensor } = machine(machines.acpiPowerMeter6)
  const [channel] = await sensor.open(signal)
  assert.equal(channel?.nodeMeter, 'acpi')
  assert.equal(channel?.relativeUncertainty, 0.02)
  assert.deepEqual(await values(sensor), [287_000_000n])
})

test('of several ACPI meters none is known to be the machine', async () => {
  const second = { ...machines.acpiBatteryMeter }
  for (const path of Object.keys(second)) if (path.endsWith('is_battery')) second[path] = '0\n'
  const found = await channelsOf(machines.acpiPowerMeter6, second)
  assert.deepEqual(
    found.map((row) => row.split(' | ')[3]),
    ['-', '-'],
  )
})

test('Grace: the outermost rail of each socket counts', async () => {
  assert.deepEqual(await channelsOf(machines.graceHopper), [
    'module | power_meter@ACPI000D:00 Module Power Socket 0 | power | socket-0',
    'module | power_meter@ACPI000D:01 Grace Power Socket 0 | power | -',
    'core | power_meter@ACPI000D:02 CPU Power Socket 0 | power | -',
    'uncore | power_meter@ACPI000D:03 SysIO Power Socket 0 | power | -',
  ])
  const superchip = await channelsOf(machines.graceSuperchip)
  assert.deepEqual(
    superchip.filter((row) => /socket-\d$/.test(row)),
    [
      'module | power_meter@ACPI000D:00 Grace Power Socket 0 | power | socket-0',
      'module | power_meter@ACPI000D:03 Grace Power Socket 1 | power | socket-1',
    ],
  )
  assert.equal(superchip.length, 6)
})

test('GPUs: boards count, packages of APUs are called so, tiles lie inside their card', async () => {
  assert.deepEqual(await channelsOf(machines.amdgpuBoard, machines.i915Card), [
    'gpu | amdgpu@0000:03:00.0 PPT | power | 0000:03:00.0',
    'gpu | i915@0000:18:00.0 energy1 | counter | 0000:18:00.0',
    'gpu | i915_gt0@0000:18:00.0 energy1 | counter | -',
  ])
  assert.deepEqual(await channelsOf(machines.amdgpuApu), ['package | amdgpu@0000:c4:00.0 PPT | power | socket-0'])
  assert.deepEqual(await channelsOf(machines.amdgpuMi300a), ['module | amdgpu@0000:01:00.0 PPT | power | socket-0'])
  assert.deepEqual(await channelsOf(machines.xeCard('91310984375')), [
    'gpu | xe@0000:05:00.0 card | counter | 0000:05:00.0',
    'gpu | xe@0000:05:00.0 pkg | counter | -',
  ])
  assert.deepEqual(await channelsOf(machines.xeCard('0')), ['gpu | xe@0000:05:00.0 pkg | counter | 0000:05:00.0'])
})

test("amdgpu's average is taken, and Intel's narrow registers are read in time", async () => {
  const { sensor } = machine(machines.amdgpuBoard, machines.i915Card)
  const channels = await sensor.open(signal)
  assert.deepEqual(await values(sensor), [38_000_000n, 52_310_984_375n, 21_310_984_375n])
  assert.deepEqual(
    channels.map(({ intervalNs }) => intervalNs),
    [100_000_000_000n, 60_000_000_000n, 60_000_000_000n],
  )
  assert.deepEqual(
    channels.map(({ facts }) => facts.driver),
    ['amdgpu', 'i915', 'i915'],
  )
})

test('POWER: the host counts energy, the service processor reads what is now', async () => {
  assert.deepEqual(await channelsOf(machines.power9Host), [
    'dc_node | ibmpowernv@opal-sensor System | counter | occ',
    'package | ibmpowernv@opal-sensor Chip 0 | counter | socket-0',
    'core | ibmpowernv@opal-sensor Chip 0 Vdd | counter | -',
    'uncore | ibmpowernv@opal-sensor Chip 0 Vdn | counter | -',
    'dram | ibmpowernv@opal-sensor Chip 0 Memory | counter | socket-0',
    'other | ibmpowernv@opal-sensor Chip 0 GPU | counter | -',
    'package | ibmpowernv@opal-sensor Chip 8 | counter | socket-8',
    'fan | ibmpowernv@opal-sensor Fan | counter | -',
  ])
  const { sensor } = machine(machines.occServiceProcessor)
  assert.deepEqual(rows(await sensor.open(signal)), [
    'dc_node | occ@occ-hwmon.1 0_system | power | -',
    'package | occ@occ-hwmon.1 0_proc | power | socket-0',
    'core | occ@occ-hwmon.1 0_vdd | power | -',
    'uncore | occ@occ-hwmon.1 0_vdn | power | -',
    'dc_node | occ@occ-hwmon.1 system | power | occ',
  ])
  assert.deepEqual(await values(sensor), [400_000_000n, 300_000_000n, 200_000_000n, 100_000_000n, 406_000_000n])
})

test('the rest: a supply by its port, Altra, an unknown chip once, and no estimates', async () => {
  assert.deepEqual(await channelsOf(machines.corsairSupply, machines.odds), [
    'dc_node | corsairpsu@1-3:1.0 power total | power | corsairpsu',
    'psu | corsairpsu@1-3:1.0 power +12v | power | -',
    'other | ina238@0-0040 energy1 | counter | -',
    'package | xgene@APMC0D29:00 CPU power | power | socket-0/CPU power',
    'package | xgene@APMC0D29:00 IO power | power | socket-0/IO power',
  ])
})

test("Apple's machine counts behind its supply, without estimates; what firmware names is a part", async () => {
  assert.deepEqual(await channelsOf(machines.macMini, machines.scmiSensors), [
    'other | scmi_sensors@scmi_dev.4 SYS_ENM_A57 | counter | -',
    'other | scmi_sensors@scmi_dev.4 SYS_POW_SYS | power | -',
    'dc_node | macsmc_hwmon@macsmc-hwmon Total System Power | power | macsmc',
    'other | macsmc_hwmon@macsmc-hwmon AC Input Power | power | -',
    'other | macsmc_hwmon@macsmc-hwmon 3.8 V Rail Power | power | -',
  ])
})

test('all bits set are no power and no energy', async () => {
  const { sensor, file } = machine(machines.scmiSensors)
  const folder = file('sys/devices/platform/firmware:scmi/scmi_dev.4/hwmon/hwmon16')
  await sensor.open(signal)
  for (const text of ['2147483647', '4294967295', '4294967295000', '18446744073709551615']) {
    writeFileSync(join(folder, 'power1_input'), text)
    assert.match(`${(await values(sensor))[1]}`, /^SENSOR_CORRUPT: /, text)
  }
  for (const text of ['9223372036854775808', '18446744073709551615']) {
    writeFileSync(join(folder, 'energy1_input'), text)
    assert.match(`${(await values(sensor))[0]}`, /^SENSOR_CORRUPT: .* more than any meter has counted$/, text)
  }
})

test('a number that cannot be is corrupt: ACPI unknown, 0 W of a running machine, a text', async () => {
  const { sensor, file } = machine(machines.acpiPowerMeter7)
  const average = file('sys/devices/LNXSYSTM:00/LNXSYBUS:00/ACPI000D:00/hwmon/hwmon4/power1_average')
  await sensor.open(signal)
  const shown: (bigint | string)[] = []
  for (const text of ['4294967295000', '0', '-1000', '', '100000000001', '100000000000']) {
    writeFileSync(average, text)
    shown.push(...(await values(sensor)))
  }
  assert.deepEqual(shown, [
    'SENSOR_CORRUPT: 4294967 W are more than 100000 W',
    'SENSOR_CORRUPT: 0 W from a machine that runs',
    'SENSOR_CORRUPT: the driver gives no unsigned number',
    'SENSOR_CORRUPT: the driver gives no unsigned number',
    'SENSOR_CORRUPT: 100000 W are more than 100000 W',
    100_000_000_000n,
  ])
})

test('a failure is told in words, and what may not be read with what to do', async () => {
  const { sensor, file } = machine(machines.acpiPowerMeter7, machines.i915Card)
  const average = file('sys/devices/LNXSYSTM:00/LNXSYBUS:00/ACPI000D:00/hwmon/hwmon4/power1_average')
  unlinkSync(average)
  symlinkSync('/nonexistent', average)
  await sensor.open(signal)
  assert.deepEqual(await values(sensor), [
    'SENSOR_ABSENT: ENOENT: no such file or directory',
    52_310_984_375n,
    21_310_984_375n,
  ])
  const { sensor: denied, file: fileOf } = machine(machines.acpiPowerMeter7)
  const path = fileOf('sys/devices/LNXSYSTM:00/LNXSYBUS:00/ACPI000D:00/hwmon/hwmon4/power1_average')
  await asNobody(path, () =>
    assert.rejects(
      denied.open(signal),
      (error: unknown) =>
        error instanceof SensorError &&
        error.code === 'SENSOR_PERMISSION' &&
        error.remedy === `chgrp wattledger-sensors ${path} && chmod g+r ${path}`,
    ),
  )
})

/** Runs with the rights that anybody has, none of them to `path`. */
async function asNobody(path: string, run: () => Promise<void>): Promise<void> {
  chmodSync(path, 0)
  chmodSync(root, 0o755)
  const isRoot = process.geteuid?.() === 0
  if (isRoot) process.seteuid?.(65_534)
  try {
    await run()
  } finally {
    if (isRoot) process.seteuid?.(0)
  }
}

test('one chip that goes away costs its own readings, and changed() tells', async () => {
  const { sensor, file } = machine(machines.acpiPowerMeter7, machines.amdgpuBoard)
  await sensor.open(signal)
  assert.equal(await sensor.changed(), false)
  renameSync(file('sys/devices/pci0000:00'), file('gone'))
  assert.equal(await sensor.changed(), true)
  assert.equal((await values(sensor))[0], 287_000_000n)
  renameSync(file('gone'), file('sys/devices/pci0000:00'))
  assert.equal(await sensor.changed(), false)
})

test('chips that swap their numbers are noticed, and keep their names', async () => {
  const renumbered = (files: Machine, from: number, to: number): Machine =>
    JSON.parse(
      JSON.stringify(files).replaceAll(`hwmon${from}"`, `hwmon${to}"`).replaceAll(`hwmon${from}/`, `hwmon${to}/`),
    )
  const { sensor, file } = machine(machines.acpiPowerMeter7, machines.amdgpuBoard)
  const before = rows(await sensor.open(signal))
  renameSync(file('sys'), file('before'))
  writeMachine(file('.'), { ...renumbered(machines.acpiPowerMeter7, 4, 3), ...renumbered(machines.amdgpuBoard, 3, 4) })
  assert.equal(await sensor.changed(), true)
  assert.deepEqual(rows(await sensor.open(signal)), before)
  assert.deepEqual(await values(sensor), [287_000_000n, 38_000_000n])
})

test('a second meter of the machine changes what the first one is', async () => {
  const { sensor, file } = machine(machines.acpiPowerMeter6, machines.acpiBatteryMeter)
  await sensor.open(signal)
  const folder = file('sys/devices/LNXSYSTM:00/LNXSYBUS:00/ACPI000D:01')
  writeFileSync(join(folder, 'power1_is_battery'), '0\n')
  assert.equal(await sensor.changed(), false, 'what never changes is read once')
  renameSync(join(folder, 'hwmon'), file('unregistered'))
  writeMachine(folder, { 'hwmon/hwmon2/device': { link: '../..' } })
  assert.equal(await sensor.changed(), true, 'a chip that is registered anew is looked at anew')
})

test('without a chip it is absent, with the module that a meter of the firmware waits for', async () => {
  const absent = (remedy: string | undefined) => (error: unknown) =>
    error instanceof SensorError && error.code === 'SENSOR_ABSENT' && error.remedy === remedy
  await assert.rejects(machine().sensor.open(signal), absent(undefined))
  await assert.rejects(machine({ 'sys/class/hwmon/hwmon0/temp1_input': '1\n' }).sensor.open(signal), absent(undefined))
  await assert.rejects(
    machine({ 'sys/bus/acpi/devices/ACPI000D:00/path': '\\_SB_.PMI0\n' }).sensor.open(signal),
    absent('modprobe acpi_power_meter'),
  )
})
