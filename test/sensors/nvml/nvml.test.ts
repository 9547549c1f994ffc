import assert from 'node:assert/strict'
import { test } from 'node:test'
import { systemClock } from '../../../src/native/system-clock.ts'
import { nvml } from '../../../src/sensors/nvml/nvml.ts'
import { machineOf, openMachine, readAll, sensorOn, signal, uuid } from './machine.ts'

const ENERGY = 'nvmlDeviceGetTotalEnergyConsumption'

test('each GPU is one counter, named by its UUID', async (t) => {
  const { machine, sensor, channels } = await openMachine(t, {
    control: ['gpu 0 energy-mj 123456789', 'gpu 1 energy-mj 42', 'gpu 0 serial 1650', 'gpu 1 domain 65536'],
  })
  assert.deepEqual(
    channels.map(({ sensor, scope, device, kind, quality, nodeMeter, hardware }) => [
      ...[sensor, scope, device, kind, quality, nodeMeter, hardware],
    ]),
    [
      ['nvml', 'gpu', uuid(0), 'counter', 'measured', null, '0000:17:00.0'],
      ['nvml', 'gpu', uuid(1), 'counter', 'measured', null, '10000:18:00.0'],
    ],
  )
  const [channel, other] = channels
  assert.ok(channel?.kind === 'counter')
  assert.equal(channel.modulus, null)
  assert.deepEqual(channel.unitUj, { numerator: 1000n, denominator: 1n })
  assert.equal(channel.maxPowerUw, 1_050_000_000n)
  assert.ok(Math.abs(channel.relativeUncertainty - 0.0344) < 0.0001)
  assert.equal(channel.intervalNs, 3_600_000_000_000n)
  assert.deepEqual(channel.facts, {
    path: machine.library,
    source: ENERGY,
    model: 'NVIDIA H100 80GB HBM3',
    architecture: 'Hopper',
    pciAddress: '0000:17:00.0',
    serial: '1650',
    driver: '550.54.15',
    resolution: '1 mJ',
    range: '64 bits; begins at 0 when the driver is loaded',
    update: 'about every 100 ms, from 25 ms of them',
    powerLimit: '700 W',
  })
  assert.equal(other?.facts.pciAddress, '10000:18:00.0')
  assert.deepEqual(await readAll(sensor), ['count 123456789', 'count 42'])
  machine.control('gpu 0 energy-mj 9223372036854775807', 'gpu 1 energy-mj 0')
  assert.deepEqual(await readAll(sensor), ['count 9223372036854775807', 'count 0'])
  await sensor.close()
  assert.deepEqual(machine.log(), ['nvmlInit_v2', 'nvmlShutdown'])
})

test('the registry entry reads at its interval', async (t) => {
  const machine = await machineOf(t, { control: ['gpus 1', 'gpu 0 step-mj 5'] })
  const { directory, library } = machine
  const context = { sysfs: directory, procfs: directory, devfs: directory, clock: systemClock }
  const sensor = nvml.create({ interval: 1, idle_interval: 60_000, library }, context)
  t.after(() => sensor.close())
  await sensor.open(signal)
  await sensor.readNow(signal)
  await sensor.readNow(signal)
  const counts = sensor
    .drain()
    .flatMap(({ readings }) => readings.map((reading) => reading.status === 'counter' && reading.count))
  assert.ok(counts.length >= 2)
  assert.deepEqual(
    counts,
    counts.map((_, index) => BigInt(5 * (index + 1))),
  )
})

test('without a counter the power is read: instant, then average, then the plain function', async (t) => {
  const control = ['gpus 1', `gpu 0 fails ${ENERGY} 3`, 'gpu 0 power-mw 250123']
  const steps = [
    ['field 186, instant power of the GPU'],
    ['field 185, average power of the GPU', 'gpu 0 field 186 0 2 1 0'],
    ['nvmlDeviceGetPowerUsage', 'gpu 0 field 186 0 3 1 0', 'gpu 0 field 185 0 3 1 0'],
  ]
  for (const [source, ...lines] of steps) {
    const { sensor, channels } = await openMachine(t, { control: [...control, ...lines], options: { interval: 1_000 } })
    const [channel] = channels
    assert.equal(channel?.kind, 'power')
    assert.equal(channel?.scope, 'gpu')
    const isMean = source !== 'field 186, instant power of the GPU'
    // The mean of a second, read each second, misses nothing; of an instant 975 of 1000 ms are not seen.
    assert.ok(Math.abs((channel?.relativeUncertainty ?? 0) - (isMean ? 0.0289 : 0.0377)) < 0.0001)
    assert.equal(channel?.facts.source, source)
    assert.deepEqual(await readAll(sensor), ['power 250123000'])
  }
})

test('boards whose sensor looks for a part of the time are less certain', async (t) => {
  const boards = [
    ['NVIDIA A100-SXM4-80GB', 7, true],
    ['NVIDIA A10', 7, false],
    ['NVIDIA L40S', 8, false],
    ['NVIDIA B200', 10, true],
  ] as const
  const control = boards.flatMap(([name, architecture], n) => [
    `gpu ${n} name ${name}`,
    `gpu ${n} architecture ${architecture}`,
  ])
  const { channels } = await openMachine(t, { control: [`gpus ${boards.length}`, ...control] })
  assert.deepEqual(
    channels.map(({ facts, relativeUncertainty }) => [facts.model, relativeUncertainty > 0.03]),
    boards.map(([name, , seesAPart]) => [name, seesAPart]),
  )
})

test('a power that cannot be is corrupt', async (t) => {
  const { machine, sensor } = await openMachine(t, {
    control: [`gpu * fails ${ENERGY} 3`, 'gpu 1 max-limit-mw 0', 'gpu 1 limit-mw 0'],
  })
  machine.control('gpu 0 power-mw 1050001', 'gpu 1 power-mw 2500000')
  assert.deepEqual(await readAll(sensor), [
    'SENSOR_CORRUPT 1050001 mW is more than the GPU can draw',
    'power 2500000000',
  ])
  machine.control('gpu 0 power-mw 0', 'gpu 1 power-mw 4294967295')
  assert.deepEqual(await readAll(sensor), [
    'SENSOR_CORRUPT 0 W from a GPU that answers',
    'SENSOR_CORRUPT 4294967295 mW is more than the GPU can draw',
  ])
})

test('a limit that an operator can raise is no bound of what can be', async (t) => {
  const control = ['gpus 1', `gpu 0 fails ${ENERGY} 3`, 'gpu 0 limit-mw 200000', 'gpu 0 max-limit-mw 0']
  const { sensor, channels } = await openMachine(t, { control: [...control, 'gpu 0 power-mw 450000'] })
  assert.equal(channels[0]?.maxPowerUw, 2_500_000_000n)
  assert.deepEqual(await readAll(sensor), ['power 450000000'])
})

test('a field value is judged by its own code and its own type', async (t) => {
  const { machine, sensor } = await openMachine(t, { control: [`gpu * fails ${ENERGY} 3`] })
  const noNumber = 'SENSOR_CORRUPT the driver answered with something that is no number'
  machine.control('gpu 0 field 186 0 10 1 99999', 'gpu 1 field 186 0 0 3 77000')
  assert.deepEqual(await readAll(sensor), ['SENSOR_TRANSIENT TIMEOUT (10)', 'power 77000000'])
  machine.control('gpu 0 field 186 0 0 9 99999', 'gpu 1 field 186 0 0 5 4294967295')
  assert.deepEqual(await readAll(sensor), [noNumber, noNumber])
})

const METERS = [ENERGY, 'nvmlDeviceGetFieldValues', 'nvmlDeviceGetPowerUsage']
const silent = (gpu: number, ...others: string[]) => [...METERS, ...others].map((name) => `gpu ${gpu} fails ${name} 3`)

test('a GPU without any meter is modelled from its utilization, and costs the others nothing', async (t) => {
  const control = ['gpus 3', ...silent(1), 'gpu 1 limit-mw 250000', 'gpu 1 max-limit-mw 300000', 'gpu 2 energy-mj 7']
  const { machine, sensor, channels } = await openMachine(t, { control })
  assert.deepEqual(
    channels.map(({ device, kind, quality, scope, hardware }) => [device, kind, quality, scope, hardware]),
    [
      [uuid(0), 'counter', 'measured', 'gpu', '0000:17:00.0'],
      [uuid(1), 'power', 'estimated', 'gpu', '0000:18:00.0'],
      [uuid(2), 'counter', 'measured', 'gpu', '0000:19:00.0'],
    ],
  )
  assert.equal(channels[1]?.facts.source, 'nvmlDeviceGetUtilizationRates')
  assert.equal(channels[1]?.facts.modelledFrom, 'utilization and a limit of 250 W')
  // Idle: 3 to 15 % of the limit, anywhere: (0.15 - 0.03) / 2 / sqrt(3) / 0.09.
  assert.ok(Math.abs((channels[1]?.relativeUncertainty ?? 0) - 0.385) < 0.001)
  assert.deepEqual(sensor.unmetered, [
    'GPU 1 (NVIDIA H100 80GB HBM3) reports neither energy nor power, so its power is modelled from utilization and a limit of 250 W',
  ])
  assert.deepEqual(await readAll(sensor), ['count 0', 'power 22500000', 'count 7'])
  machine.control(...control, 'gpu 1 utilization 100')
  assert.deepEqual((await readAll(sensor))[1], 'power 162500000')
  machine.control(...control, 'gpu 1 utilization 101')
  assert.deepEqual((await readAll(sensor))[1], 'SENSOR_CORRUPT busy for 101 % of the time')
})

test('a GPU that tells nothing is modelled by its class, as long as it is there', async (t) => {
  const limits = ['nvmlDeviceGetEnforcedPowerLimit', 'nvmlDeviceGetPowerManagementLimitConstraints']
  const nothing = silent(0, 'nvmlDeviceGetUtilizationRates', ...limits)
  const [ofClass, ofBoard] = [1 / 3, 0.15]
  const [ofSlot, ofGtx, ofWorkstation] = [0.75, 0.2, 0.45]
  const classes: [string, number, number][] = [
    ['NVIDIA GeForce GTX 1050 Ti', 66, ofGtx],
    ['NVIDIA GeForce GT 710', 42, ofSlot],
    ['Quadro P620', 52, ofWorkstation],
    ['Tesla T4', 72, ofBoard],
    ['Orin (nvgpu)', 60, ofClass],
    ['GRID V100D-8Q', 150, ofClass],
    ['GRID A100-PCIE-40C', 150, ofClass],
    ['Some Card', 300, ofClass],
    ['GeForce GTX 780', 250, ofBoard],
    ['Quadro K4000', 90, ofBoard],
    ['NVIDIA A30', 165, ofBoard],
    ['NVIDIA L40S', 350, ofBoard],
    ['NVIDIA A100-PCIE-40GB', 250, ofBoard],
    ['NVIDIA A100 80GB PCIe', 300, ofBoard],
    ['NVIDIA A100-SXM4-40GB', 400, ofBoard],
  ]
  for (const [name, limit, spread] of classes) {
    const control = ['gpus 1', `gpu 0 name ${name}`, ...nothing]
    const { machine, sensor, channels } = await openMachine(t, { control })
    assert.equal(channels[0]?.quality, 'estimated')
    assert.equal(channels[0]?.facts.modelledFrom, `up to ${limit} W`)
    // Anything from 3 % of the limit to all of it, by a limit that is not known well.
    const [least, most] = [0.03 * limit, limit]
    const ofRange = (most - least) / (most + least) / Math.sqrt(3)
    assert.ok(Math.abs((channels[0]?.relativeUncertainty ?? 0) - Math.hypot(ofRange, spread / Math.sqrt(3))) < 1e-9)
    assert.deepEqual(await readAll(sensor), [`power ${Math.round(((least + most) / 2) * 1e6)}`])
    machine.control(...control, 'gpu 0 lost')
    assert.deepEqual(await readAll(sensor), ['SENSOR_ABSENT GPU_IS_LOST (15)'])
    await sensor.close()
  }
})

test('a GPU that may not be opened is left out, as is a second one of the same UUID', async (t) => {
  const { sensor, channels } = await openMachine(t, {
    control: ['gpus 3', 'gpu 0 fails nvmlDeviceGetHandleByIndex_v2 4', `gpu 2 uuid ${uuid(1)}`],
  })
  assert.deepEqual(sensor.unmetered, [
    'GPU 0: NO_PERMISSION (4): it is not read, and what it draws is not counted',
    'GPU 2: UNKNOWN (999): it is not read, and what it draws is not counted',
  ])
  assert.deepEqual(
    channels.map(({ device }) => device),
    [uuid(1)],
  )
  assert.equal(channels[0]?.facts.leftOut, 'GPU 0: NO_PERMISSION (4), GPU 2: UNKNOWN (999)')
})

test('a function that the driver lacks is missed alone', async (t) => {
  const cases = [
    { without: ['nvmlDeviceGetSerial', 'nvmlDeviceGetMigMode', 'nvmlDeviceGetC2cModeInfoV'], source: ENERGY },
    { without: [ENERGY], source: 'field 186, instant power of the GPU' },
    { without: [ENERGY, 'nvmlDeviceGetFieldValues'], source: 'nvmlDeviceGetPowerUsage' },
  ]
  for (const { without, source } of cases) {
    const { sensor, channels } = await openMachine(t, { without, control: ['gpu * energy-mj 120000000'] })
    assert.deepEqual(
      channels.map(({ facts }) => facts.source),
      [source, source],
    )
    assert.match((await readAll(sensor)).join(), /^(count|power) 120000000,(count|power) 120000000$/)
  }
})

test('no GPU and no usable library are an absence, without noise', async (t) => {
  const machine = await machineOf(t, { control: ['gpus 0'] })
  await assert.rejects(sensorOn(t, machine).open(signal), { code: 'SENSOR_ABSENT', message: /^there is no GPU/ })
  const missing = sensorOn(t, machine, { options: { library: 'libnvidia-ml.so.none' } })
  await assert.rejects(missing.open(signal), { code: 'SENSOR_ABSENT', message: /libnvidia-ml\.so\.none/ })
  const ancient = await machineOf(t, { without: ['nvmlInit_v2'] })
  await assert.rejects(sensorOn(t, ancient).open(signal), {
    code: 'SENSOR_ABSENT',
    message: /FUNCTION_NOT_FOUND \(13\)/,
  })
})

test('instances of MIG are inside their GPU, whose energy each of them claims', async (t) => {
  const { sensor, channels } = await openMachine(t, { control: ['gpu 0 mig 4', 'gpu 0 energy-mj 126272101025'] })
  assert.deepEqual(
    channels.map(({ device }) => device),
    [uuid(0), uuid(1)],
  )
  assert.equal(channels[0]?.facts.mig, 'on; its instances are inside this channel')
  assert.equal(channels[1]?.facts.mig, undefined)
  assert.deepEqual(await readAll(sensor), ['count 126272101025', 'count 0'])
})

test('the counter of a Grace Hopper is that of the whole module', async (t) => {
  const cases = [
    ['module', 'gpu 0 c2c 1'],
    ['module', 'gpu 0 field 186 0 3 1 0', 'gpu 0 field 186 1 0 1 412000'],
    ['module', 'gpu 0 field 186 1 0 1 412000'],
    ['gpu', 'gpu 0 architecture 10', 'gpu 0 c2c 1', 'gpu 0 field 186 1 0 1 412000'],
    ['gpu', 'gpu 0 architecture 9'],
  ]
  for (const [scope, ...lines] of cases) {
    const { channels } = await openMachine(t, { control: ['gpus 1', ...lines] })
    assert.deepEqual(
      channels.map((channel) => [channel.scope, channel.kind]),
      [[scope, 'counter']],
      lines.join(),
    )
  }
})

test('of a Grace Hopper without a counter the GPU is read where the driver tells it apart', async (t) => {
  const base = [
    'gpus 1',
    'gpu 0 c2c 1',
    `gpu 0 fails ${ENERGY} 3`,
    'gpu 0 field 186 1 0 1 1412000',
    'gpu 0 power-mw 88000',
  ]
  const apart = await openMachine(t, { control: base })
  assert.equal(apart.channels[0]?.scope, 'gpu')
  assert.deepEqual(await readAll(apart.sensor), ['power 88000000'])
  const whole = await openMachine(t, { control: [...base, 'gpu 0 field 186 0 3 1 0', 'gpu 0 field 185 0 3 1 0'] })
  assert.equal(whole.channels[0]?.scope, 'module')
  assert.deepEqual(await readAll(whole.sensor), ['power 1412000000'])
})
