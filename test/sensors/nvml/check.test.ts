import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import type { CounterChannel } from '../../../src/model/channel.ts'
import { SILENT } from '../../../src/model/logger.ts'
import type { Reading } from '../../../src/model/reading.ts'
import { NS_PER_MS, NS_PER_S } from '../../../src/model/units.ts'
import { systemClock } from '../../../src/native/system-clock.ts'
import { SensorRunner } from '../../../src/sampling/sensor-runner.ts'
import type { ReadingSink } from '../../../src/sampling/sink.ts'
import { CounterCheck } from '../../../src/sensors/counter-check.ts'
import { nvmlChannel } from '../../../src/sensors/nvml/channel.ts'
import { NvmlGpu } from '../../../src/sensors/nvml/gpu.ts'
import { meterUncertainty, unseenShare } from '../../../src/sensors/nvml/uncertainty.ts'
import fc, { runs } from '../../property.ts'
import { machineOf, openMachine, readAll, sensorOn, signal, uuid } from './machine.ts'

interface Board {
  readonly name: string
  readonly architecture: number
}

const L40S: Board = { name: 'NVIDIA L40S', architecture: 8 }
const H100: Board = { name: 'NVIDIA H100 80GB HBM3', architecture: 9 }
const A100: Board = { name: 'NVIDIA A100-SXM4-80GB', architecture: 7 }
const V100: Board = { name: 'Tesla V100-SXM2-32GB', architecture: 5 }
const T4: Board = { name: 'Tesla T4', architecture: 6 }
const A10: Board = { name: 'NVIDIA A10', architecture: 7 }

const gpuOf = ({ name, architecture }: Board, source: string): NvmlGpu =>
  new NvmlGpu({ id: 'GPU-1', attributes: { name, source, architecture: `${architecture}` } })

function checkOf(board: Board, witness = 'average'): CounterCheck {
  const gpu = gpuOf(board, 'energy')
  const { channel } = nvmlChannel(gpu, 1_000, 'library')
  const power = gpuOf(board, witness)
  const sight = {
    unseenByCounter: unseenShare(gpu, 0),
    unseenByPower: (intervalMs: number) => unseenShare(power, intervalMs),
    windowMs: power.windowMs,
  }
  return new CounterCheck(channel as CounterChannel, sight, 10_000)
}

/** Seconds until it disagrees, or null when it never does, of powers in watts by the second. */
function watch(check: CounterCheck, seconds: number, watts: (s: number) => number, counted: (w: number) => number) {
  let mj = 1e9
  for (let s = 0; s <= seconds; s += 1) {
    const times = { beforeNs: BigInt(s) * NS_PER_S, afterNs: BigInt(s) * NS_PER_S + NS_PER_MS }
    if (s > 0) mj += ((counted(watts(s - 1)) + counted(watts(s))) / 2) * 1e3
    const count: Reading = { status: 'counter', ...times, count: BigInt(Math.round(mj)) }
    check.observe(count, { status: 'power', ...times, powerUw: BigInt(Math.round(watts(s) * 1e6)) })
    if (check.disagreement !== null) return s
  }
  return null
}

test('an idle GPU whose counter makes 187 J where its power makes 327 J in 5 s is found out in half a minute', () => {
  const check = checkOf(L40S)
  assert.equal(
    watch(
      check,
      600,
      () => 65.4,
      () => 37.4,
    ),
    30,
  )
  assert.deepEqual([check.disagreement?.counterJ.toFixed(0), check.disagreement?.powerJ.toFixed(0)], ['1122', '1962'])
})

test('a board that sees a quarter of the time is given the time that it takes to tell', () => {
  for (const board of [A100, H100]) {
    const s = watch(
      checkOf(board),
      3_600,
      () => 65.4,
      () => 37.4,
    )
    assert.ok(s !== null && s > 60 && s < 600, `${board.name}: ${s}`)
  }
})

test('a counter within the gain of both is never called false, whatever the load does', () => {
  const gain = fc.double({ min: 0.95, max: 1.05, noNaN: true })
  fc.assert(
    fc.property(
      fc.constantFrom(L40S, H100, A100, V100),
      gain,
      gain,
      fc.integer(),
      (board, ofCounter, ofPower, seed) => {
        const watts = (s: number): number => ofPower * (60 + 600 * Math.abs(Math.sin(seed + s * s)))
        const counted = (w: number): number => (w / ofPower) * ofCounter
        return watch(checkOf(board), 400, watts, counted) === null
      },
    ),
    { numRuns: runs(40) },
  )
})

test('a counter that stops counting after an hour is found out, and so is one that counts double', () => {
  let at = 0
  const stops = watch(
    checkOf(L40S),
    7_200,
    (s) => {
      at = s
      return 300
    },
    (w) => (at > 4_000 ? 0 : w),
  )
  assert.ok(stops !== null && stops > 4_000 && stops < 4_300, `${stops}`)
  assert.equal(
    watch(
      checkOf(L40S),
      60,
      () => 300,
      (w) => 2 * w,
    ),
    30,
  )
})

test('failed readings, a fall and a pause say nothing about the counter', () => {
  const check = checkOf(L40S)
  const reading = (s: number, mj: bigint): readonly [Reading, Reading] => {
    const times = { beforeNs: BigInt(s) * NS_PER_S, afterNs: BigInt(s) * NS_PER_S }
    return [
      { status: 'counter', ...times, count: mj },
      { status: 'power', ...times, powerUw: 300_000_000n },
    ]
  }
  for (let s = 0; s < 5; s += 1) check.observe(...reading(s, BigInt(s) * 300_000n))
  const [counter, power] = reading(5, 1_500_000n)
  const failed = { ...counter, status: 'failed', code: 'SENSOR_TRANSIENT', message: '' } as const
  check.observe(failed, power)
  check.observe(counter, failed)
  // A driver loaded anew, then half an hour of which only the counter knows.
  for (let s = 6; s < 12; s += 1) check.observe(...reading(s, BigInt(s)))
  for (let s = 2_000; s < 2_009; s += 1) check.observe(...reading(s, BigInt(s) * 1_000_000n))
  assert.equal(check.comparison, null)
})

test('what a source does not see of the time is in its uncertainty, by architecture and window', () => {
  const cases: readonly (readonly [Board, string, number, number])[] = [
    [V100, 'energy', 1_000, 0.0289],
    [A100, 'energy', 1_000, 0.0344],
    [H100, 'energy', 60_000, 0.0344],
    [A100, 'usage', 1_000, 0.0377],
    [A10, 'usage', 1_000, 0.0289],
    [A10, 'usage', 10_000, 0.0365],
    [T4, 'usage', 1_000, 0.0365],
    [T4, 'usage', 100, 0.0289],
    [V100, 'usage', 1_000, 0.0377],
    [H100, 'average', 1_000, 0.0289],
    [H100, 'instant', 1_000, 0.0377],
    [H100, 'instant', 3_600_000, 0.1946],
  ]
  for (const [board, source, intervalMs, expected] of cases) {
    const found = meterUncertainty(gpuOf(board, source), intervalMs)
    assert.ok(Math.abs(found - expected) < 0.0002, `${board.name} ${source} ${intervalMs}: ${found}`)
  }
})

test('a counter that cannot be right is corrupt, and opened anew the GPU is read by its power', async (t) => {
  const control = ['gpus 2', 'gpu 0 rate-mw 40000000', 'gpu * power-mw 250000', 'gpu 1 rate-mw 250000']
  const options = { interval: 5, compareMs: 20 }
  const { machine, sensor, channels } = await openMachine(t, { control, options })
  assert.deepEqual(
    channels.map(({ kind }) => kind),
    ['counter', 'counter'],
  )
  while (!(await sensor.changed())) {
    await sensor.readNow(signal)
    sensor.drain()
  }
  const [falseOne, right] = await readAll(sensor)
  assert.match(
    falseOne ?? '',
    /^SENSOR_CORRUPT its energy counter made \d+\.\d J where its power makes \d+\.\d J in [\d.]+ s$/,
  )
  assert.match(right ?? '', /^count/)
  const [opened, other] = await sensor.open(signal)
  assert.deepEqual([opened?.device, opened?.kind, opened?.scope], [uuid(0), 'power', 'gpu'])
  assert.match(opened?.facts.check ?? '', /^the energy counter is not counted: it made /)
  // Anything between the two readings of it: 40 kW and 250 W.
  assert.ok((opened?.relativeUncertainty ?? 0) > 0.5)
  assert.deepEqual([other?.device, other?.kind, other?.facts.check], [uuid(1), 'counter', undefined])
  assert.match(
    sensor.unmetered?.join() ?? '',
    /^GPU 0 \(NVIDIA H100 80GB HBM3\): its energy counter made .* counts instead/,
  )
  assert.match((await readAll(sensor)).join(), /^power 250000000,count /)
  machine.control(...control, 'gpu 0 lost')
  await sensor.open(signal)
  assert.equal((await sensor.open(signal))[0]?.kind, 'power', 'it stays so while the GPU is away')
})

test('doctor sees at once whether counter and power agree', async (t) => {
  const control = ['gpus 2', 'gpu * power-mw 250000', 'gpu 0 rate-mw 250000', 'gpu 1 rate-mw 9000000']
  const options = { firstLookMs: 400, compareMs: 200 }
  const { sensor, channels } = await openMachine(t, { control, options })
  const [agrees, disagrees] = channels.map(({ facts }) => facts.check ?? '')
  assert.match(agrees ?? '', /^the energy counter made [\d.]+ J where its power makes [\d.]+ J in 0\.\d s: they agree$/)
  assert.match(disagrees ?? '', /: they disagree$/)
  assert.match(sensor.unmetered?.join() ?? '', /^GPU 1 /)
})

test('who runs the agent sees it: an event, a failure that a rule can match, and the power that counts from then on', async (t) => {
  const control = ['gpus 1', 'gpu 0 rate-mw 40000000', 'gpu 0 power-mw 250000']
  const machine = await machineOf(t, { control })
  const sensor = sensorOn(t, machine, { options: { interval: 5, compareMs: 20 } })
  const notes: string[] = []
  const kinds: string[] = []
  const sink: ReadingSink = {
    setChannels: (_, channels) => kinds.push(...channels.map(({ kind }) => kind)),
    accept: () => [],
    openAccount() {},
    tick() {},
    note: (what, detail) => notes.push(`${what} ${detail}`),
  }
  const runner = new SensorRunner(sensor, sink, systemClock, SILENT)
  t.after(() => runner.close())
  await runner.open(signal)
  while (!notes.some((note) => note.startsWith('channel_recovered'))) {
    await sensor.readNow(signal).catch(() => [])
    runner.poll()
    await setImmediate()
  }
  assert.deepEqual(kinds, ['counter', 'power'])
  assert.match(
    notes[0] ?? '',
    /^channel_corrupt nvml\/gpu\/GPU-.*: its energy counter made .* J where its power makes /,
  )
  assert.match(notes[1] ?? '', /^hardware_unmetered nvml: GPU 0 .* its power counts instead/)
  assert.ok((runner.snapshot?.failures.SENSOR_CORRUPT ?? 0) >= 5)
})
