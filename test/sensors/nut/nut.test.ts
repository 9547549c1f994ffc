import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { parseConfig } from '../../../src/config/loader.ts'
import type { Sensor } from '../../../src/model/sensor.ts'
import type { SensorError } from '../../../src/model/sensor-error.ts'
import { nut } from '../../../src/sensors/nut/nut.ts'
import type { NutSettings } from '../../../src/sensors/nut/schema.ts'
import { TestClock } from '../../integration/machine.ts'
import { ask } from '../said.ts'
import { Upsd } from './upsd.ts'

const { signal } = new AbortController()

function settingsOf(inputs: readonly object[]): NutSettings {
  const text = JSON.stringify({ sensors: { nut: { interval: '1h', deadline: '1s', inputs } } })
  return parseConfig(text, { HOME: '/root' }, 'test.yaml').sensors.nut
}

function sensorOf(t: TestContext, ...inputs: readonly object[]): Sensor {
  const context = { sysfs: '/sys', procfs: '/proc', devfs: '/dev', clock: new TestClock() }
  const sensor = nut.create(settingsOf(inputs), context)
  t.after(() => sensor.close())
  return sensor
}

const refusal = (sensor: Sensor): Promise<SensorError | null> =>
  sensor.open(signal).then(
    () => null,
    (error: SensorError) => error,
  )

test('the watts of a supply, and of an outlet of it', async (t) => {
  const upsd = await Upsd.start(t)
  const rack = { server: upsd.server, ups: 'rack' }
  const sensor = sensorOf(
    t,
    { ...rack, scope: 'ac_in', device: 'ups' },
    { ...rack, variable: 'outlet.1.realpower', scope: 'other', device: 'outlet' },
  )
  const channels = await sensor.open(signal)
  assert.deepEqual(
    channels.map(({ scope, nodeMeter, kind }) => [scope, nodeMeter, kind]),
    [
      ['ac_in', 'nut', 'power'],
      ['other', null, 'power'],
    ],
  )
  await Promise.all([ask(sensor), ask(sensor)])
  assert.deepEqual(await ask(sensor), [312_000_000n, 101_500_000n])
  assert.equal(upsd.connections, 1)
  assert.equal(upsd.overlaps, 0)
})

test('what is no watts of now is a failure and no zero', async (t) => {
  const upsd = await Upsd.start(t)
  const sensor = sensorOf(t, { server: upsd.server, ups: 'rack', scope: 'ac_in', device: 'ups' })
  await sensor.open(signal)
  for (const [answer, code] of [
    ['ERR DATA-STALE\n', 'SENSOR_TRANSIENT'],
    ['ERR DRIVER-NOT-CONNECTED\n', 'SENSOR_TRANSIENT'],
    ['ERR SOMETHING-NEW\n', 'SENSOR_TRANSIENT'],
    ['ERR ACCESS-DENIED\n', 'SENSOR_PERMISSION'],
    ['VAR rack ups.realpower ""\n', 'SENSOR_CORRUPT'],
    ['VAR rack ups.realpower "nan"\n', 'SENSOR_CORRUPT'],
    ['VAR rack ups.realpower "-1"\n', 'SENSOR_CORRUPT'],
    ['VAR rack ups.realpower "0"\n', 'SENSOR_CORRUPT'],
    ['VAR rack ups.power "340"\n', 'SENSOR_CORRUPT'],
    ['VAR rack ups.realpower "1"\nVAR rack ups.realpower "2"\n', 'SENSOR_CORRUPT'],
    ['HTTP/1.1 400 Bad Request\r\n', 'SENSOR_CORRUPT'],
    ['x'.repeat(10_000), 'SENSOR_CORRUPT'],
  ] as const) {
    upsd.reply = () => answer
    assert.deepEqual(await ask(sensor), [code], answer.slice(0, 40))
  }
  upsd.reply = null
  assert.deepEqual(await ask(sensor), [312_000_000n])
})

test('what a supply is rated for bounds what it tells', async (t) => {
  const upsd = await Upsd.start(t)
  const input = { server: upsd.server, ups: 'rack', scope: 'ac_in', device: 'ups' }
  for (const [nominal, mostUw] of [
    ['900', 1_350_000_000n],
    ['1e9', 100_000_000_000n],
    ['0', 100_000_000_000n],
    ['-5', 100_000_000_000n],
    ['unknown', 100_000_000_000n],
  ] as const) {
    upsd.variables.set('rack ups.realpower.nominal', nominal)
    const [channel] = await sensorOf(t, input).open(signal)
    assert.equal(channel?.maxPowerUw, mostUw, nominal)
  }
  upsd.variables.set('rack ups.realpower.nominal', '900')
  const sensor = sensorOf(t, input)
  await sensor.open(signal)
  for (const [watts, read] of [
    ['1350', 1_350_000_000n],
    ['1351', 'SENSOR_CORRUPT'],
    ['65535', 'SENSOR_CORRUPT'],
  ] as const) {
    upsd.variables.set('rack ups.realpower', watts)
    assert.deepEqual(await ask(sensor), [read])
  }
})

test('a server that hangs is given up, a late answer is nobody’s, and one started anew is found', async (t) => {
  const upsd = await Upsd.start(t)
  const sensor = sensorOf(t, { server: upsd.server, ups: 'rack', scope: 'ac_in', device: 'ups' })
  await sensor.open(signal)
  upsd.reply = () => null
  assert.deepEqual(await ask(sensor), ['SENSOR_TIMEOUT'])
  upsd.reply = null
  assert.deepEqual(await ask(sensor), [312_000_000n])
  await upsd.restart()
  assert.deepEqual(await ask(sensor), [312_000_000n])
  upsd.vanish()
  assert.deepEqual(await ask(sensor), ['SENSOR_TRANSIENT'])
})

test('what is missing is said with what to do', async (t) => {
  const upsd = await Upsd.start(t)
  const input = { server: upsd.server, ups: 'rack', scope: 'other', device: 'ups' }
  const unknown = await refusal(sensorOf(t, { ...input, ups: 'other' }))
  assert.equal(unknown?.code, 'SENSOR_ABSENT')
  assert.match(unknown?.remedy ?? '', /upsc -l/)
  upsd.variables.delete('rack ups.realpower')
  assert.match((await refusal(sensorOf(t, input)))?.remedy ?? '', /meters no watts/)
})

test('outlets of a Raritan are refused, whose watts and volt-amperes are exchanged there', async (t) => {
  const upsd = await Upsd.start(t)
  const input = { server: upsd.server, ups: 'rack', variable: 'outlet.1.realpower', scope: 'other', device: 'a' }
  assert.equal(await refusal(sensorOf(t, input)), null)
  upsd.variables.set('rack device.mfr', 'Raritan')
  assert.match((await refusal(sensorOf(t, input)))?.remedy ?? '', /sensors\.pdu/)
  upsd.variables.delete('rack device.mfr')
  assert.equal(await refusal(sensorOf(t, input)), null)
})

test('the configuration refuses what is no watts, and what would count twice', () => {
  const input = { ups: 'rack', scope: 'ac_in', device: 'ups' }
  for (const variable of ['ups.power', 'ups.load', 'ups.realpower.nominal', 'realpower\nLOGIN'])
    assert.throws(() => settingsOf([{ ...input, variable }]), /variable: expected a variable of watts/)
  assert.throws(() => settingsOf([{ ...input, ups: 'a b' }]), /ups: expected a name as upsc -l lists it/)
  assert.throws(() => settingsOf([{ ...input, server: 'host:70000' }]), /server: expected a host/)
  assert.throws(() => settingsOf([{ ...input, scope: 'package' }]), /scope: expected ac_in, psu or other/)
  assert.throws(() => settingsOf([input, { ...input, device: 'b' }]), /one ac_in at most/)
})
