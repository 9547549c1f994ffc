import assert from 'node:assert/strict'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { test } from 'node:test'
import { masked } from '../../src/model/secrets.ts'
import { A_SNAPSHOT } from '../exporter/a-snapshot.ts'
import { fixture } from '../exporter/secured.ts'
import { partialSuccess } from './protobuf.ts'
import { fileOf, rigOf } from './rig.ts'
import { type Answer, TestReceiver } from './test-receiver.ts'

const MINUTE = 60_000
/** With all chances even, the first wait after a failure. */
const FIRST_WAIT = 3_750

test('a push is one POST of the newest state, with gzip and without', async (t) => {
  const receiver = await TestReceiver.start(t)
  const rig = await rigOf(receiver, { headers: { 'X-Scope-OrgID': 'team-1' } })
  assert.equal(await rig.look(), MINUTE)
  assert.equal(receiver.newest.path, '/v1/metrics')
  assert.equal(receiver.newest.headers['content-type'], 'application/x-protobuf')
  assert.equal(receiver.newest.headers['content-encoding'], 'gzip')
  assert.equal(receiver.newest.headers['x-scope-orgid'], 'team-1')
  const unpacked = await rigOf(receiver, { compression: 'none', url: `${receiver.url}/api/v1/otlp/v1/metrics` })
  unpacked.snapshot = { ...A_SNAPSHOT, atUnixMs: A_SNAPSHOT.atUnixMs + 1_000 }
  await unpacked.look()
  assert.equal(receiver.newest.path, '/api/v1/otlp/v1/metrics')
  assert.equal(receiver.newest.headers['content-encoding'], undefined)
  const [first, second] = receiver.pushed
  assert.equal(second?.sent.metrics.length, first?.sent.metrics.length)
  assert.deepEqual(rig.push.state, {
    pushes: { taken: 1, partial: 0, failed: 0 },
    rejectedPoints: 0,
    lastTakenUnixMs: rig.push.state.lastTakenUnixMs,
  })
  assert.deepEqual([...rig.said, ...unpacked.said], [])
})

test('before the first snapshot nothing is pushed, and it is looked for again soon', async (t) => {
  const receiver = await TestReceiver.start(t)
  const rig = await rigOf(receiver)
  rig.snapshot = null
  assert.equal(await rig.look(), 1_000)
  assert.deepEqual([receiver.pushed.length, rig.said], [0, []])
})

test('failures are said once and tried again, later and later, with the state of then', async (t) => {
  const receiver = await TestReceiver.start(t)
  const rig = await rigOf(receiver, { interval: '5s' })
  receiver.answer = { status: 503 }
  const waits: number[] = []
  for (let n = 0; n < 9; n++) {
    rig.snapshot = { ...A_SNAPSHOT, atUnixMs: A_SNAPSHOT.atUnixMs + n }
    waits.push(await rig.look())
  }
  assert.deepEqual(waits.slice(0, 3), [FIRST_WAIT, 2 * FIRST_WAIT, 4 * FIRST_WAIT])
  assert.equal(waits.at(-1), 0.75 * 5 * MINUTE)
  receiver.answer = {}
  assert.equal(await rig.look(), 5_000)
  const ends = receiver.pushed.map(({ sent }) => sent.metrics[0]?.points[0]?.endNs)
  assert.equal(new Set(ends).size, 9)
  assert.deepEqual(rig.push.state.pushes, { taken: 1, partial: 0, failed: 9 })
  assert.deepEqual(
    rig.said.map(({ event }) => event),
    ['otlp_push_failed', 'otlp_pushed'],
  )
  assert.match(rig.said[0]?.message ?? '', /^otlp: 127\.0\.0\.1:\d+ takes no metrics .*: HTTP 503$/)
})

test('Retry-After is obeyed where it may be sent again', async (t) => {
  const receiver = await TestReceiver.start(t)
  for (const status of [429, 503]) {
    const rig = await rigOf(receiver)
    receiver.answer = { status, headers: { 'retry-after': '600' } }
    assert.equal(await rig.look(), 600_000 + FIRST_WAIT / 2)
  }
})

test('what a receiver refuses for good is not sent again before its time', async (t) => {
  const receiver = await TestReceiver.start(t)
  for (const status of [400, 401, 404, 413, 500]) {
    const rig = await rigOf(receiver)
    receiver.answer = { status, body: 'secret of the server' }
    assert.equal(await rig.look(), MINUTE)
    assert.ok(rig.said[0]?.message.endsWith(`: HTTP ${status}`))
  }
})

test('a partial success is counted each time, and said once until it is over', async (t) => {
  const receiver = await TestReceiver.start(t)
  const rig = await rigOf(receiver)
  receiver.answer = { body: partialSuccess(7, 'too old\u0007\n<b>') }
  assert.deepEqual([await rig.look(), await rig.look()], [MINUTE, MINUTE])
  assert.equal(rig.push.state.rejectedPoints, 14)
  assert.deepEqual(rig.push.state.pushes, { taken: 0, partial: 2, failed: 0 })
  receiver.answer = { body: partialSuccess(0, 'a warning') }
  await rig.look()
  receiver.answer = { body: partialSuccess(1, '') }
  await rig.look()
  assert.deepEqual(
    rig.said.map(({ event, message }) => `${event}: ${message.replace(/127\S+/, 'RECEIVER')}`),
    [
      'otlp_points_rejected: otlp: RECEIVER refuses 7 points and takes the others; it says: too old <b>',
      'otlp_points_rejected: otlp: RECEIVER refuses 1 points and takes the others; it says: ',
    ],
  )
  assert.deepEqual(rig.push.state.pushes, { taken: 1, partial: 3, failed: 0 })
})

test('garbage is a failure', async (t) => {
  const receiver = await TestReceiver.start(t)
  const garbage: Answer[] = [
    { body: '<!doctype html><title>Grafana</title>' },
    { body: Buffer.from([0x0a, 0xff, 0xff, 0xff, 0xff, 0x0f]) },
    { body: Buffer.alloc(9 << 20) },
    { status: 302, headers: { location: `${receiver.url}/elsewhere` } },
    { status: 200, headers: { 'content-length': '10' }, hangs: 'after the head' },
  ]
  for (const answer of garbage) {
    const rig = await rigOf(receiver, { timeout: '1s' })
    receiver.answer = answer
    await rig.look()
    assert.deepEqual(rig.push.state.pushes, { taken: 0, partial: 0, failed: 1 }, JSON.stringify(answer).slice(0, 80))
  }
})

test('a receiver that hangs is given up after the timeout, and the next push goes its way', async (t) => {
  const receiver = await TestReceiver.start(t)
  const rig = await rigOf(receiver, { timeout: '1s' })
  receiver.answer = { hangs: 'at once' }
  assert.equal(await rig.look(), FIRST_WAIT)
  assert.match(rig.said[0]?.message ?? '', /no answer within 1 s$/)
  receiver.answer = {}
  assert.equal(await rig.look(), MINUTE)
})

test('a receiver that is gone is told so', async (t) => {
  const receiver = await TestReceiver.start(t)
  const closed = createServer().listen(0, '127.0.0.1')
  await once(closed, 'listening')
  const { port } = closed.address() as { port: number }
  closed.close()
  const rig = await rigOf(receiver, { url: `http://127.0.0.1:${port}` })
  await rig.look()
  assert.match(rig.said[0]?.message ?? '', /it refuses the connection \(ECONNREFUSED\)$/)
})

test('TLS: our authority and our certificate', async (t) => {
  const receiver = await TestReceiver.start(t, true)
  const client = { cert_file: fixture('client.crt'), key_file: fixture('client.key') }
  const rig = await rigOf(receiver, { tls: { ca_file: fixture('ca.crt'), ...client } })
  assert.equal(await rig.look(), MINUTE)
  const stranger = { cert_file: fixture('stranger.crt'), key_file: fixture('stranger.key') }
  for (const [tls, reason] of [
    [{ ...client }, /not trusted \(/],
    [{ ca_file: fixture('stranger.crt'), ...client }, /not trusted \(/],
    [{ ca_file: fixture('ca.crt') }, /the connection failed|broke off the connection/],
    [{ ca_file: fixture('ca.crt'), ...stranger }, /the connection failed|broke off the connection/],
    [{ ca_file: '/nonexistent/ca.crt' }, /\/nonexistent\/ca\.crt: it cannot be read \(ENOENT\)$/],
    [{ ca_file: fixture('ca.crt'), cert_file: fixture('client.key') }, /client\.key: expected certificates in PEM/],
  ] as const) {
    const wrong = await rigOf(receiver, { tls })
    await wrong.look()
    assert.deepEqual(wrong.push.state.pushes, { taken: 0, partial: 0, failed: 1 }, String(reason))
    assert.match(wrong.said[0]?.message ?? '', reason)
  }
  assert.equal(receiver.pushed.length, 1)
})

test('secrets come from files, and are masked wherever they turn up', async (t) => {
  const receiver = await TestReceiver.start(t)
  const key = fileOf(t, 'key', 'hunter2-hunter2\n')
  const bearer = await rigOf(receiver, {
    key_file: key,
    header_files: { 'api-key': fileOf(t, 'api', 's3cr3t-api-key') },
  })
  await bearer.look()
  assert.equal(receiver.newest.headers.authorization, 'Bearer hunter2-hunter2')
  assert.equal(receiver.newest.headers['api-key'], 's3cr3t-api-key')
  const basic = await rigOf(receiver, { key_file: key, user: '12345' })
  receiver.answer = { body: partialSuccess(1, `not for hunter2-hunter2 nor s3cr3t-api-key`) }
  await basic.look()
  const pair = Buffer.from('12345:hunter2-hunter2').toString('base64')
  assert.equal(receiver.newest.headers.authorization, `Basic ${pair}`)
  assert.match(basic.said[0]?.message ?? '', /it says: not for \*\*\* nor \*\*\*$/)
  assert.equal(masked(pair), '***')
})

test('a key that comes later, or is another one now, is read anew', async (t) => {
  const receiver = await TestReceiver.start(t)
  const file = fileOf(t, 'key', 'two keys')
  const rig = await rigOf(receiver, { key_file: file })
  await rig.look()
  assert.match(rig.said[0]?.message ?? '', /\/key: expected a key on one line$/)
  assert.equal(receiver.pushed.length, 0)
  for (const key of ['first-key', 'second-key']) {
    writeFileSync(file, key)
    await rig.look()
    assert.equal(receiver.newest.headers.authorization, `Bearer ${key}`)
  }
})

test('the end pushes the last state, and waits two seconds at most', async (t) => {
  const receiver = await TestReceiver.start(t)
  const rig = await rigOf(receiver)
  await rig.push.start(new AbortController().signal)
  rig.snapshot = { ...A_SNAPSHOT, atUnixMs: A_SNAPSHOT.atUnixMs + 42 }
  await rig.push.stop()
  assert.equal(receiver.newest.sent.metrics[0]?.points[0]?.endNs, BigInt(A_SNAPSHOT.atUnixMs + 42) * 1_000_000n)
  const taken = receiver.pushed.length
  await rig.push.stop()
  assert.equal(receiver.pushed.length, taken)

  const hanging = await rigOf(receiver, { timeout: '1m' })
  receiver.answer = { hangs: 'at once' }
  const underWay = hanging.look()
  await hanging.push.start(new AbortController().signal)
  const before = performance.now()
  await hanging.push.stop()
  assert.ok(performance.now() - before < 10_000)
  receiver.answer = {}
  void underWay
})

test('an agent that has no state pushes nothing at its end', async (t) => {
  const receiver = await TestReceiver.start(t)
  const rig = await rigOf(receiver)
  rig.snapshot = null
  await rig.push.stop()
  assert.equal(receiver.pushed.length, 0)
})
