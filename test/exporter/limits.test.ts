import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { type TestContext, test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { HttpServer } from '../../src/exporter/http-server.ts'
import { OPEN_WEB_CONFIG } from '../../src/exporter/web-config/open-web-config.ts'
import { GuardedServer } from '../../src/io/serve/guarded-server.ts'
import type { HttpLimits } from '../../src/io/serve/http-limits.ts'
import { ask, connectTo, LogRecorder, NEVER, receiveAll } from './served.ts'

/** Short enough that a test can wait for the real clocks. */
const SHORT: Partial<HttpLimits> = {
  requestMs: 400,
  answerMs: 60,
  idleMs: 600_000,
  closeMs: 60,
}

type Write = (response: ServerResponse) => void

async function listen(
  context: TestContext,
  limits: Partial<HttpLimits>,
  write: Write = (response) => response.end('ok'),
) {
  const server = new HttpServer({
    answer: async (_request, response) => write(response),
    webConfig: () => OPEN_WEB_CONFIG,
    logger: new LogRecorder(),
    limits: { ...SHORT, ...limits },
  })
  context.after(() => server.close(AbortSignal.abort()))
  return { server, address: await server.listen({ host: '127.0.0.1', port: 0 }) }
}

test('slow clients are cut off and others are served meanwhile', async (t) => {
  const { address } = await listen(t, {})
  const silent = receiveAll(await connectTo(address))
  const slowHeaders = await connectTo(address)
  slowHeaders.write('GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ')
  const drip = setInterval(() => slowHeaders.write('z'), 5)
  const slowBody = await connectTo(address)
  slowBody.write('POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nz')
  const received = Promise.all([silent, receiveAll(slowHeaders), receiveAll(slowBody)])
  assert.equal((await ask(address)).status, 200)
  const [, headers, body] = await received
  clearInterval(drip)
  assert.match(headers, /^HTTP\/1.1 408 Request Timeout\r\n/)
  assert.match(body, /^HTTP\/1.1 200 OK\r\nDate: [^\r]*\r\nConnection: close\r\n/)
  assert.doesNotMatch(body, /408/)
  assert.equal((await ask(address)).status, 200)
})

test('the clock of a request begins with its first byte, so that who has been answered may be silent', async (t) => {
  const { address } = await listen(t, {})
  const socket = await connectTo(address)
  const received = receiveAll(socket)
  const answered = async () => {
    const answer = once(socket, 'data')
    socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n')
    assert.match(String((await answer)[0]), /^HTTP\/1.1 200 /)
  }
  await answered()
  // Comes later, and is silent for as long as anyone may be.
  await receiveAll(await connectTo(address))
  await answered()
  socket.write('GET / HT')
  assert.match(await received, /ok(?:HTTP\/1.1 200 [\s\S]*)ok(?:HTTP\/1.1 408 )/)
})

test('a client that does not read its answer is cut off', async (t) => {
  const large = Buffer.alloc(64 * 1024 * 1024)
  const closed = Promise.withResolvers<boolean>()
  const { address } = await listen(t, { requestMs: 600_000 }, (response) => {
    response.once('close', () => closed.resolve(response.writableFinished))
    response.end(large)
  })
  const socket = await connectTo(address)
  socket.pause()
  socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n')
  assert.equal(await closed.promise, false)
  socket.destroy()
})

test('an answer that never comes ends the connection', async (t) => {
  const { address } = await listen(t, {}, () => {})
  await assert.rejects(ask(address), { code: 'ECONNRESET' })
})

test('who comes takes the place of who was silent for longest: nobody is kept out by connections that ask nothing', async (t) => {
  const { address } = await listen(t, { connections: 4, requestMs: 600_000 })
  const asked = await connectTo(address)
  asked.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n')
  await once(asked, 'data')
  const silent = []
  for (let n = 0; n < 12; n++) {
    const socket = await connectTo(address)
    if (n % 2 === 0) socket.write('GET / HT')
    silent.push(receiveAll(socket))
    assert.equal((await ask(address)).status, 200)
  }
  await Promise.all(silent.slice(0, 9))
  asked.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n')
  const [answer] = await once(asked, 'data')
  assert.match(String(answer), /^HTTP\/1\.1 200 /, 'one that has asked before is kept longer')
})

test('where none is silent, one that is idle makes room; where all are answered, the newest is ended', async (t) => {
  const answers: ServerResponse[] = []
  const { address } = await listen(t, { connections: 2, requestMs: 600_000, answerMs: 600_000 }, (response) => {
    answers.push(response)
    if (answers.length === 1) response.end('ok')
  })
  const idle = await connectTo(address)
  const ended = receiveAll(idle)
  const answered = once(idle, 'data')
  idle.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n')
  await answered
  const received = []
  for (const count of [2, 3]) {
    const socket = await connectTo(address)
    received.push(receiveAll(socket))
    socket.write('GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')
    while (answers.length < count) await setImmediate()
  }
  assert.match(await ended, /ok$/)
  assert.equal(await receiveAll(await connectTo(address)), '')
  for (const response of answers) response.end('late')
  for (const answer of await Promise.all(received)) assert.match(answer, /late$/)
})

test('who has more than a quarter of all connections makes room, also by one that is being answered', async (t) => {
  const answers: ServerResponse[] = []
  const guarded = new GuardedServer({
    answer: async (_request, response) => void answers.push(response),
    logger: new LogRecorder(),
    limits: { ...SHORT, connections: 8, requestMs: 600_000, answerMs: 600_000 },
    allow: 'GET',
    clientOf: ({ remoteAddress }) => remoteAddress,
  })
  t.after(() => guarded.close(AbortSignal.abort()))
  const server = createServer(guarded.settings())
  await guarded.listen(server, { host: '127.0.0.1', port: 0 })
  const { port } = server.address() as AddressInfo
  const come = async (localAddress: string) => {
    const socket = connect({ port, host: '127.0.0.1', localAddress })
    const received = receiveAll(socket)
    const count = answers.length
    socket.write('GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')
    while (answers.length === count && !socket.closed) await setImmediate()
    return received
  }
  const greedy = []
  for (let n = 0; n < 8; n++) greedy.push(come('127.0.0.2'))
  while (answers.length < 8) await setImmediate()
  const modest = come('127.0.0.3')
  while (answers.length < 9) await setImmediate()
  assert.equal(await greedy[0], '', 'the oldest of whoever has most')
  assert.equal(await come('127.0.0.2'), '', 'and whoever has most comes in vain')
  for (const response of answers) response.end('late')
  assert.match(await modest, /late$/)
  for (const answer of await Promise.all(greedy.slice(1))) assert.match(answer, /late$/)
})

test('closing ends idle connections at once and the others within the grace period', async (t) => {
  const { server, address } = await listen(t, { requestMs: 600_000, answerMs: 600_000 }, () => {})
  const idle = await connectTo(address)
  const asking = await connectTo(address)
  const halfway = await connectTo(address)
  const ended = [idle, asking, halfway].map(receiveAll)
  asking.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n')
  halfway.write('GET / HT')
  await server.close(NEVER)
  await Promise.all(ended)
  await assert.rejects(connectTo(address), { code: 'ECONNREFUSED' })
  await server.close(NEVER)
})

test('an answer in flight is finished while the server closes, and its connection is not kept', async (t) => {
  const arrived = Promise.withResolvers<ServerResponse>()
  const { server, address } = await listen(t, { closeMs: 20_000, answerMs: 600_000 }, arrived.resolve)
  const socket = await connectTo(address)
  const received = receiveAll(socket)
  socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n')
  const response = await arrived.promise
  const closed = server.close(NEVER)
  response.end('finished')
  assert.match(await received, /finished$/)
  await closed
})

test('an aborted close does not wait', async (t) => {
  const { server, address } = await listen(t, { closeMs: 20_000, answerMs: 600_000 }, () => {})
  const pending = assert.rejects(ask(address), { code: 'ECONNRESET' })
  const socket = await connectTo(address)
  const abort = new AbortController()
  const closed = server.close(abort.signal)
  abort.abort()
  await closed
  await pending
  socket.destroy()
})
