import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer, type ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { consumerOf } from '../../src/attribution/consumer-of.ts'
import { Names } from '../../src/attribution/names.ts'
import { RuntimeNames } from '../../src/attribution/runtime-names.ts'

const ID = '3f8a'.repeat(16)
const UID = '0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9'
const CONTAINER = consumerOf(`/system.slice/docker-${ID}.scope`)
const POD = consumerOf(`/kubepods/burstable/pod${UID}`)
const ANSWER = [
  {
    Id: ID,
    Names: ['/web'],
    Image: 'nginx:1.27',
    Labels: {
      'com.docker.compose.project': 'shop',
      'com.docker.compose.service': 'web',
      'io.kubernetes.pod.uid': UID,
      'io.kubernetes.pod.namespace': 'ml',
      'io.kubernetes.pod.name': 'train-0',
      other: 'x',
    },
  },
]

/** A runtime on a socket of its own, which answers as a test says, and names by it. */
async function runtime(context: TestContext, below = '.') {
  const folder = mkdtempSync(join(tmpdir(), 'wattledger-runtime-'))
  mkdirSync(join(folder, below), { recursive: true })
  const socket = join(folder, below, 'docker.sock')
  const one = {
    nowMs: 0,
    asked: 0,
    answer: (response: ServerResponse): unknown => response.end(JSON.stringify(ANSWER)),
    names: new Names({ passwd: '/nowhere', podLogs: '/nowhere' }, () => 0),
    /** Names are looked up, and the answer that this brings about has come. */
    async look() {
      one.names.of(CONTAINER)
      await runtimes.idle()
    },
  }
  const server = createServer((request, response) => {
    assert.equal(request.url, '/containers/json')
    one.asked++
    one.answer(response)
  })
  server.listen(socket)
  await once(server, 'listening')
  const runtimes = new RuntimeNames({ sockets: [join(folder, 'none.sock'), socket], nowMs: () => one.nowMs })
  one.names = new Names({ passwd: '/nowhere', podLogs: '/nowhere' }, () => one.nowMs, runtimes)
  context.after(async () => {
    await runtimes.stop()
    server.closeAllConnections()
    server.close()
    rmSync(folder, { recursive: true })
  })
  return one
}

test('containers and pods have the names that their runtime gives, once it has answered', async (t) => {
  const one = await runtime(t)
  assert.equal(one.names.of(CONTAINER), CONTAINER)
  await one.look()
  assert.deepEqual(one.names.of(CONTAINER), {
    ...CONTAINER,
    name: 'web',
    labels: {
      ...CONTAINER.labels,
      project: 'shop',
      service: 'web',
      namespace: 'ml',
      pod: 'train-0',
      image: 'nginx:1.27',
    },
  })
  const { name, labels } = one.names.of(POD)
  assert.deepEqual([name, labels.namespace, labels.pod], ['ml/train-0', 'ml', 'train-0'])
  // One that has a name is not asked for again.
  one.nowMs = 1e9
  one.names.of(CONTAINER)
  assert.equal(one.asked, 1)
})

test('a user’s own runtime names what is inside of that user, and nothing else', async (t) => {
  const one = await runtime(t, 'run/user/1000/podman')
  const [own, another] = [1000, 1001].map((uid) => {
    return consumerOf(`/user.slice/user-${uid}.slice/user@${uid}.service/user.slice/libpod-${ID}.scope`)
  })
  assert.ok(own && another)
  await one.look()
  assert.deepEqual(
    [own, another, CONTAINER, POD].map((consumer) => one.names.of(consumer).name),
    ['web', another.name, CONTAINER.name, POD.name],
  )
})

const BAD: Readonly<Record<string, (response: ServerResponse) => unknown>> = {
  'an error': (response) => response.writeHead(500).end('[]'),
  'no JSON': (response) => response.end('['),
  'no list': (response) => response.end('{"message": "no"}'),
  'odd entries': (response) =>
    response.end(
      JSON.stringify([null, 7, [], { Id: 'x', Names: ['/a'] }, { Id: ID, Names: [{}] }, { Id: ID, Names: ['/'] }]),
    ),
  'too much': (response) => response.end(Buffer.alloc(9 << 20, ' ')),
  'a broken connection': (response) => response.destroy(),
}

for (const [what, answer] of Object.entries(BAD)) {
  test(`a runtime that answers with ${what} changes nothing, and is asked again later`, async (t) => {
    const one = await runtime(t)
    one.answer = answer
    await one.look()
    assert.equal(one.names.of(CONTAINER), CONTAINER)
    one.nowMs += 9_999
    one.names.of(CONTAINER)
    assert.equal(one.asked, 1)
    one.nowMs += 20_001
    one.answer = (response) => response.end(JSON.stringify(ANSWER))
    await one.look()
    assert.equal(one.names.of(CONTAINER).name, 'web')
  })
}
