import assert from 'node:assert/strict'
import { test } from 'node:test'
import { redfishSchema } from '../../../src/sensors/redfish/schema.ts'
import { Bmc } from '../../fixtures/redfish/bmc.ts'
import { dial, xcc } from '../../fixtures/redfish/trees.ts'
import { Rig, shown } from './rig.ts'

const withColons = (pin: string) => pin.toUpperCase().match(/../g)?.join(':') ?? ''

test('a pin is written with colons or without', async (t) => {
  const rig = await Rig.create(t, xcc(dial()), { fingerprint: withColons(Bmc.fingerprintOf()) })
  await rig.open()
  assert.deepEqual(shown(await rig.pass()), [312])
})

for (const [what, fingerprint, message] of [
  [
    'another certificate',
    Bmc.fingerprintOf('renewed'),
    /it shows another certificate than sensors\.redfish\.fingerprint; nothing was sent/,
  ],
  [
    'one that no authority signed',
    null,
    /signed by no known authority.*\(UNABLE_TO_VERIFY_LEAF_SIGNATURE\); nothing was sent/,
  ],
] as const) {
  test(`${what} gets not a byte of a request, and doctor shows its fingerprint`, async (t) => {
    const rig = await Rig.create(t, xcc(dial()), { fingerprint })
    const error = await rig.refusal()
    assert.equal(error.code, 'SENSOR_PERMISSION')
    assert.match(error.message, message)
    assert.ok(error.remedy?.endsWith(`set sensors.redfish.fingerprint: "${withColons(Bmc.fingerprintOf())}"`))
    assert.deepEqual(rig.bmc.asked, [])
  })
}

test('a certificate that changes while it reads gets no token', async (t) => {
  const rig = await Rig.create(t, xcc(dial()))
  await rig.open()
  await rig.pass()
  await rig.bmc.reboot('renewed')
  const asked = rig.bmc.asked.length
  assert.deepEqual(shown(await rig.pass()), ['SENSOR_PERMISSION'])
  await rig.sensor.close()
  assert.equal(rig.bmc.asked.length, asked)
})

test('keys that do not go together are refused', () => {
  const faults = (keys: object) =>
    redfishSchema
      .safeParse({ url: 'https://bmc', ...keys })
      .error?.issues.map(({ path, message }) => `${path}: ${message}`) ?? []
  assert.deepEqual(faults({ username: 'a', password_file: '/p' }), [])
  assert.deepEqual(faults({ url: 'http://192.168.31.1' }), [])
  assert.deepEqual(faults({ username: 'a' }), ['password_file: the file with the password of username'])
  assert.match(
    faults({ url: 'http://bmc', username: 'a', password_file: '/p' }).join(),
    /^url: https, since a password/,
  )
  assert.match(
    faults({ url: 'http://bmc', fingerprint: 'ab'.repeat(32) }).join(),
    /^url: https, since plain HTTP has no/,
  )
  for (const url of ['bmc', 'https://', 'https://u:p@bmc', 'https://bmc/x', 'ftp://bmc', 'https://bmc:99999']) {
    assert.match(faults({ url }).join(), /^url: a URL such as/, url)
  }
  for (const fingerprint of ['ab', 'zz'.repeat(32), `${'ab:'.repeat(32)}`]) {
    assert.match(faults({ fingerprint }).join(), /^fingerprint: a SHA-256/, fingerprint)
  }
})
