import assert from 'node:assert/strict'
import { test } from 'node:test'
import { failed, powerChannel } from '../integration/machine.ts'
import { Bench, bmc, fault } from './fakes.ts'

const { signal } = new AbortController()

test('an open sensor is announced once and drained at each pass', async () => {
  const bench = new Bench()
  const { sensor, sink, runner, logger } = bench
  assert.equal(await runner.open(signal), null)
  await bench.pass(3, 300)
  assert.deepEqual(sink.channels, [[bmc]])
  assert.equal(sink.sweeps.length, 3)
  assert.equal(sensor.opens, 1)
  assert.deepEqual(logger.lines, ['info sensor_opened'])
})

test('a sensor that will not open is tried again ever more rarely', async () => {
  const bench = new Bench()
  const { sensor, runner } = bench
  sensor.fault = fault('SENSOR_TRANSIENT')
  assert.equal((await runner.open(signal))?.code, 'SENSOR_TRANSIENT')
  const attemptsAt: number[] = []
  for (let s = 1; s <= 1_000; s++) {
    const before = sensor.opens
    await bench.pass(1)
    if (sensor.opens > before) attemptsAt.push(s)
  }
  const waits = attemptsAt.map((at, index) => at - (attemptsAt[index - 1] ?? 0))
  assert.deepEqual(waits, [1, 2, 4, 8, 16, 32, 64, 128, 256, 300])
})

test('each state is said once, however often it is met, and so is the end of it', async () => {
  const bench = new Bench()
  const { sensor, runner, sink, logger } = bench
  sensor.fault = fault('SENSOR_PERMISSION', { remedy: 'chgrp wattledger-sensors /dev/ipmi0' })
  await runner.open(signal)
  await bench.pass(600)
  assert.ok(sensor.opens > 2)
  assert.deepEqual(logger.lines, ['warn sensor_unavailable SENSOR_PERMISSION'])
  sensor.fault = fault('SENSOR_ABSENT')
  await bench.pass(600)
  assert.deepEqual(logger.lines.slice(1), ['info sensor_unavailable SENSOR_ABSENT'])
  assert.deepEqual(sink.notes, ['sensor_unavailable'])
  sensor.fault = fault('SENSOR_TRANSIENT')
  await bench.pass(600)
  sensor.fault = null
  await bench.pass(600)
  assert.deepEqual(logger.lines.slice(2), ['warn sensor_unavailable SENSOR_TRANSIENT', 'info sensor_opened'])
  assert.deepEqual(sink.notes, ['sensor_unavailable', 'sensor_unavailable', 'sensor_recovered'])
})

test('a sensor that nobody has configured is no news', async () => {
  const { sensor, runner, sink, logger } = new Bench()
  sensor.fault = fault('SENSOR_ABSENT', { isUnconfigured: true })
  assert.equal((await runner.open(signal))?.code, 'SENSOR_ABSENT')
  assert.deepEqual([logger.lines, sink.notes], [[], []])
})

test('a thousand channels, each in a sweep of its own, are drained without looking through all sweeps for each', async () => {
  const { sensor, runner, clock } = new Bench()
  const many = Array.from({ length: 1_000 }, (_, index) => index)
  sensor.channels = many.map((index) => powerChannel(`PS${index}`))
  await runner.open(signal)
  let looks = 0
  sensor.sweeps = many.map((index) => ({
    get first() {
      looks += 1
      return index
    },
    readings: [failed(clock.ns)],
  }))
  runner.poll()
  assert.equal(looks, many.length)
})

test('what tells no power and what is no longer there is said once', async () => {
  const bench = new Bench()
  const { sensor, runner, sink, logger } = bench
  const supply = powerChannel('PS2')
  sensor.channels = [bmc, supply]
  sensor.unmetered = ['GPU 1 tells neither energy nor power']
  await runner.open(signal)
  assert.deepEqual(logger.lines, ['info sensor_opened', 'warn hardware_unmetered'])
  assert.deepEqual(sink.notes, ['hardware_unmetered'])
  sensor.channels = [bmc]
  sensor.isChanged = true
  await bench.pass(61)
  assert.deepEqual(logger.lines.slice(2), ['warn channel_gone', 'info sensor_opened'])
  assert.deepEqual(sink.notes, ['hardware_unmetered', 'channel_gone'])
})

test('a sensor whose readings all fail is looked for anew, and reopened only if it changed', async () => {
  const bench = new Bench()
  const { sensor, runner, sink } = bench
  await runner.open(signal)
  await bench.pass(5, 'fails')
  assert.equal(sensor.asked, 1)
  assert.equal(sensor.opens, 1, 'unchanged hardware is left to its reader')
  await bench.pass(4, 'fails')
  assert.equal(sensor.asked, 1)
  sensor.isChanged = true
  await bench.pass(1, 'fails')
  assert.equal(sensor.opens, 2)
  sensor.isChanged = false
  await bench.pass(1, 300)
  assert.equal(sink.sweeps.length, 11, 'not one sweep is lost on the way')
})

test('a sensor that is open and tells nothing is said once, and so is that it tells again', async () => {
  const bench = new Bench()
  const { runner, sink, logger } = bench
  await runner.open(signal)
  await bench.pass(4, 'fails')
  await bench.pass(1, 300)
  assert.deepEqual(logger.lines, ['info sensor_opened'], 'a few that fail are no news')
  await bench.pass(600, 'fails')
  assert.deepEqual(logger.lines.slice(1), ['warn sensor_unavailable SENSOR_TRANSIENT'])
  await bench.pass(2, 300)
  assert.deepEqual(logger.lines.slice(2), ['info sensor_recovered'])
  assert.deepEqual(sink.notes, ['sensor_unavailable', 'sensor_recovered'])
})

test('hardware is looked for once a minute, and what came is announced', async () => {
  const bench = new Bench()
  const { sensor, runner, sink } = bench
  await runner.open(signal)
  await bench.pass(59, 300)
  assert.equal(sensor.asked, 0)
  const second = { ...bmc, device: 'psu-1' }
  sensor.channels = [bmc, second]
  sensor.isChanged = true
  await bench.pass(1, 300)
  assert.deepEqual(sink.channels, [[bmc], [bmc, second]])
})

test('a sensor that goes takes its channels along and is awaited', async () => {
  const bench = new Bench()
  const { sensor, runner, sink } = bench
  await runner.open(signal)
  await bench.pass(1, 300)
  sensor.isChanged = true
  sensor.fault = fault('SENSOR_TIMEOUT')
  await bench.pass(5, 'fails')
  assert.deepEqual(sink.channels, [[bmc], []])
  assert.equal(runner.snapshot?.up, false)
  assert.equal(runner.snapshot?.failures.SENSOR_TIMEOUT, 1)
  sensor.fault = null
  sensor.isChanged = false
  await bench.pass(9)
  assert.equal(sensor.opens, 2)
  await bench.pass(1)
  assert.equal(sensor.opens, 3)
  await bench.pass(1, 300)
  assert.equal(runner.snapshot?.up, true)
  assert.deepEqual(sink.notes, ['sensor_unavailable', 'sensor_recovered'])
})

test('a look for hardware that fails ends nothing, is said once and repeated', async () => {
  const bench = new Bench()
  const { sensor, runner, sink, logger } = bench
  await runner.open(signal)
  sensor.isChanged = new Error('EMFILE')
  await bench.pass(200, 300)
  assert.equal(sensor.asked, 3)
  assert.equal(sink.sweeps.length, 200)
  assert.deepEqual(logger.lines, ['info sensor_opened', 'warn rescan_failed'])
  sensor.isChanged = true
  await bench.pass(60, 300)
  assert.equal(sensor.opens, 2)
  await runner.close()
})

test('close() during open() gives up the wait, leaves nothing open and is no failure', async () => {
  const { sensor, runner, logger, sink } = new Bench()
  sensor.held = new Promise(() => {})
  const opening = runner.open(signal)
  await runner.close()
  assert.notEqual(await opening, null)
  assert.equal(sensor.closes, 1)
  assert.deepEqual(logger.lines, [])
  assert.deepEqual(sink.notes, [])
})

test('close() takes along what was read last, and nothing is opened or drained after it', async () => {
  const bench = new Bench()
  const { sensor, runner, sink } = bench
  await runner.open(signal)
  await bench.pass(1, 300)
  sensor.sweeps.push({ first: 0, readings: [] })
  await runner.close()
  assert.equal(sink.sweeps.length, 2)
  await bench.pass(700, 300)
  assert.equal(sink.sweeps.length, 2)
  assert.equal(sensor.opens, 1)
  await runner.close()
})

test('hardware that this machine never had is not shown; hardware that went is', async () => {
  const bench = new Bench()
  const { sensor, runner } = bench
  const shown = () => runner.snapshot
  sensor.fault = fault('SENSOR_ABSENT')
  assert.equal(shown(), null)
  await runner.open(signal)
  assert.equal(shown(), null)
  sensor.fault = null
  await bench.pass(300)
  await bench.pass(1, 300)
  await bench.pass(16)
  assert.equal(shown()?.up, true, 'for three intervals and a second')
  await bench.pass(1)
  assert.equal(shown()?.up, false)
  sensor.fault = fault('SENSOR_ABSENT')
  sensor.isChanged = true
  await bench.pass(60)
  assert.equal(shown()?.up, false)
})

test('a channel that keeps saying what cannot be is warned of once, shown, and looked at anew; a glitch is not', async () => {
  const bench = new Bench()
  const { sensor, sink, runner, logger } = bench
  await runner.open(signal)
  sink.rejects = [{ key: 'ipmi/ac_in/bmc', message: '65000 W are too much' }]
  await bench.pass(4, 65_000)
  sink.rejects = []
  await bench.pass(1, 300)
  assert.deepEqual(runner.snapshot?.corruptChannels, [])
  sink.rejects = [{ key: 'ipmi/ac_in/bmc', message: '65000 W are too much' }]
  await bench.pass(5, 65_000)
  await bench.pass(5)
  assert.deepEqual(runner.snapshot?.corruptChannels, ['ipmi/ac_in/bmc'])
  assert.equal(sensor.opens, 2, 'what its bound came from is read again')
  await bench.pass(599, 65_000)
  assert.equal(sensor.opens, 3, 'every ten minutes')
  sink.rejects = []
  await bench.pass(1, 300)
  assert.deepEqual(runner.snapshot?.corruptChannels, [])
  assert.deepEqual(sink.notes, ['channel_corrupt', 'channel_recovered'])
  assert.deepEqual(
    logger.lines.filter((line) => !line.includes('sensor_opened')),
    ['warn channel_corrupt SENSOR_CORRUPT', 'info channel_recovered'],
  )
})

test('a BMC that comes and goes all day fills neither ledger nor log, and what was said last is true', async () => {
  const bench = new Bench()
  const { runner, sink, logger } = bench
  await runner.open(signal)
  for (let times = 0; times < 120; times += 1) {
    await bench.pass(20, 'fails')
    await bench.pass(10, 300)
  }
  assert.ok(sink.notes.length <= 6, `${sink.notes.length} events in an hour`)
  assert.ok(logger.lines.length <= 7, `${logger.lines.length} lines in an hour`)
  assert.deepEqual(sink.notes.slice(0, 2), ['sensor_unavailable', 'sensor_recovered'])
  await bench.pass(620, 'fails')
  assert.equal(sink.notes.at(-1), 'sensor_unavailable')
  await bench.pass(10, 300)
  await runner.close()
  assert.equal(sink.notes.at(-1), 'sensor_recovered')
})
