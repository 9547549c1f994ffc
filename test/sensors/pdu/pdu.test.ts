import assert from 'node:assert/strict'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import snmp from 'net-snmp'
import { parseConfig } from '../../../src/config/loader.ts'
import type { Channel } from '../../../src/model/channel.ts'
import type { Sensor } from '../../../src/model/sensor.ts'
import { SensorError } from '../../../src/model/sensor-error.ts'
import { pdu } from '../../../src/sensors/pdu/pdu.ts'
import type { PduSettings } from '../../../src/sensors/pdu/schema.ts'
import { TestClock } from '../../integration/machine.ts'
import { ask } from '../said.ts'
import { Rack, type TableName } from './rack.ts'

const { signal } = new AbortController()
const NS_PER_S = 1_000_000_000n

function settingsOf(devices: readonly object[], deadline = '4s'): PduSettings {
  const text = JSON.stringify({ sensors: { pdu: { interval: '1h', deadline, devices } } })
  return parseConfig(text, { HOME: '/root' }, 'test.yaml').sensors.pdu
}

function sensorOf(t: TestContext, devices: readonly object[], clock = new TestClock(), deadline = '4s'): Sensor {
  const sensor = pdu.create(settingsOf(devices, deadline), { sysfs: '/sys', procfs: '/proc', devfs: '/dev', clock })
  t.after(() => sensor.close())
  return sensor
}

async function refusal(sensor: Sensor): Promise<SensorError> {
  const error: unknown = await sensor.open(signal).then(
    () => null,
    (cause: unknown) => cause,
  )
  assert.ok(error instanceof SensorError)
  return error
}

/** µJ of a count. */
const unitOf = (channel: Channel | undefined): number | null =>
  channel?.kind === 'counter' ? Number(channel.unitUj.numerator) / Number(channel.unitUj.denominator) : null

const WH_UJ = 3_600_000_000n

/** What each family says of an outlet with 321 W, and what that means: the energy of a count, or power. */
const FAMILIES: readonly (readonly [
  profile: string,
  outlet: string,
  rows: readonly [TableName, string, ...(number | string)[]][],
  unitUj: number | null,
  said: bigint,
])[] = [
  [
    'apc',
    '12',
    [
      ['apc outlets', '12', 321, 5_210],
      ['apc device', '1', '03/01/2025 11:02:33'],
    ],
    1,
    0n,
  ],
  [
    'raritan',
    '1.7',
    [
      ['raritan values', '1.7.5', 321],
      ['raritan values', '1.7.6', 340],
      ['raritan values', '1.7.8', 1_234_567],
      ['raritan digits', '1.7.5', 0],
      ['raritan digits', '1.7.8', 1],
    ],
    1,
    (1_234_567n * WH_UJ) / 10n,
  ],
  ['sentry3', '1.1.3', [['sentry3', '1.1.3', 321, 88_001]], 1, 88_001n * WH_UJ],
  ['sentry4', '1.2.3', [['sentry4', '1.2.3', 321, 340, 88_002]], 1, 88_002n * WH_UJ],
  ['eaton', '0.9', [['eaton', '0.9', 321, 4_000_000_001, 1_740_000_000]], 1, 4_000_000_001n * WH_UJ],
  ['geist', '4', [['geist', '4', 321, 9_998_999]], 1, 9_998_999n * WH_UJ],
  ['liebert', '1.2.3', [['liebert', '1.2.3', 321, 777]], 1, 0n],
  ['hpe', '1.5', [['hpe', '1.5', 321]], null, 321_000_000n],
  ['cyberpower', '8', [['cyberpower', '8', 321, 4_321]], 1, 0n],
]

for (const [profile, outlet, rows, unitUj, said] of FAMILIES) {
  test(`an outlet of ${profile}`, async (t) => {
    const rack = await Rack.start(t)
    for (const row of rows) rack.say(...row)
    const sensor = sensorOf(t, [{ address: rack.address, profile, outlets: [outlet] }])
    const [channel, ...others] = await sensor.open(signal)
    assert.equal(others.length, 0)
    assert.equal(unitOf(channel), unitUj)
    assert.deepEqual([channel?.scope, channel?.nodeMeter, channel?.isShare], ['ac_in', 'pdu', true])
    assert.deepEqual(await ask(sensor), [said])
    assert.equal(await sensor.changed(), false)
  })
}

test('whose a PDU is, it says itself where nobody has named it', async (t) => {
  const rack = await Rack.start(t)
  rack.isA('1.3.6.1.4.1.534.6.6.7')
  rack.say('eaton', '0.9', 321, 77, 1_740_000_000)
  const sensor = sensorOf(t, [{ address: rack.address, outlets: ['0.9'] }])
  const [channel] = await sensor.open(signal)
  assert.equal(channel?.facts.pdu, 'Eaton ePDU G2, G3, G4, by its sysObjectID 1.3.6.1.4.1.534.6.6.7')
  assert.deepEqual(await ask(sensor), [77n * WH_UJ])
  for (const [id, message, remedy] of [
    ['1.3.6.1.4.1.318.1.3.4.6', /is of APC/, /by outlet$/],
    [
      '1.3.6.1.4.1.318.1.3.27',
      /318\.1\.3\.27, which no profile knows/,
      /profile in sensors\.pdu\.devices to one of apc, /,
    ],
    ['1.3.6.1.4.1.17184', /which no profile knows/, /profile/],
  ] as const) {
    rack.isA(id)
    const error = await refusal(sensorOf(t, [{ address: rack.address, outlets: ['0.9'] }]))
    assert.equal(error.code, 'SENSOR_ABSENT')
    assert.match(error.message, message)
    assert.match(error.remedy ?? '', remedy)
  }
})

test('a PDU that is away at the start and that nobody has named is a cord all the same', async (t) => {
  const [a, b] = [await Rack.start(t), await Rack.start(t)]
  a.say('sentry4', '1.1.1', 150, 160, 500)
  b.say('hpe', '1.5', 20)
  const devices = [
    { address: a.address, profile: 'sentry4', outlets: ['1.1.1'] },
    { address: b.address, outlets: ['1.5'] },
  ]
  const sensor = sensorOf(t, devices)
  const [, away] = await sensor.open(signal)
  assert.deepEqual([away?.facts.pdu, away?.isShare], ['not known yet', true])
  assert.ok(away?.kind === 'counter' && away.isUnidentified)
  assert.deepEqual(await ask(sensor), [500n * WH_UJ, 'SENSOR_ABSENT'])
  b.isA('1.3.6.1.4.1.232.165.7')
  assert.deepEqual(await ask(sensor), [500n * WH_UJ, 20_000_000n])
  assert.equal(await sensor.changed(), true)
  const [, back] = await sensor.open(signal)
  assert.equal(back?.kind, 'power')
})

test('two cords of one machine on two PDUs, one of which is away at the start', async (t) => {
  const [a, b] = [await Rack.start(t), await Rack.start(t)]
  a.say('sentry4', '1.1.1', 150, 160, 500)
  const devices = [a, b].map(({ address }) => ({ address, profile: 'sentry4', outlets: ['1.1.1'] }))
  const sensor = sensorOf(t, devices)
  const channels = await sensor.open(signal)
  assert.deepEqual(
    channels.map((one) => one.kind === 'counter' && one.isUnidentified === true),
    [false, true],
  )
  assert.deepEqual(await ask(sensor), [500n * WH_UJ, 'SENSOR_ABSENT'])
  b.say('sentry4', '1.1.1', 0, 0, 7)
  assert.deepEqual(await ask(sensor), [500n * WH_UJ, 7n * WH_UJ])
  assert.equal(await sensor.changed(), true)
  await sensor.open(signal)
  assert.equal(await sensor.changed(), false)
})

test('what is missing is a failure and no zero', async (t) => {
  const rack = await Rack.start(t)
  rack.say('sentry4', '1.1.1', 150, 160, 500)
  rack.say('hpe', '1.1', 150)
  rack.say('hpe', '1.2', 0)
  const [energy, power, pair] = [
    sensorOf(t, [{ address: rack.address, profile: 'sentry4', outlets: ['1.1.1'] }]),
    sensorOf(t, [{ address: rack.address, profile: 'hpe', outlets: ['1.1'] }]),
    sensorOf(t, [{ address: rack.address, profile: 'hpe', outlets: ['1.1', '1.2'] }]),
  ]
  for (const sensor of [energy, power, pair]) await sensor.open(signal)
  for (const none of [-1, -2, 2 ** 31 - 1]) {
    rack.say('sentry4', '1.1.1', 150, 160, none)
    assert.deepEqual(await ask(energy), ['SENSOR_TRANSIENT'], String(none))
    rack.say('hpe', '1.1', none)
    assert.deepEqual(await ask(power), ['SENSOR_TRANSIENT'], String(none))
  }
  rack.say('hpe', '1.1', 65_535)
  assert.deepEqual(await ask(power), ['SENSOR_CORRUPT'])
  rack.say('hpe', '1.1', 0)
  assert.deepEqual(await ask(power), ['SENSOR_CORRUPT'], 'the only cord')
  assert.deepEqual(await ask(pair), [0n, 0n], 'one of two may idle')
})

test('an agent that has just started shows nothing yet', async (t) => {
  const rack = await Rack.start(t)
  rack.say('sentry4', '1.1.1', 150, 160, 500)
  const sensor = sensorOf(t, [{ address: rack.address, profile: 'sentry4', outlets: ['1.1.1'] }])
  await sensor.open(signal)
  rack.upFor(4)
  rack.say('sentry4', '1.1.1', 0, 0, 0)
  assert.deepEqual(await ask(sensor), ['SENSOR_TRANSIENT'])
  rack.upFor(40)
  rack.say('sentry4', '1.1.1', 150, 160, 501)
  assert.deepEqual(await ask(sensor), [501n * WH_UJ])
})

test('a counter that somebody sets back is another register', async (t) => {
  const rack = await Rack.start(t)
  rack.say('eaton', '0.1', 150, 3, 1_740_000_000)
  const sensor = sensorOf(t, [{ address: rack.address, profile: 'eaton', outlets: ['0.1'] }])
  const [before] = await sensor.open(signal)
  // It has come further since than it was before.
  rack.say('eaton', '0.1', 150, 4, 1_760_000_000)
  assert.deepEqual(await ask(sensor), ['SENSOR_TRANSIENT'])
  assert.equal(await sensor.changed(), true)
  const [after] = await sensor.open(signal)
  assert.deepEqual(
    [before, after].map((one) => one?.kind === 'counter' && one.since),
    ['1740000000', '1760000000'],
  )
  assert.deepEqual(await ask(sensor), [4n * WH_UJ])
  assert.equal(await sensor.changed(), false)
})

test('a coarse counter moves with the watts, and its counts are worth what they say', async (t) => {
  const rack = await Rack.start(t)
  const clock = new TestClock()
  rack.say('apc outlets', '1', 600, 100)
  rack.say('apc device', '1', 'then')
  const sensor = sensorOf(t, [{ address: rack.address, profile: 'apc', outlets: ['1'] }], clock)
  await sensor.open(signal)
  // The pass of its own comes first, so that it does not fall between two times of the clock.
  while (sensor.drain().length === 0) await new Promise(setImmediate)
  const at = async (seconds: number, watts: number, count: number) => {
    clock.advance(BigInt(seconds) * NS_PER_S)
    rack.say('apc outlets', '1', watts, count)
    return (await ask(sensor))[0]
  }
  assert.equal(await at(0, 600, 100), 0n)
  assert.equal(await at(60, 600, 100), 36_000_000_000n)
  assert.equal(await at(60, 600, 101), 72_000_000_000n, 'the phase is not known before')
  assert.equal(await at(300, 600, 101), 252_000_000_000n)
  assert.equal(await at(60, 600, 102), 432_000_000_000n, 'a count after the first one is 360 kJ')
  assert.equal(await at(60, -1, 102), 'SENSOR_TRANSIENT')
  assert.equal(await at(3_600, 600, 108), 2_592_000_000_000n, 'the counter tells what the watts missed')
})

test('SNMP v3 that signs and encrypts, and what is said of a wrong user', async (t) => {
  const user = {
    name: 'meter',
    level: snmp.SecurityLevel.authPriv,
    authProtocol: snmp.AuthProtocols.sha256,
    authKey: 'correct-horse',
    privProtocol: snmp.PrivProtocols.aes,
    privKey: 'battery-staple',
  }
  const rack = await Rack.start(t, user)
  rack.say('sentry4', '1.1.1', 150, 160, 500)
  const folder = mkdtempSync(join(tmpdir(), 'wattledger-pdu-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const file = (name: string, text: string) => {
    writeFileSync(join(folder, name), `${text}\n`, { mode: 0o640 })
    return join(folder, name)
  }
  const device = {
    address: rack.address,
    profile: 'sentry4',
    outlets: ['1.1.1'],
    username: 'meter',
    auth_file: file('auth', 'correct-horse'),
    privacy_file: file('privacy', 'battery-staple'),
  }
  const sensor = sensorOf(t, [device])
  await sensor.open(signal)
  assert.deepEqual(await ask(sensor), [500n * WH_UJ])
  const unknown = await refusal(sensorOf(t, [{ ...device, username: 'nobody' }]))
  assert.equal(unknown.code, 'SENSOR_PERMISSION')
  assert.match(unknown.remedy ?? '', /username, auth, auth_file/)
  // This agent is silent then, others say so.
  const wrong = await refusal(
    sensorOf(t, [{ ...device, auth_file: file('wrong', 'another-one') }], new TestClock(), '200ms'),
  )
  assert.match(wrong.remedy ?? '', /the user and its passwords/)
  assert.doesNotMatch(`${wrong.message} ${wrong.remedy}`, /another-one|staple/)
  const missing = await refusal(sensorOf(t, [{ ...device, auth_file: join(folder, 'none') }]))
  assert.match(missing.message, /the key cannot be read \(ENOENT\)/)
})

test('silence is said with what to do, and costs no other PDU anything', async (t) => {
  const rack = await Rack.start(t)
  rack.say('sentry4', '1.1.1', 150, 160, 500)
  const folder = mkdtempSync(join(tmpdir(), 'wattledger-pdu-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const community = join(folder, 'community')
  writeFileSync(community, 'not-public\n')
  const device = { address: rack.address, profile: 'sentry4', outlets: ['1.1.1'] }
  const error = await refusal(sensorOf(t, [{ ...device, community_file: community }], new TestClock(), '200ms'))
  assert.equal(error.code, 'SENSOR_TIMEOUT')
  assert.match(error.remedy ?? '', /community_file, and its list of managers/)
  assert.doesNotMatch(error.message, /not-public/)
})

test('packets that are no SNMP are no answer, and end nothing', async (t) => {
  const rack = await Rack.start(t)
  rack.say('sentry4', '1.1.1', 150, 160, 500)
  const noise = createSocket('udp4').bind(0, '127.0.0.1')
  await once(noise, 'listening')
  t.after(() => noise.close())
  const answers = [Buffer.alloc(0), Buffer.from('30', 'hex'), Buffer.from('HTTP/1.1 400'), Buffer.alloc(1_400, 0x30)]
  noise.on('message', (request, { port }) => {
    const cut = request.subarray(0, request.length - 3)
    const flipped = Buffer.from(request)
    flipped[request.length >> 1] = 0xff
    for (const answer of [...answers, request, cut, flipped]) noise.send(answer, port, '127.0.0.1')
  })
  const outlet = { profile: 'sentry4', outlets: ['1.1.1'] }
  const devices = [
    { ...outlet, address: rack.address },
    { ...outlet, address: `127.0.0.1:${noise.address().port}` },
  ]
  const sensor = sensorOf(t, devices, new TestClock(), '300ms')
  await sensor.open(signal)
  const [good, bad] = await ask(sensor)
  assert.equal(good, 500n * WH_UJ)
  assert.match(String(bad), /^SENSOR_(TIMEOUT|TRANSIENT)$/)
})

test('an outlet that meters nothing is refused with what to do', async (t) => {
  const rack = await Rack.start(t)
  rack.say('sentry4', '1.1.1', -1, -1, -1)
  for (const outlet of ['1.1.1', '1.1.2']) {
    const error = await refusal(sensorOf(t, [{ address: rack.address, profile: 'sentry4', outlets: [outlet] }]))
    assert.equal(error.code, 'SENSOR_ABSENT')
    assert.match(error.remedy ?? '', /profile and outlets/)
  }
  rack.say('raritan values', '1.1.5', 321)
  rack.say('raritan values', '1.1.8', 321)
  const error = await refusal(sensorOf(t, [{ address: rack.address, profile: 'raritan', outlets: ['1.1'] }]))
  assert.match(error.message, /how many decimals/)
})

test('the configuration names outlets as their PDU does, and each once', () => {
  const device = { address: '10.0.0.5', profile: 'apc', outlets: ['12'] }
  const refused = (more: object, pattern: RegExp) => assert.throws(() => settingsOf([{ ...device, ...more }]), pattern)
  refused({ outlets: ['1.12'] }, /outlets: expected outlets named outlet/)
  refused({ profile: 'sentry4' }, /outlets: expected outlets named unit\.cord\.outlet/)
  refused({ outlets: ['1', '1'] }, /each outlet once/)
  refused({ outlets: [] }, /a list of 1 to 24 outlets/)
  refused({ address: 'snmp://x' }, /address: expected a host/)
  refused({ auth_file: '/a' }, /username: expected the user/)
  refused({ username: 'u', privacy_file: '/a' }, /auth_file: expected a file/)
  refused({ username: 'u', community_file: '/a' }, /community_file: expected no community/)
  assert.throws(() => settingsOf([device, device]), /a PDU that no other entry has/)
})
