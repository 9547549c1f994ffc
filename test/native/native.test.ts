import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { native } from '../../src/native/addon.ts'
import {
  ADDON,
  FILES,
  HOUR_NS,
  MINUTE_NS,
  makePoller,
  path,
  phaseOf,
  resources,
  root,
  SILENT,
  until,
  untilNoMoreThan,
} from './setting.ts'

test('an option of the wrong type is a TypeError that names it', () => {
  const construct = (...args: unknown[]) => Reflect.construct(native.Poller, args)
  const good = { ...FILES, intervalNs: HOUR_NS, capacity: 4 }
  const wrong: [unknown, RegExp][] = [
    [{ ...good, type: 7 }, /^TypeError: expected a string for type$/],
    [{ ...good, type: 'tea-leaves' }, /^TypeError: no reader of type tea-leaves$/],
    [{ ...good, intervalNs: 1_000 }, /^TypeError: expected a bigint of 64 bits for intervalNs$/],
    [{ ...good, intervalNs: 2n ** 63n }, /^TypeError: expected a bigint of 64 bits for intervalNs$/],
    [{ ...good, intervalNs: -(2n ** 70n) }, /^TypeError: expected a bigint of 64 bits for intervalNs$/],
    [{ ...good, intervalNs: 0n }, /^RangeError: expected intervalNs above 0/],
    [{ ...good, intervalNs: -(2n ** 63n) }, /^RangeError: expected intervalNs above 0/],
    [{ ...good, intervalNs: 2n ** 63n - 1n }, /^RangeError: expected intervalNs above 0 and at most a day$/],
    [{ ...good, capacity: '4' }, /^TypeError: expected a number for capacity$/],
    [{ ...good, capacity: 0 }, /^RangeError: expected capacity above 0/],
    [{ ...good, capacity: -1 }, /^RangeError: expected capacity above 0 and at most a million$/],
    [{ ...good, capacity: Number.NaN }, /^RangeError: expected capacity above 0/],
    [{ ...good, paths: path }, /^TypeError: expected an array of strings for paths$/],
    [{ ...good, paths: [path, 7] }, /^TypeError: expected an array of strings for paths$/],
    [
      {
        ...good,
        get paths() {
          throw new Error('a getter that throws')
        },
      },
      /^Error: a getter that throws$/,
    ],
    [null, /^TypeError: expected new Poller\(options, onSignal\)$/],
    [undefined, /^TypeError: expected new Poller\(options, onSignal\)$/],
  ]
  for (const [options, error] of wrong) assert.throws(() => construct(options, () => {}), error)
  assert.throws(() => construct(good), /^TypeError: expected new Poller\(options, onSignal\)$/)
  for (const type of ['files', 'perf', 'msr', 'ipmi', 'ipmi-scan', 'nvml', 'nvml-use', 'cgroup']) {
    const error = /^TypeError: expected .+ for [a-zA-Z]+$/
    assert.throws(() => construct({ type, intervalNs: HOUR_NS, capacity: 4 }, () => {}), error, type)
  }
  const groups = { trees: [], stat: '', mostGroups: 1, mostDescriptors: 1, intervalNs: HOUR_NS, capacity: 4 }
  for (const frames of [null, {}, new Map(), native.CgroupFrames]) {
    assert.throws(
      () => construct({ type: 'cgroup', ...groups, frames }, () => {}),
      /^TypeError: expected CgroupFrames for frames$/,
    )
  }
  for (const frames of [undefined, new native.CgroupFrames()]) {
    const use = { type: 'nvml-use', library: '', recoverAfterNs: 0n, intervalNs: HOUR_NS, capacity: 4, frames }
    assert.throws(() => construct(use, () => {}), /^TypeError: expected NvmlUseFrames for frames$/)
  }
  const odd = { of: 'disk', root: '/', version: 2 }
  assert.throws(
    () => construct({ type: 'cgroup', ...groups, trees: [odd], frames: new native.CgroupFrames() }, () => {}),
    /^TypeError: expected usage, memory, cpu or cpuset for of$/,
  )
  assert.throws(() => Reflect.apply(native.Poller.prototype.start, {}, []), TypeError)
})

test('stop takes a time from nothing to a minute', () => {
  for (const timeout of [5, -1n, 2n ** 63n, 60_000_000_001n, undefined]) {
    const poller = makePoller()
    assert.throws(() => Reflect.apply(poller.stop, poller, [timeout]), RangeError, String(timeout))
    assert.equal(poller.stop(MINUTE_NS), true, 'one that never started has ended')
  }
})

test('a reading crosses the boundary with all of its 64 bits, and a failure with its number', async () => {
  const widest = join(root, 'widest')
  writeFileSync(widest, `${2n ** 64n - 1n}\n`)
  const reader = { type: 'files', paths: [widest, join(root, 'gone')] } as const
  const poller = makePoller({ reader })
  poller.start()
  await until(() => poller.state().sweeps === 1n)
  const [value, beforeNs = 0n, afterNs = 0n, status, , , , failure = 0n] = poller.drain()
  assert.equal(value, 2n ** 64n - 1n)
  assert.equal(status, 0n)
  assert.ok(beforeNs > 0n && beforeNs <= afterNs && afterNs <= native.monotonicNs())
  assert.equal(failure, (2n << 32n) | 1n, 'ENOENT is SENSOR_ABSENT')
  assert.deepEqual(
    poller.channels().map(({ id }) => id),
    reader.paths,
  )
  assert.equal(poller.stop(MINUTE_NS), true)
})

test('readNow reads out of turn and signals', async () => {
  let signals = 0
  const poller = makePoller({ onSignal: () => (signals += 1) })
  poller.readNow()
  poller.start()
  await until(() => signals > 0)
  for (let asked = 0; asked < 5; asked += 1) {
    const before = { atNs: native.monotonicNs(), signals }
    poller.readNow()
    await until(() => (poller.drain().at(-3) ?? 0n) >= before.atNs)
    await until(() => signals > before.signals)
  }
  assert.equal(poller.stop(MINUTE_NS), true)
})

test('a queue that nobody drains keeps the newest and counts the rest', async () => {
  const poller = makePoller({ intervalNs: 100_000n, capacity: 3 })
  poller.start()
  await until(() => poller.state().dropped > 20n)
  assert.equal(poller.stop(MINUTE_NS), true)
  const { sweeps, dropped } = poller.state()
  const readings = poller.drain()
  assert.equal(readings.length, 3 * 4)
  assert.equal(dropped, sweeps - 3n)
  assert.ok((readings[1] ?? 0n) < (readings[5] ?? 0n) && (readings[5] ?? 0n) < (readings[9] ?? 0n))
  assert.equal(poller.drain().length, 0)
})

test('every method is safe after stop, and stop more than once', async () => {
  const poller = makePoller()
  poller.start()
  poller.start()
  await until(() => phaseOf(poller) === 'open')
  assert.equal(poller.stop(MINUTE_NS), true)
  assert.equal(poller.stop(0n), true)
  poller.start()
  poller.readNow()
  poller.drain()
  assert.equal(poller.channels().length, 1)
  assert.equal(phaseOf(poller), 'stopped')
  const never = makePoller()
  assert.equal(never.stop(0n), true)
  assert.equal(never.stop(0n), true)
  never.start()
  assert.equal(phaseOf(never), 'stopped')
  assert.equal(never.drain().length + never.channels().length, 0)
})

test('a thousand pollers leave no descriptor and no thread behind', async () => {
  const before = resources()
  for (let round = 0; round < 20; round += 1) {
    const pollers = Array.from({ length: 50 }, () => makePoller({ intervalNs: 1_000_000n }))
    for (const poller of pollers) poller.start()
    await until(() => pollers.every((poller) => poller.state().sweeps > 0n))
    for (const poller of pollers) poller.stop(round % 2 === 0 ? 60_000_000_000n : 0n)
    await until(() => pollers.every((poller) => phaseOf(poller) === 'stopped'))
  }
  await untilNoMoreThan(before)
})

test('pollers that are forgotten while they read end by themselves', async () => {
  const before = resources()
  for (const reader of [FILES, SILENT]) {
    for (let index = 0; index < 20; index += 1) makePoller({ reader, intervalNs: 100_000n }).start()
  }
  await untilNoMoreThan(before)
})

test('without descriptors left a poller is an error, and the next one works again', () => {
  const script = `
    const { Poller } = require(${JSON.stringify(ADDON)})
    const options = { type: 'files', paths: [], intervalNs: 3600_000_000_000n, capacity: 4 }
    const pollers = []
    try { for (;;) pollers.push(new Poller(options, () => {})) } catch (error) { console.log(error.message) }
    pollers.length = 0
    gc()
    setImmediate(() => { gc(); console.log(new Poller(options, () => {}).stop(0n)) })`
  const command = `ulimit -n 128; exec ${process.execPath} --expose-gc -e "$SCRIPT"`
  const { stdout, stderr, status } = spawnSync('sh', ['-c', command], { env: { SCRIPT: script }, encoding: 'utf8' })
  assert.equal(`${stdout}${stderr}`, 'eventfd: Too many open files\ntrue\n')
  assert.equal(status, 0)
})

test('a poller alone keeps no process alive, and exit may come at any time', () => {
  for (const end of ['', 'process.exit(0)', 'setImmediate(() => process.exit(0))']) {
    const script = `
      const { Poller } = require(${JSON.stringify(ADDON)})
      const options = { type: 'files', paths: [${JSON.stringify(path)}], intervalNs: 1n, capacity: 4 }
      for (let i = 0; i < 8; i += 1) { const p = new Poller(options, () => {}); p.start(); p.readNow() }
      ${end}`
    const { stderr, status } = spawnSync(process.execPath, ['-e', script], { encoding: 'utf8' })
    assert.equal(stderr, '')
    assert.equal(status, 0, end)
  }
})
