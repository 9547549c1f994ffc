import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, test } from 'node:test'
import fc from 'fast-check'
import { type Machine, modelPowerW, processorsPowerW } from '../../../src/model/load-model.ts'
import type { Reading } from '../../../src/model/reading.ts'
import { SensorError } from '../../../src/model/sensor-error.ts'
import { EstimateSensor, parseCpuTimes, parseSize, utilisationBetween } from '../../../src/sensors/estimate/estimate.ts'

const roots: string[] = []
after(() => {
  for (const root of roots) rmSync(root, { recursive: true })
})
const never = new AbortController().signal

/** A machine of files and a clock that stands until it is set. */
class TestMachine {
  readonly root = mkdtempSync(join(tmpdir(), 'wattledger-estimate-'))
  nowMs = 1_000_000
  readonly sensor = new EstimateSensor({
    procfs: join(this.root, 'proc'),
    sysfs: join(this.root, 'sys'),
    intervalMs: 1_000,
    clock: { monotonicNs: () => BigInt(this.nowMs) * 1_000_000n, boottimeNs: () => 0n, unixMs: () => 0 },
  })

  constructor({ threads = 4, chips = 1, memoryGib = 16, flags = 'fpu sse2' } = {}) {
    roots.push(this.root)
    this.stat([0, 0, 0, 0, 0, 0, 0, 0, 0, 0], threads)
    this.write('proc/cpuinfo', `processor\t: 0\nmodel name\t: Test CPU\nflags\t\t: ${flags} aes\n`)
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

  /** What is delivered after a time, in µW, or the code of the failure. */
  after(ms: number): (bigint | string)[] {
    this.nowMs += ms
    return this.sensor.drain().flatMap(({ readings }) => readings.map(shown))
  }
}

function shown(reading: Reading): bigint | string {
  assert.notEqual(reading.status, 'counter')
  return reading.status === 'power' ? reading.powerUw : (reading as Reading & { status: 'failed' }).code
}

/** Of each processor. */
const uw = (machine: Machine, utilisation: number) =>
  BigInt(Math.round((processorsPowerW(machine, utilisation) / machine.sockets.length) * 1e6))
const MACHINE: Machine = { isVirtual: false, sockets: [0], threads: 4, memoryGib: 16 }

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

const machines = fc.record({
  isVirtual: fc.boolean(),
  sockets: fc.integer({ min: 1, max: 16 }).map((count) => Array.from({ length: count }, (_, socket) => socket)),
  threads: fc.integer({ min: 1, max: 2_048 }),
  memoryGib: fc.double({ min: 0.1, max: 32_768, noNaN: true }),
})

test('power rises with utilisation, between idle and full', () => {
  const share = fc.double({ min: 0, max: 1, noNaN: true })
  fc.assert(
    fc.property(machines, share, share, (machine, a, b) => {
      const [low, high] = [modelPowerW(machine, Math.min(a, b)), modelPowerW(machine, Math.max(a, b))]
      assert.ok(low <= high * (1 + 1e-12))
      assert.ok(low >= modelPowerW(machine, 0) && high <= modelPowerW(machine, 1) * (1 + 1e-12))
      assert.ok(modelPowerW(machine, 0) > 0)
    }),
  )
})

test('two virtual machines draw what one of twice the size does', () => {
  fc.assert(
    fc.property(machines, fc.double({ min: 0, max: 1, noNaN: true }), (machine, utilisation) => {
      const one = { ...machine, isVirtual: true }
      const two = { ...one, threads: 2 * one.threads, memoryGib: 2 * one.memoryGib }
      const ratio = modelPowerW(two, utilisation) / modelPowerW(one, utilisation)
      assert.ok(Math.abs(ratio - 2) < 1e-9)
    }),
  )
})

test('with memory, overhead and the loss of a usual supply the processors make up the model again', () => {
  const machine: Machine = { isVirtual: false, sockets: [0, 1], threads: 64, memoryGib: 128 }
  for (const utilisation of [0, 0.3, 1]) {
    const memoryW = 128 * 2 ** 30 * 0.284e-9
    const wholeW = ((processorsPowerW(machine, utilisation) + memoryW) * 1.2236) / 0.92
    assert.ok(Math.abs(wholeW - modelPowerW(machine, utilisation)) < 1e-9)
  }
  assert.equal(processorsPowerW({ ...machine, memoryGib: 100_000 }, 0), 0, 'and never less than nothing')
})

/** Published results that no fit may miss by far: SPECpower_ssj2008, spec.org. */
test('the model is near servers that were measured', () => {
  for (const [name, machine, idleW, fullW] of [
    ['ASUS ESC4000-E11, 2 Xeon Platinum 8592+', { sockets: [0, 1], threads: 256, memoryGib: 256 }, 166, 783],
    ['Inspur NF5280M5, 2 Xeon Platinum 8176', { sockets: [0, 1], threads: 112, memoryGib: 192 }, 49.4, 454],
    ['HPE DL20 Gen10 Plus, Xeon E-2388G', { sockets: [0], threads: 16, memoryGib: 16 }, 21.7, 82.8],
  ] as const) {
    const bare = { ...machine, isVirtual: false }
    for (const [modelW, measuredW] of [
      [modelPowerW(bare, 0), idleW],
      [modelPowerW(bare, 1), fullW],
    ] as const) {
      assert.ok(modelW / measuredW < 2.5 && modelW / measuredW > 0.4, `${name}: ${modelW} for ${measuredW} W`)
    }
  }
})

test('there is a channel for each processor, estimated, with the range and origin of the model', async () => {
  const [channel, ...more] = await new TestMachine({ threads: 4, chips: 2 }).sensor.open(never)
  const machine = { ...MACHINE, sockets: [0, 1] }
  assert.deepEqual(
    more.map(({ device, hardware }) => [device, hardware]),
    [['package-1', 'socket-1']],
  )
  assert.deepEqual(
    { ...channel, facts: null },
    {
      kind: 'power',
      sensor: 'estimate',
      scope: 'package',
      device: 'package-0',
      quality: 'estimated',
      maxPowerUw: uw(machine, 1),
      relativeUncertainty: 0.4,
      nodeMeter: null,
      hardware: 'socket-0',
      intervalNs: 1_000_000_000n,
      facts: null,
    },
  )
  assert.deepEqual(
    [channel?.facts.model, channel?.facts.cpu, channel?.facts.memory],
    ['machine with 2 processors', 'Test CPU', '16.0 GiB'],
  )
  const [share] = await new TestMachine({ flags: 'fpu hypervisor' }).sensor.open(never)
  assert.equal(share?.facts.model, 'share of a host')
  assert.equal(share?.relativeUncertainty, 0.5)
  assert.ok((share?.maxPowerUw ?? 0n) < uw(machine, 1))
})

test('each interval gives the power of its mean utilisation', async () => {
  const machine = new TestMachine()
  await machine.sensor.open(never)
  assert.deepEqual(machine.after(500), [])
  machine.stat([100, 0, 0, 300, 0, 0, 0, 0, 0, 0])
  assert.deepEqual(machine.after(500), [uw(MACHINE, 0.25)])
  machine.stat([100, 0, 0, 500, 0, 0, 0, 200, 0, 0])
  assert.deepEqual(machine.after(1_000), [uw(MACHINE, 0)])
  machine.stat([100, 0, 200, 500, 0, 100, 100, 200, 0, 0])
  assert.deepEqual(machine.after(1_000), [uw(MACHINE, 1)])
})

test('a caller of the same period gets a reading each time, early or late; a stall gives one', async () => {
  const machine = new TestMachine()
  await machine.sensor.open(never)
  let ticks = 0
  for (const [index, ms] of [999, 1_002, 998, 1_001, 999, 7_500, 1_000, 1_000].entries()) {
    ticks += 100
    machine.stat([ticks, 0, 0, 0, 0, 0, 0, 0, 0, 0])
    assert.equal(machine.after(ms).length, 1, `call ${index}`)
    assert.equal(machine.after(0).length, 0)
  }
})

test('a counter that goes back costs one reading', async () => {
  const machine = new TestMachine()
  machine.stat([100, 0, 0, 100, 500, 0, 0, 0, 0, 0])
  await machine.sensor.open(never)
  machine.stat([200, 0, 0, 100, 490, 0, 0, 0, 0, 0])
  assert.deepEqual(machine.after(1_000), ['SENSOR_TRANSIENT'])
  machine.stat([300, 0, 0, 200, 490, 0, 0, 0, 0, 0])
  assert.deepEqual(machine.after(1_000), [uw(MACHINE, 0.5)])
})

test('garbage and a clock that stands still are failures, never power', async () => {
  const machine = new TestMachine()
  await machine.sensor.open(never)
  assert.deepEqual(machine.after(1_000), ['SENSOR_TRANSIENT'])
  machine.write('proc/stat', 'cpu  lots of time\n')
  assert.deepEqual(machine.after(1_000), ['SENSOR_CORRUPT'])
  machine.write('proc/stat', '')
  assert.deepEqual(machine.after(1_000), ['SENSOR_CORRUPT'])
  machine.stat([100, 0, 0, 100, 0, 0, 0, 0, 0, 0])
  assert.deepEqual(machine.after(1_000), [uw(MACHINE, 0.5)])
})

test('readNow looks back over a window of at least 100 ms, and drain delivers it too', async () => {
  const machine = new TestMachine()
  await machine.sensor.open(never)
  machine.stat([100, 0, 0, 100, 0, 0, 0, 0, 0, 0])
  machine.nowMs += 600
  const [first] = await machine.sensor.readNow(never)
  assert.deepEqual(first?.readings.map(shown), [uw(MACHINE, 0.5)])
  // One busy tick in 10 ms is no full load: the window still begins at open().
  machine.stat([101, 0, 0, 100, 0, 0, 0, 0, 0, 0])
  machine.nowMs += 10
  const [second] = await machine.sensor.readNow(never)
  assert.deepEqual(second?.readings.map(shown), [uw(MACHINE, 101 / 201)])
  assert.deepEqual(machine.sensor.drain(), [first, second])
  assert.deepEqual(machine.sensor.drain(), [])
})

test('readNow right after open waits for the ticks it needs', async () => {
  const machine = new TestMachine()
  await machine.sensor.open(never)
  const reading = machine.sensor.readNow(never)
  machine.stat([10, 0, 0, 30, 0, 0, 0, 0, 0, 0])
  machine.nowMs += 100
  assert.deepEqual((await reading)[0]?.readings.map(shown), [uw(MACHINE, 0.25)])
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
  // An idle machine with much memory and few processors has nothing left for them.
  assert.ok(reading.powerUw >= 0n && reading.powerUw <= channel.maxPowerUw && channel.maxPowerUw > 0n)
})
