import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import type { Socket } from 'node:net'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { connect as tlsConnect } from 'node:tls'
import { HttpServer } from '../../src/exporter/http-server.ts'
import { loadWebConfig } from '../../src/exporter/web-config/load.ts'
import { fixture, webFolder } from './secured.ts'
import { ask, connectTo, LogRecorder, receiveAll } from './served.ts'

/** Long enough for a handshake on a busy machine, short enough to wait for. */
const REQUEST_MS = 1_500

async function listen(context: TestContext): Promise<string> {
  const config = loadWebConfig(join(webFolder(context), 'web.yml'), new Map())
  const server = new HttpServer({
    answer: async (_request, response) => void response.end('ok'),
    webConfig: () => config,
    logger: new LogRecorder(),
    limits: { requestMs: REQUEST_MS, answerMs: 60_000, idleMs: 60_000 },
  })
  context.after(() => server.close(AbortSignal.abort()))
  return server.listen({ host: '127.0.0.1', port: 0 })
}

/** A connection that has shaken hands and said nothing. */
function shakeHands(address: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const port = Number(new URL(address).port)
    const socket = tlsConnect({ host: '127.0.0.1', port, rejectUnauthorized: false }, () => resolve(socket))
    socket.once('error', reject)
  })
}

test('half a handshake, a silent client and a slow one are cut off; others are served meanwhile', async (t) => {
  const address = await listen(t)
  const nothing = await connectTo(address)
  const half = await connectTo(address)
  // The record's header promises 512 bytes of a ClientHello, of which four come.
  half.write(Buffer.from('16030102000100', 'hex'))
  const silent = await shakeHands(address)
  const slow = await shakeHands(address)
  slow.write('GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ')
  const drip = setInterval(() => slow.write('z'), 20)
  t.after(() => clearInterval(drip))
  const ended = Promise.all([nothing, half, silent, slow].map(receiveAll))
  const ca = readFileSync(fixture('ca.crt'))
  const served = async (): Promise<number> => (await ask(address.replace('127.0.0.1', 'localhost'), { ca })).status
  assert.equal(await served(), 200)
  const [first, second, , last] = await ended
  assert.deepEqual([first, second], ['', ''])
  assert.match(String(last), /^HTTP\/1.1 408 Request Timeout\r\n/)
  assert.equal(await served(), 200)
})

test('a client that has said all and closed its side is answered', async (t) => {
  const socket = await shakeHands(await listen(t))
  const received = receiveAll(socket)
  socket.end('GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')
  assert.match(await received, /^HTTP\/1.1 200 OK\r\n[\s\S]*ok$/)
})

test('clients that vanish in the midst of a handshake or of a request leave nothing behind', async (t) => {
  const address = await listen(t)
  for (let round = 0; round < 20; round++) {
    const raw = await connectTo(address)
    raw.write(Buffer.from('16030102000100', 'hex'), () => raw.resetAndDestroy())
    await receiveAll(raw)
    const socket = await shakeHands(address)
    socket.write('GET / HTTP/1.1\r\n', () => socket.destroy())
    await receiveAll(socket)
  }
  assert.equal((await ask(address, { rejectUnauthorized: false })).status, 200)
})
