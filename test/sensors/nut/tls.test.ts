import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import type { SensorError } from '../../../src/model/sensor-error.ts'
import { nut } from '../../../src/sensors/nut/nut.ts'
import { nutSchema } from '../../../src/sensors/nut/schema.ts'
import { TestClock } from '../../integration/machine.ts'
import { ask } from '../said.ts'
import { CERTIFICATES, Upsd } from './upsd.ts'

const { signal } = new AbortController()
const CA = join(CERTIFICATES, 'ca.crt')
const pinOf = (name: string) => new X509Certificate(readFileSync(join(CERTIFICATES, `${name}.crt`))).fingerprint256

function sensorOf(t: TestContext, upsd: Upsd, keys: object) {
  const settings = nutSchema.parse({
    interval: '1h',
    deadline: '2s',
    inputs: [{ server: upsd.server, ups: 'rack', scope: 'ac_in', device: 'ups', ...keys }],
  })
  const sensor = nut.create(settings, { sysfs: '/sys', procfs: '/proc', devfs: '/dev', clock: new TestClock() })
  t.after(() => sensor.close())
  return sensor
}

for (const [name, keys] of [
  ['of a known authority', { ca_file: CA }],
  ['that is pinned', { fingerprint: pinOf('server') }],
  ['that is pinned without colons', { fingerprint: pinOf('server').replaceAll(':', '').toLowerCase() }],
] as const) {
  test(`watts over TLS from a server with a certificate ${name}`, async (t) => {
    const upsd = await Upsd.start(t)
    upsd.certificate = 'server'
    const sensor = sensorOf(t, upsd, { tls: true, ...keys })
    await sensor.open(signal)
    assert.deepEqual(await ask(sensor), [312_000_000n])
    await upsd.restart()
    assert.deepEqual(await ask(sensor), [312_000_000n])
    assert.deepEqual(new Set(upsd.lines.slice(0, 1)), new Set(['STARTTLS']))
    assert.equal(upsd.secretLines, upsd.lines.filter((line) => line !== 'STARTTLS').length)
  })
}

for (const [name, certificate, keys, message] of [
  ['no certificate', null, {}, /does not encrypt \(ERR FEATURE-NOT-CONFIGURED\)/],
  ['one of nobody that is known', 'server', {}, /signed by no known authority/],
  ['one of another name', 'stranger', { ca_file: CA }, /signed by no known authority or is of another name/],
  [
    'another one than was pinned',
    'renewed',
    { fingerprint: pinOf('server') },
    /another certificate than its fingerprint/,
  ],
] as const) {
  test(`nothing is asked of a server with ${name}`, async (t) => {
    const upsd = await Upsd.start(t)
    upsd.certificate = certificate
    const error: SensorError = await sensorOf(t, upsd, { tls: true, ...keys })
      .open(signal)
      .then(
        () => assert.fail('it opened'),
        (error: SensorError) => error,
      )
    assert.equal(error.code, 'SENSOR_PERMISSION')
    assert.match(error.message, message)
    const pinned = certificate === null ? /upsd\.conf/ : new RegExp(`fingerprint .*"${pinOf(certificate)}"`)
    assert.match(error.remedy ?? '', pinned)
    assert.deepEqual(new Set(upsd.lines), new Set(['STARTTLS']))
  })
}

test('a file of authorities that cannot be read, and keys of TLS without it', async (t) => {
  const upsd = await Upsd.start(t)
  upsd.certificate = 'server'
  await assert.rejects(
    sensorOf(t, upsd, { tls: true, ca_file: '/no/ca.crt' }).open(signal),
    /ca\.crt: it cannot be read/,
  )
  assert.throws(() => sensorOf(t, upsd, { ca_file: CA }), /none where tls is false/)
  assert.throws(() => sensorOf(t, upsd, { fingerprint: pinOf('server') }), /none where tls is false/)
})

test('a server that never finishes the handshake is given up', async (t) => {
  const upsd = await Upsd.start(t)
  upsd.reply = (line) => (line === 'STARTTLS' ? 'OK STARTTLS\n' : null)
  await assert.rejects(
    sensorOf(t, upsd, { tls: true, ca_file: CA }).open(signal),
    (error: SensorError) => error.code === 'SENSOR_TIMEOUT',
  )
})
