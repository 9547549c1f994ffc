import assert from 'node:assert/strict'
import { test } from 'node:test'
import { doctorText } from '../../src/commands/doctor-text.ts'
import { probePush } from '../../src/otlp/probe.ts'
import { otlp, type PushSettings } from '../../src/otlp/schema.ts'
import { fileOf } from './rig.ts'
import { type Answer, TestReceiver } from './test-receiver.ts'

const doctor = async (settings: unknown) => {
  const push = await probePush(otlp.parse(settings) as PushSettings, {})
  return doctorText({
    user: 'test',
    note: null,
    sources: [],
    unmetered: [],
    offers: [],
    inventory: { known: [], said: [] },
    push,
  })
}

test('doctor pushes a message without metrics, with the key', async (t) => {
  const receiver = await TestReceiver.start(t)
  const text = await doctor({ url: receiver.url, key_file: fileOf(t, 'key', 'k3y-of-the-doctor') })
  assert.match(text, /^✓ otlp: 127\.0\.0\.1:\d+ takes metrics$/m)
  assert.equal(receiver.newest.headers.authorization, 'Bearer k3y-of-the-doctor')
  assert.deepEqual(receiver.newest.sent.metrics, [])
})

test('doctor says why a receiver takes nothing, and where to look', async (t) => {
  const receiver = await TestReceiver.start(t)
  for (const [answer, expected] of [
    [{ status: 401 }, /✗ otlp: it takes no metrics: \S+: HTTP 401\n {4}Look at otlp\.key_file/],
    [{ status: 404 }, /HTTP 404\n {4}Look at the path of otlp\.url: \/v1\/metrics/],
    [{ body: '<html>' }, /expected an answer by OTLP, received something else\n {4}Look at otlp\.url/],
  ] as const satisfies readonly (readonly [Answer, RegExp])[]) {
    receiver.answer = answer
    assert.match(await doctor({ url: receiver.url }), expected)
  }
  assert.match(await doctor({ url: receiver.url, key_file: '/nonexistent/key' }), /\/nonexistent\/key: the key cannot/)
})
