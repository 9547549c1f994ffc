import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, test } from 'node:test'
import { parseCpuInfo } from '../../../src/machine/cpu-info.ts'
import type { Reading } from '../../../src/model/reading.ts'
import { SensorError } from '../../../src/model/sensor-error.ts'
import { parseCpuTimes, utilisationBetween } from '../../../src/sensors/estimate/cpu-times.ts'
import { EstimateSensor, parseSize } from '../../../src/sensors/estimate/estimate.ts'
import { powerModel } from '../../../src/sensors/estimate/model.ts'
import fc from '../../property.ts'

const roots: string[] = []
after(() => {
  for (const root of roots) rmSync(root, { recursive: true })
})
const never = new AbortController().signal

const cpuInfo = (flags: string): string => `processor\t: 0\nmodel name\t: Test CPU\nflags\t\t: ${flags} aes\n`

/** A machine of files and a clock that stands until it is set. */
class TestMachine {
  readonly root = mkdtempSync(join(tmpdir(), 'wattledger-estimate-'))
  nowMs = 1_000_000
  readonly sensor: EstimateSensor

  constructor({ threads = 4, chips = 1, memoryGib = 16, flags = 'fpu sse2', intervalMs = 1_000 } = {}) {
    roots.push(this.root)
    this.sensor = new EstimateSensor({
      procfs: join(this.root, 'proc'),
      sysfs: join(this.root, 'sys'),
      intervalMs,
      clock: { monotonicNs: () => BigInt(this.nowMs) * 1_000_000n, boottimeNs: () => 0n, unixMs: () => 0 },
    })
    this.stat([0, 0, 0, 0, 0, 0, 0, 0, 0, 0], threads)
    this.write('proc/cpuinfo', cpuInfo(flags))
    this.memory(memoryGib)
    for (let cpu = 0; cpu < threads; cpu++) {
      this.write(`sys/devices/system/cpu/cpu${cpu}/topology/physical_package_id`, `${cpu % chips}\n`)
    }
  }

  write(name: string, text: string): void {
    mkdirSync(dirname(join(this.root, name)), { recursive: true })
    writeFileSync(join(this.root, name), text)
  }

  stat(columns: readonly number[], threads = 4): void {
    const cpus = Array.from({ length: threads }, (_, cpu) => `cpu${cpu} ${columns.join(' ')}\n`)
    this.write('proc/stat', `cpu  ${columns.join(' ')}\n${cpus.join('')}intr 12345\nctxt 1\n`)
  }

  memory(gib: number): void {
    this.write('proc/meminfo', `MemTotal:       ${Math.round(gib * 2 ** 20)} kB\nMemFree:  1 kB\n`)
  }

  /** What is delivered after a time of each socket's processor and memory, in µW, or the code of the failure. */
  after(ms: number): (bigint | string)[] {
    this.nowMs += ms
    return this.sensor.drain().flatMap(({ readings }) => readings.map(shown))
  }
}

function shown(reading: Reading): bigint | string {
  assert.notEqual(reading.status, 'counter')
  return reading.status === 'power' ? reading.powerUw : (reading as Reading & { status: 'failed' }).code
}

const MODEL = powerModel({
  cpu: parseCpuInfo(cpuInfo('fpu sse2')),
  product: null,
  isVirtual: false,
  chips: 1,
  threads: 4,
  memoryGib: 16,
})
/** Of the processor and of the memory. */
const uw = (load: number): bigint[] =>
  [MODEL.processorsW(load), MODEL.memoryW(load)].map((watts) => BigInt(Math.round(watts * 1e6)))

async function refusal(machine: TestMachine): Promise<SensorError> {
  try {
    await machine.sensor.open(never)
  } catch (error) {
    assert.ok(error instanceof SensorError)
    return error
  }
  assert.fail('the sensor opened')
}

test('user time contains guests, and stolen time is neither ours nor idle', () => {
  const text = 'cpu  100 20 30 400 50 6 7 80 90 10\ncpu0 1 2 3 4\n'
  assert.deepEqual(parseCpuTimes(text), { busy: 100 + 20 + 30 + 6 + 7, idle: 450, stolen: 80 })
  assert.deepEqual(parseCpuTimes('cpu  1 2 3 4\n'), { busy: 6, idle: 4, stolen: 0 })
  for (const bad of [
    '',
    'cpu',
    'cpu  1 2 3\n',
    'cpu  1 2 3 4',
    'cpu0 1 2 3 4\n',
    'cpu  1 2 x 4\n',
    'cpu  -1 2 3 4\n',
    `cpu  ${'1'.repeat(500)}`,
  ]) {
    assert.equal(parseCpuTimes(bad), null, bad)
  }
})

test('utilisation is busy over all time, and unknown when a counter went back or stood still', () => {
  const start = { busy: 100, idle: 100, stolen: 100 }
  assert.equal(utilisationBetween(start, { busy: 150, idle: 125, stolen: 125 }), 0.5)
  assert.equal(utilisationBetween(start, { busy: 100, idle: 101, stolen: 100 }), 0)
  assert.equal(utilisationBetween(start, start), null)
  for (const name of ['busy', 'idle', 'stolen'] as const) {
    assert.equal(utilisationBetween(start, { busy: 200, idle: 200, stolen: 200, [name]: 99 }), null, name)
  }
})

test('no text makes a parser throw or a number out of nothing', () => {
  const line = fc
    .array(fc.oneof(fc.nat(), fc.constantFrom('', '-1', 'x', '9'.repeat(16))))
    .map((cells) => `cpu  ${cells.join(' ')}\n`)
  const text = fc.oneof(fc.string({ unit: 'binary' }), line)
  fc.assert(
    fc.property(text, text, (one, other) => {
      const [before, after] = [parseCpuTimes(one), parseCpuTimes(other)]
      for (const times of [before, after]) {
        if (times !== null) assert.ok(Object.values(times).every((ticks) => Number.isSafeInteger(ticks) && ticks >= 0))
      }
      const utilisation = before && after && utilisationBetween(before, after)
      assert.ok(utilisation === null || (utilisation >= 0 && utilisation <= 1))
      const size = parseSize(one, other)
      assert.ok(size === null || (size.threads > 0 && size.memoryGib > 0 && Number.isFinite(size.memoryGib)))
    }),
  )
})

test('there are channels for the processor and the memory of each socket, estimated, with the range and origin of the model', async () => {
  const machine = new TestMachine({ threads: 4, chips: 2 })
  const channels = await machine.sensor.open(never)
  assert.deepEqual(
    channels.map(({ scope, device, hardware, quality, nodeMeter }) => [scope, device, hardware, quality, nodeMeter]),
    [
      ['package', 'package-0', 'socket-0', 'estimated', null],
      ['dram', 'dram-0', 'socket-0', 'estimated', null],
      ['package', 'package-1', 'socket-1', 'estimated', null],
      ['dram', 'dram-1', 'socket-1', 'estimated', null],
    ],
  )
  machine.stat([100, 0, 0, 0, 0, 0, 0, 0, 0, 0])
  const busy = machine.after(1_000)
  for (const [index, channel] of channels.entries()) {
    const most = channel.maxPowerUw
    assert.ok(Number(busy[index]) <= Number(most) && Number(busy[index]) > Number(most) - 2)
    assert.ok(channel.relativeUncertainty > 0 && Number.isFinite(channel.relativeUncertainty))
    assert.equal(channel.facts.cpu ?? channel.facts.memory, channel.scope === 'package' ? 'Test CPU' : '16.0 GiB')
    assert.equal(channel.facts.model, 'a machine with 2 processors')
  }
  const [share] = await new TestMachine({ flags: 'fpu hypervisor' }).sensor.open(never)
  assert.match(share?.facts.model ?? '', /^a share of a usual host .*: 4 of \d+ threads$/)
})

test('each interval gives the power of its mean utilisation', async () => {
  const machine = new TestMachine()
  await machine.sensor.open(never)
  assert.deepEqual(machine.after(500), [])
  machine.stat([100, 0, 0, 300, 0, 0, 0, 0, 0, 0])
  assert.deepEqual(machine.after(500), uw(0.25))
  machine.stat([100, 0, 0, 500, 0, 0, 0, 200, 0, 0])
  assert.deepEqual(machine.after(1_000), uw(0))
  machine.stat([100, 0, 200, 500, 0, 100, 100, 200, 0, 0])
  assert.deepEqual(machine.after(1_000), uw(1))
})

test('a caller of the same period gets a reading each time, early or late; a stall gives one', async () => {
  const machine = new TestMachine()
  await machine.sensor.open(never)
  let ticks = 0
  for (const [index, ms] of [999, 1_002, 998, 1_001, 999, 7_500, 1_000, 1_000].entries()) {
    ticks += 100
    machine.stat([ticks, 0, 0, 0, 0, 0, 0, 0, 0, 0])
    assert.equal(machine.after(ms).length, 2, `call ${index}`)
    assert.equal(machine.after(0).length, 0)
  }
})

test('it is read each second in its first minute, and then at its own pace', async () => {
  const machine = new TestMachine({ intervalMs: 5_000 })
  await machine.sensor.open(never)
  let ticks = 0
  const readings = Array.from({ length: 80 }, () => {
    ticks += 100
    machine.stat([ticks, 0, 0, 0, 0, 0, 0, 0, 0, 0])
    return machine.after(1_000).length / 2
  })
  const later = [0, 0, 0, 0, 1]
  assert.deepEqual(readings, [...Array(60).fill(1), ...later, ...later, ...later, ...later])
})

test('a counter that goes back costs one reading', async () => {
  const machine = new TestMachine()
  machine.stat([100, 0, 0, 100, 500, 0, 0, 0, 0, 0])
  await machine.sensor.open(never)
  machine.stat([200, 0, 0, 100, 490, 0, 0, 0, 0, 0])
  assert.deepEqual(machine.after(1_000), ['SENSOR_TRANSIENT', 'SENSOR_TRANSIENT'])
  machine.stat([300, 0, 0, 200, 490, 0, 0, 0, 0, 0])
  assert.deepEqual(machine.after(1_000), uw(0.5))
})

test('garbage and a clock that stands still are failures, never power', async () => {
  const machine = new TestMachine()
  await machine.sensor.open(never)
  assert.deepEqual(machine.after(1_000), ['SENSOR_TRANSIENT', 'SENSOR_TRANSIENT'])
  machine.write('proc/stat', 'cpu  lots of time\n')
  assert.deepEqual(machine.after(1_000), ['SENSOR_CORRUPT', 'SENSOR_CORRUPT'])
  machine.write('proc/stat', '')
  assert.deepEqual(machine.after(1_000), ['SENSOR_CORRUPT', 'SENSOR_CORRUPT'])
  machine.stat([100, 0, 0, 100, 0, 0, 0, 0, 0, 0])
  assert.deepEqual(machine.after(1_000), uw(0.5))
})

test('readNow looks back over a window of at least 100 ms, and drain delivers it too', async () => {
  const machine = new TestMachine()
  await machine.sensor.open(never)
  machine.stat([100, 0, 0, 100, 0, 0, 0, 0, 0, 0])
  machine.nowMs += 600
  const [first] = await machine.sensor.readNow(never)
  assert.deepEqual(first?.readings.map(shown), uw(0.5))
  // One busy tick in 10 ms is no full load: the window still begins at open().
  machine.stat([101, 0, 0, 100, 0, 0, 0, 0, 0, 0])
  machine.nowMs += 10
  const [second] = await machine.sensor.readNow(never)
  assert.deepEqual(second?.readings.map(shown), uw(101 / 201))
  assert.deepEqual(machine.sensor.drain(), [first, second])
  assert.deepEqual(machine.sensor.drain(), [])
})

test('readNow right after open waits for the ticks it needs', async () => {
  const machine = new TestMachine()
  await machine.sensor.open(never)
  const reading = machine.sensor.readNow(never)
  machine.stat([10, 0, 0, 30, 0, 0, 0, 0, 0, 0])
  machine.nowMs += 100
  assert.deepEqual((await reading)[0]?.readings.map(shown), uw(0.25))
  await assert.rejects(machine.sensor.readNow(AbortSignal.abort()), { name: 'AbortError' })
})

test('a CPU or memory that comes or goes is a change; a page of memory is none', async () => {
  const machine = new TestMachine()
  assert.equal(await machine.sensor.changed(), true)
  await machine.sensor.open(never)
  assert.equal(await machine.sensor.changed(), false)
  machine.memory(16.1)
  assert.equal(await machine.sensor.changed(), false)
  machine.memory(24)
  assert.equal(await machine.sensor.changed(), true)
  machine.memory(16)
  machine.stat([0, 0, 0, 0, 0, 0, 0, 0, 0, 0], 3)
  assert.equal(await machine.sensor.changed(), true)
  machine.write('proc/meminfo', '')
  assert.equal(await machine.sensor.changed(), true)
})

test('an unreadable /proc is refused with its reason', async () => {
  const absent = new TestMachine()
  rmSync(join(absent.root, 'proc/stat'))
  const { code, message, remedy } = await refusal(absent)
  assert.equal(code, 'SENSOR_ABSENT')
  assert.match(message, /proc\/stat cannot be read: ENOENT/)
  assert.match(remedy ?? '', /ProcSubset=all/)
  const folder = new TestMachine()
  rmSync(join(folder.root, 'proc/meminfo'))
  mkdirSync(join(folder.root, 'proc/meminfo'))
  assert.equal((await refusal(folder)).code, 'SENSOR_TRANSIENT')
  for (const [file, text] of [
    ['proc/stat', 'garbage'],
    ['proc/stat', 'cpu  x\ncpu0 1 2 3 4\n'],
    ['proc/meminfo', 'MemTotal: none\n'],
    ['proc/meminfo', 'MemTotal:       0 kB\n'],
  ] as const) {
    const corrupt = new TestMachine()
    corrupt.write(file, text)
    assert.equal((await refusal(corrupt)).code, 'SENSOR_CORRUPT', `${file}: ${text}`)
  }
})

test('closing is safe at any time and opening works again', async () => {
  const machine = new TestMachine()
  await machine.sensor.close()
  assert.deepEqual(machine.sensor.drain(), [])
  await assert.rejects(machine.sensor.readNow(never), { code: 'SENSOR_CLOSED' })
  for (let round = 0; round < 3; round++) {
    await machine.sensor.open(never)
    await machine.sensor.open(never)
    await machine.sensor.close()
    await machine.sensor.close()
  }
  assert.deepEqual(machine.after(5_000), [])
  await assert.rejects(machine.sensor.open(AbortSignal.abort()), { name: 'AbortError' })
})

test('this very machine can be estimated', async () => {
  const clock = { monotonicNs: () => process.hrtime.bigint(), boottimeNs: () => 0n, unixMs: () => 0 }
  const sensor = new EstimateSensor({ procfs: '/proc', sysfs: '/sys', intervalMs: 1_000, clock })
  const [channel] = await sensor.open(never)
  const [reading] = (await sensor.readNow(never))[0]?.readings ?? []
  await sensor.close()
  assert.ok(reading?.status === 'power' && channel !== undefined)
  assert.ok(reading.powerUw > 0n && reading.powerUw <= channel.maxPowerUw && channel.maxPowerUw > 0n)
})
