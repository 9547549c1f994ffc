import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Http2Server, type ServerHttp2Stream } from 'node:http2'
import { createServer as createPlainServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { consumerOf } from '../../src/attribution/consumer-of.ts'
import { Names } from '../../src/attribution/names.ts'
import { RuntimeNames } from '../../src/attribution/runtime-names.ts'
import { callGrpc } from '../../src/attribution/runtimes/grpc.ts'
import { framed, message, podMetadata } from './cri.ts'

const ID = '3f8a'.repeat(16)
const SANDBOX_ID = '77d1'.repeat(16)
const POD = { name: 'train-0', uid: '0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9', namespace: 'ml' }
const CONTAINER = consumerOf(`/system.slice/cri-containerd-${ID}.scope`)
const POD_CONSUMER = consumerOf(`/kubepods/burstable/pod${POD.uid}`)

const SANDBOXES = message({ 1: message({ 1: SANDBOX_ID, 2: podMetadata(POD), 3: 0, 4: 1_700_000_000_000_000 }) })
const IMAGE = { 1: 'sha256:0011', 18: 'registry.example/train:2' }
const CONTAINERS = message({
  1: [
    message({ 1: ID, 2: SANDBOX_ID, 3: message({ 1: 'worker', 2: 3 }), 4: message(IMAGE), 6: 1 }),
    message({ 1: 'x', 3: message({ 1: 'no id' }) }),
    message({ 1: '00ff'.repeat(16) }),
  ],
})

type Answer = (stream: ServerHttp2Stream, method: string) => void

const good: Answer = (stream, method) => send(stream, method.endsWith('/ListContainers') ? CONTAINERS : SANDBOXES)

function send(stream: ServerHttp2Stream, bytes: Buffer, status = '0'): void {
  stream.respond({ 'content-type': 'application/grpc' }, { waitForTrailers: true })
  stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': status }))
  stream.end(framed(bytes))
}

async function listening(t: TestContext, server: Http2Server | Server): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'wattledger-cri-'))
  t.after(() => {
    server.close()
    rmSync(folder, { recursive: true })
  })
  server.listen(join(folder, 'cri.sock'))
  await once(server, 'listening')
  return join(folder, 'cri.sock')
}

/** A runtime that speaks CRI alone, as containerd does: other requests break the connection. */
async function runtime(t: TestContext) {
  const one = { nowMs: 0, asked: [] as string[], answer: good, names: new Names(NO_FILES, () => 0), look }
  const server = createServer()
  server.on('stream', (stream, headers) => {
    stream.on('error', () => {})
    const method = String(headers[':path'])
    one.asked.push(method)
    one.answer(stream, method)
  })
  server.on('sessionError', () => {})
  const socket = await listening(t, server)
  const runtimes = new RuntimeNames({ sockets: [socket], nowMs: () => one.nowMs })
  t.after(() => runtimes.stop())
  one.names = new Names(NO_FILES, () => one.nowMs, runtimes)
  async function look() {
    one.names.of(CONTAINER)
    await runtimes.idle()
  }
  return one
}

const NO_FILES = { passwd: '/nowhere', podLogs: '/nowhere' }

test('containers and pods have the names that containerd or CRI-O gives', async (t) => {
  const one = await runtime(t)
  await one.look()
  assert.deepEqual(one.names.of(CONTAINER), {
    ...CONTAINER,
    name: 'worker',
    labels: { ...CONTAINER.labels, namespace: 'ml', pod: 'train-0', image: 'registry.example/train:2' },
  })
  const { name, labels } = one.names.of(POD_CONSUMER)
  assert.deepEqual([name, labels.namespace, labels.pod], ['ml/train-0', 'ml', 'train-0'])
  assert.equal(one.names.of(consumerOf(`/k8s.io/${SANDBOX_ID}`)).name, 'ml/train-0')
  assert.equal(one.names.of(consumerOf(`/k8s.io/${'00ff'.repeat(16)}`)).name, '00ff00ff00ff')
  assert.deepEqual(one.asked, [
    '/runtime.v1.RuntimeService/ListPodSandbox',
    '/runtime.v1.RuntimeService/ListContainers',
  ])
})

test('what three answers do not have is asked for no more, until something new is', async (t) => {
  const one = await runtime(t)
  one.answer = (stream) => send(stream, Buffer.alloc(0))
  for (let time = 0; time < 5; time++) {
    await one.look()
    one.nowMs += 10_000
  }
  assert.equal(one.asked.length, 2 * 3)
  one.answer = good
  one.names.of(POD_CONSUMER)
  await one.look()
  assert.equal(one.names.of(CONTAINER).name, 'worker')
})

const BAD: Readonly<Record<string, Answer>> = {
  'an error in its trailers': (stream) => send(stream, SANDBOXES, '12'),
  'an error alone': (stream) => stream.respond({ ':status': 200, 'grpc-status': '12' }, { endStream: true }),
  'no status': (stream) => {
    stream.respond({ 'content-type': 'application/grpc' })
    stream.end(framed(SANDBOXES))
  },
  'another status of HTTP': (stream) => stream.respond({ ':status': 503 }, { endStream: true }),
  'less than it says': (stream) => send(stream, SANDBOXES.subarray(0, 20)),
  'no message': (stream) => send(stream, Buffer.from([0x0a, 0xff, 0xff, 0xff])),
  'too much': (stream) => send(stream, Buffer.alloc(9 << 20)),
  'a reset': (stream) => stream.close(2),
  'a broken connection': (stream) => stream.session?.destroy(),
}

for (const [what, answer] of Object.entries(BAD)) {
  test(`a runtime that answers over gRPC with ${what} changes nothing, and is asked again later`, async (t) => {
    const one = await runtime(t)
    one.answer = answer
    await one.look()
    assert.equal(one.names.of(CONTAINER), CONTAINER)
    const { length } = one.asked
    one.nowMs += 9_999
    await one.look()
    assert.equal(one.asked.length, length)
    one.nowMs += 20_001
    one.answer = good
    await one.look()
    assert.equal(one.names.of(CONTAINER).name, 'worker')
  })
}

test('a runtime that hangs is given up in time, and at once when the agent stops', { timeout: 60_000 }, async (t) => {
  const one = await runtime(t)
  one.answer = () => {}
  const server = createPlainServer((connection) => connection.on('error', () => {}))
  const socketPath = await listening(t, server)
  const call = { socketPath, method: '/a/b', message: Buffer.alloc(0), timeoutMs: 20, maxBytes: 9 }
  await assert.rejects(callGrpc(call, new AbortController().signal))
  await assert.rejects(callGrpc({ ...call, socketPath: `${socketPath}-none` }, new AbortController().signal))
  const ending = new AbortController()
  const asked = callGrpc({ ...call, timeoutMs: 60_000 }, ending.signal)
  ending.abort()
  await assert.rejects(asked)
  one.names.of(CONTAINER)
  // The end of the test stops the runtimes, which would last.
})
