import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { parseConfig } from '../../../src/config/loader.ts'
import type { Channel } from '../../../src/model/channel.ts'
import type { Sensor } from '../../../src/model/sensor.ts'
import { SensorError } from '../../../src/model/sensor-error.ts'
import { http } from '../../../src/sensors/http/http.ts'
import type { HttpSettings } from '../../../src/sensors/http/schema.ts'
import { TestClock } from '../../integration/machine.ts'
import { ask } from '../said.ts'
import { Device, digestResponse } from './device.ts'

const { signal } = new AbortController()
const NS_PER_S = 1_000_000_000n

type Input = Readonly<Record<string, string>>

function settingsOf(inputs: readonly Input[], keys: object = {}): HttpSettings {
  const text = JSON.stringify({ sensors: { http: { interval: '1h', inputs, ...keys } } })
  return parseConfig(text, { HOME: '/root' }, 'test.yaml').sensors.http
}

function sensorOf(t: TestContext, inputs: readonly Input[], clock = new TestClock(), keys: object = {}): Sensor {
  const sensor = http.create(settingsOf(inputs, keys), { sysfs: '/sys', procfs: '/proc', devfs: '/dev', clock })
  t.after(() => sensor.close())
  return sensor
}

const unitOf = (channel: Channel | undefined) => (channel?.kind === 'counter' ? channel.unitUj : null)

const gen2 = (device: Device, more: Input = {}): Input => ({
  url: `${device.url}/rpc/Switch.GetStatus?id=0`,
  value: 'apower',
  unit: 'W',
  scope: 'ac_in',
  device: 'plug',
  ...more,
})

test('plugs of three makers in their own units', async (t) => {
  const device = await Device.start(t)
  const sensor = sensorOf(t, [
    gen2(device),
    gen2(device, { value: 'aenergy.total', unit: 'Wh', scope: 'other' }),
    { url: `${device.url}/meter/0`, value: 'power', unit: 'W', scope: 'other', device: 'gen1' },
    { url: `${device.url}/meter/0`, value: 'total', unit: 'Wmin', scope: 'other', device: 'gen1-energy' },
    {
      url: `${device.url}/cm?cmnd=Status%208`,
      value: 'StatusSNS.ENERGY.Total',
      time: 'StatusSNS.Time',
      unit: 'kWh',
      scope: 'other',
      device: 'tasmota',
    },
  ])
  const channels = await sensor.open(signal)
  assert.deepEqual(
    channels.map(({ nodeMeter }) => nodeMeter),
    ['http', null, null, null, null],
  )
  const said = await ask(sensor)
  assert.deepEqual(said, [123_400_000n, 2_859_150n, 87_550_000n, 1_291_803n, 18_120n])
  const joules = channels.map((channel, at) => {
    const unit = unitOf(channel)
    return unit && Number((BigInt(said[at] ?? 0) * unit.numerator) / unit.denominator / 1_000_000n)
  })
  assert.deepEqual(joules, [null, 2859.15 * 3_600, null, 1_291_803 * 60, 18.12 * 3_600_000])
})

test('one request at a time, and one for all numbers of a page', async (t) => {
  const device = await Device.start(t)
  const sensor = sensorOf(t, [
    gen2(device),
    gen2(device, { value: 'voltage', scope: 'other' }),
    { url: `${device.url}/meter/0`, value: 'power', unit: 'W', scope: 'other', device: 'gen1' },
  ])
  await sensor.open(signal)
  await Promise.all([ask(sensor), ask(sensor), ask(sensor)])
  assert.equal(device.most, 1)
  assert.equal(device.requests.length % 2, 0)
  assert.equal(device.requests.filter((url) => url === '/meter/0').length, device.requests.length / 2)
})

test('what is no number is a failure and no zero', async (t) => {
  const device = await Device.start(t)
  const sensor = sensorOf(t, [gen2(device)])
  await sensor.open(signal)
  const page = '/rpc/Switch.GetStatus?id=0'
  for (const [answer, code] of [
    ['{"apower":null}', 'SENSOR_TRANSIENT'],
    ['{}', 'SENSOR_TRANSIENT'],
    ['[]', 'SENSOR_TRANSIENT'],
    ['{"apower":{}}', 'SENSOR_CORRUPT'],
    ['{"apower":true}', 'SENSOR_CORRUPT'],
    ['{"apower":"nan"}', 'SENSOR_CORRUPT'],
    ['{"apower":-1}', 'SENSOR_CORRUPT'],
    ['{"apower":0}', 'SENSOR_CORRUPT'],
    ['{"apower":4294967295}', 'SENSOR_CORRUPT'],
    ['{"apower":12', 'SENSOR_CORRUPT'],
    [`"${'x'.repeat(300_000)}"`, 'SENSOR_TIMEOUT'],
  ] as const) {
    device.pages.set(page, answer)
    assert.deepEqual(await ask(sensor), [code], answer.slice(0, 40))
  }
  device.pages.set(page, '{"apower":"7.5"}')
  assert.deepEqual(await ask(sensor), [7_500_000n])
})

test('a redirect is not followed, a hanging device is given up, and no other waits for it', async (t) => {
  const [device, other, victim] = [await Device.start(t), await Device.start(t), await Device.start(t)]
  const sensor = sensorOf(t, [gen2(device), gen2(other, { scope: 'other', device: 'other' })], new TestClock(), {
    deadline: '2s',
  })
  await sensor.open(signal)
  device.handler = (request, response) => response.writeHead(302, { location: `${victim.url}${request.url}` }).end()
  assert.deepEqual(await ask(sensor), ['SENSOR_TRANSIENT', 123_400_000n])
  device.handler = () => {}
  assert.deepEqual(await ask(sensor), ['SENSOR_TIMEOUT', 123_400_000n])
  assert.deepEqual(victim.requests, [])
})

test('a device that is away at the start is found later, and its counter is known by its decimals', async (t) => {
  const [device, other] = [await Device.start(t), await Device.start(t)]
  device.handler = (_, response) => response.writeHead(503).end()
  const energy = { value: 'aenergy.total', unit: 'Wh', scope: 'psu', device: 'a' }
  const sensor = sensorOf(t, [gen2(device, energy), gen2(other, { ...energy, device: 'b' })])
  const [away, there] = await sensor.open(signal)
  assert.deepEqual(
    [away, there].map((one) => one?.kind === 'counter' && one.isUnidentified === true),
    [true, false],
  )
  assert.deepEqual(await ask(sensor), ['SENSOR_TRANSIENT', 2_859_150n])
  assert.equal(await sensor.changed(), false)
  device.handler = null
  await ask(sensor)
  assert.equal(await sensor.changed(), true)
  const [found] = await sensor.open(signal)
  assert.deepEqual(unitOf(found), unitOf(there))
})

test('a number holds for max_age from the time that the device states', async (t) => {
  const device = await Device.start(t)
  const clock = new TestClock()
  const at = (ageS: number) => Math.floor(clock.unixMs() / 1_000) - ageS
  const say = (time: string, power = 50) => device.pages.set('/plug', `{"at":${time},"w":${power},"e":${power}}`)
  const plug = { url: `${device.url}/plug`, scope: 'other', time: 'at', max_age: '30s' }
  say(`${at(31)}`)
  const sensor = sensorOf(
    t,
    [
      { ...plug, value: 'w', unit: 'W', device: 'w' },
      { ...plug, value: 'e', unit: 'J', device: 'e' },
    ],
    clock,
  )
  await assert.rejects(sensor.open(signal), /was not measured for 31 s/)
  for (const time of [
    `${at(3)}`,
    `${at(2) * 1_000}`,
    JSON.stringify(new Date(clock.unixMs()).toISOString()),
    '"noon"',
  ]) {
    say(time)
    await sensor.open(signal)
    assert.deepEqual(await ask(sensor), [50_000_000n, 50n], time)
  }
  clock.advance(30n * NS_PER_S)
  assert.deepEqual(await ask(sensor), [50_000_000n, 50n])
  clock.advance(NS_PER_S)
  assert.deepEqual(await ask(sensor), ['SENSOR_TRANSIENT', 'SENSOR_TRANSIENT'])
  // A clock that is years behind still shows that something was measured.
  say('86400', 60)
  assert.deepEqual(await ask(sensor), [60_000_000n, 60n])
  device.pages.set('/plug', '{"w":50,"e":50}')
  assert.deepEqual(await ask(sensor), ['SENSOR_TRANSIENT', 'SENSOR_TRANSIENT'])
})

test('a counter that was not measured anew is no reading unless somebody asks', async (t) => {
  const device = await Device.start(t)
  device.pages.set('/plug', '{"at":"a","e":7}')
  const input = { url: `${device.url}/plug`, value: 'e', unit: 'J', scope: 'other', device: 'e', time: 'at' }
  const sensor = sensorOf(t, [input], new TestClock(), { interval: '1s' })
  await sensor.open(signal)
  await ask(sensor)
  sensor.drain()
  const before = device.requests.length
  while (device.requests.length < before + 2) await new Promise(setImmediate)
  assert.deepEqual(sensor.drain(), [])
})

test('the formula of the test is that of the standard', () => {
  const example = {
    username: 'Mufasa',
    realm: 'http-auth@example.org',
    password: 'Circle of Life',
    method: 'GET',
    uri: '/dir/index.html',
    nonce: '7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v',
    nc: '00000001',
    cnonce: 'f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ',
  }
  assert.equal(digestResponse('md5', example), '8ca523f5e9506fed4657c9700eebdbec')
  assert.equal(digestResponse('sha256', example), '753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1')
})

for (const [name, challenge] of [
  ['Digest of a Shelly', 'Digest qop="auth", realm="shellyplus1-a8032abe54dc", nonce="60dc2c45", algorithm=SHA-256'],
  ['Digest of old', 'Digest realm="plug", qop="auth,auth-int", nonce="x=", opaque="o"'],
  ['Basic', 'Basic realm="plug"'],
] as const) {
  test(`a device that wants a password: ${name}`, async (t) => {
    const device = await Device.start(t)
    const folder = mkdtempSync(join(tmpdir(), 'wattledger-http-'))
    t.after(() => rmSync(folder, { recursive: true }))
    const file = join(folder, 'password')
    writeFileSync(file, 'correct-horse\n', { mode: 0o640 })
    let refusals = 0
    device.handler = (request, response) => {
      const { authorization = '' } = request.headers
      const told = Object.fromEntries(
        [...authorization.matchAll(/(\w+)="?([^",]*)"?/g)].map(([, key = '', text = '']) => [key, text]),
      )
      const algorithm = challenge.includes('SHA-256') ? 'sha256' : 'md5'
      const known = {
        ...told,
        realm: /realm="(.*?)"/.exec(challenge)?.[1] ?? '',
        password: 'correct-horse',
        method: 'GET',
      }
      const isGood = challenge.startsWith('Basic')
        ? authorization === `Basic ${Buffer.from('admin:correct-horse').toString('base64')}`
        : told.response === digestResponse(algorithm, { ...known, uri: request.url ?? '' })
      if (isGood) response.end(device.pages.get(request.url ?? ''))
      else {
        refusals += 1
        response.writeHead(401, { 'www-authenticate': challenge }).end()
      }
    }
    const sensor = sensorOf(t, [gen2(device, { username: 'admin', password_file: file })])
    await sensor.open(signal)
    assert.deepEqual(await ask(sensor), [123_400_000n])
    await ask(sensor)
    assert.equal(refusals, 1, 'it is asked for once')
    writeFileSync(file, 'wrong\n')
    assert.deepEqual(await ask(sensor), ['SENSOR_PERMISSION'])
    const bare = sensorOf(t, [gen2(device)])
    const error = await bare.open(signal).then(
      () => null,
      (cause: SensorError) => cause,
    )
    assert.ok(error instanceof SensorError && error.code === 'SENSOR_PERMISSION')
    assert.match(error.remedy ?? '', /username and password_file/)
    assert.doesNotMatch(error.message, /correct|wrong/)
  })
}

test('a closing sensor leaves no request behind', async (t) => {
  const device = await Device.start(t)
  const sensor = sensorOf(t, [gen2(device)])
  await sensor.open(signal)
  const asked = Promise.withResolvers<void>()
  device.handler = (request) => {
    asked.resolve()
    void once(request.socket, 'close')
  }
  const reading = sensor.readNow(signal)
  await asked.promise
  await sensor.close()
  await assert.rejects(reading, /closed/)
})

test('the configuration refuses what would count twice or show a password', () => {
  const refused = (input: Input, pattern: RegExp) => assert.throws(() => settingsOf([input]), pattern)
  const input = { url: 'http://plug/x', value: 'a', unit: 'W', scope: 'ac_in', device: 'plug' }
  refused({ ...input, url: 'http://admin:secret@plug/' }, /inputs\.0\.url: expected a URL without user and password/)
  refused({ ...input, url: 'ftp://plug/' }, /expected a URL/)
  refused({ ...input, value: 'a..b' }, /expected keys with dots/)
  refused({ ...input, username: 'admin' }, /password_file: expected the file with the password/)
  refused({ ...input, scope: 'package' }, /named by its socket/)
  assert.throws(() => settingsOf([input, { ...input, device: 'b' }]), /one ac_in at most/)
})
