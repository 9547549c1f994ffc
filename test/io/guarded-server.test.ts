import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { type TestContext, test } from 'node:test'
import { GuardedServer, socketOf } from '../../src/io/serve/guarded-server.ts'
import type { HttpLimits } from '../../src/io/serve/http-limits.ts'
import { RequestEnd } from '../../src/io/serve/request-end.ts'
import { SILENT } from '../../src/model/logger.ts'
import fc from '../property.ts'

type Answer = (request: IncomingMessage, response: ServerResponse) => Promise<void>

async function serve(t: TestContext, answer: Answer, limits: Partial<HttpLimits> = {}): Promise<number> {
  const guarded = new GuardedServer({ answer, logger: SILENT, limits: { bodyBytes: 1_000, ...limits }, allow: 'POST' })
  const server = createServer(guarded.settings())
  await guarded.listen(server, { host: '127.0.0.1', port: 0 })
  t.after(() => guarded.close(AbortSignal.abort()))
  return (server.address() as AddressInfo).port
}

/** Answers with what was sent. */
const echo: Answer = async (request, response) => {
  let body = ''
  for await (const chunk of request) body += chunk
  response.end(`<${body}>`)
}

async function connected(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1')
  await once(socket, 'connect')
  return socket
}

async function received(socket: Socket): Promise<string> {
  let text = ''
  socket.on('data', (chunk: Buffer) => {
    text += chunk.toString('latin1')
  })
  socket.on('error', () => {})
  await once(socket, 'close')
  return text
}

const post = (body: string, more = '') =>
  `POST / HTTP/1.1\r\nHost: x\r\nContent-Length: ${body.length}\r\n${more}\r\n${body}`
const bodies = (text: string) => text.match(/<[^>]*>/g) ?? []

test('requests with bodies are answered one after the other, in whatever pieces they come', async (t) => {
  const port = await serve(t, echo)
  const text = [post('first'), post(''), post('POST / HTTP/1.1\r\n\r\n'), post('last', 'Connection: close\r\n')].join(
    '',
  )
  for (const size of [1, 7, text.length]) {
    const socket = await connected(port)
    const all = received(socket)
    socket.setNoDelay(true)
    for (let at = 0; at < text.length; at += size) socket.write(text.slice(at, at + size))
    assert.deepEqual(bodies(await all), ['<first>', '<>', '<POST / HTTP/1.1\r\n\r\n>', '<last>'])
  }
})

test('a body that is too long, or does not tell its length, ends the connection behind its answer', async (t) => {
  const port = await serve(t, async (_request, response) => void response.writeHead(413).end('<no>'))
  for (const text of [
    post('x'.repeat(1_001)),
    'POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n',
  ]) {
    const socket = await connected(port)
    const all = received(socket)
    socket.end(text + post('behind'))
    const answer = await all
    assert.equal(bodies(answer).length, 1, answer)
    assert.match(answer, /^HTTP\/1\.1 413 [\s\S]*Connection: close/)
  }
})

test('a client that does not finish its request is let go, and holds up nobody', async (t) => {
  const port = await serve(t, echo, { requestMs: 200, connections: 8 })
  const slow = await Promise.all(
    ['POST / HT', post('never sent').slice(0, -5), post('', 'X: y').slice(0, -3)].map(async (part) => {
      const socket = await connected(port)
      const all = received(socket)
      socket.write(part)
      return all
    }),
  )
  for (const answer of slow) assert.match(answer, /^HTTP\/1\.1 408 |^$/)
  const socket = await connected(port)
  const all = received(socket)
  socket.end(post('quick'))
  assert.deepEqual(bodies(await all), ['<quick>'])
})

test('who answers knows the connection itself', async (t) => {
  let remote: number | undefined
  const port = await serve(t, async (request, response) => {
    remote = socketOf(request).remotePort
    response.end('<>')
  })
  const socket = await connected(port)
  const all = received(socket)
  const { localPort } = socket
  socket.end(post(''))
  await all
  assert.equal(remote, localPort)
})

test('the end of a request is found behind its body, however it is cut', () => {
  const request = fc.record({
    body: fc.string({ maxLength: 40 }),
    spaces: fc.nat(3),
    name: fc.constantFrom('Content-Length', 'content-LENGTH'),
  })
  fc.assert(
    fc.property(
      fc.array(request, { minLength: 1, maxLength: 4 }),
      fc.array(fc.integer({ min: 1, max: 60 })),
      (requests, sizes) => {
        const texts = requests.map(({ body, spaces, name }) => {
          const bytes = Buffer.from(body)
          const head = `POST / HTTP/1.1\r\nHost: x\r\n${name}:${' '.repeat(spaces)}${bytes.length}\r\n\r\n`
          return Buffer.concat([Buffer.from(head), bytes])
        })
        const all = Buffer.concat(texts)
        const ends: number[] = []
        const end = new RequestEnd(1_000)
        let at = 0
        for (let turn = 0; at < all.length; turn++) {
          const piece = all.subarray(at, at + (sizes[turn % Math.max(1, sizes.length)] ?? all.length))
          const found = end.find(piece)
          if (found !== null) ends.push(at + found)
          at += found ?? piece.length
        }
        let sum = 0
        assert.deepEqual(
          ends,
          texts.map(({ length }) => {
            sum += length
            return sum
          }),
        )
      },
    ),
  )
})
