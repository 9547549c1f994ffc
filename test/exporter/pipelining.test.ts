import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { type TestContext, test } from 'node:test'
import { HttpServer } from '../../src/exporter/http-server.ts'
import { OPEN_WEB_CONFIG } from '../../src/exporter/web-config/open-web-config.ts'
import { HTTP_LIMITS } from '../../src/io/serve/http-limits.ts'
import { RequestEnd } from '../../src/io/serve/request-end.ts'
import fc from '../property.ts'
import { ask, connectTo, LogRecorder, receiveAll } from './served.ts'

type Write = (response: ServerResponse, request: IncomingMessage) => void

async function listen(context: TestContext, write: Write): Promise<string> {
  const server = new HttpServer({
    answer: async (request, response) => write(response, request),
    webConfig: () => OPEN_WEB_CONFIG,
    logger: new LogRecorder(),
  })
  context.after(() => server.close(AbortSignal.abort()))
  return server.listen({ host: '127.0.0.1', port: 0 })
}

const get = (path: string): string => `GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`
const bodiesOf = (received: string): string[] => received.split(/HTTP\/1\.1 \d+ [\s\S]*?\r\n\r\n/).slice(1)

test('a client that sends without pause and reads nothing has one answer under way, whatever it has sent', async (t) => {
  const large = Buffer.alloc(64 * 1024 * 1024)
  const asked: (string | undefined)[] = []
  const address = await listen(t, (response, { url }) => {
    asked.push(url)
    response.end(url === '/beside' ? 'ok' : large)
  })
  const greedy = await Promise.all(Array.from({ length: 20 }, () => connectTo(address)))
  for (const socket of greedy) {
    socket.pause()
    socket.write(get('/').repeat(5_000))
  }
  // Behind the requests above on the server's one thread, so that all that it would take of them it has taken.
  for (let turn = 0; turn < 20; turn += 1) assert.equal((await ask(`${address}/beside`)).body.toString(), 'ok')
  assert.equal(asked.filter((url) => url === '/').length, greedy.length)
  for (const socket of greedy) socket.destroy()
})

test('a few requests sent ahead are answered in their order, one after the other', async (t) => {
  let underWay = 0
  const address = await listen(t, (response, { url }) => {
    underWay += 1
    assert.equal(underWay, 1)
    setImmediate(() => {
      underWay -= 1
      response.end(url)
    })
  })
  const socket = await connectTo(address)
  const received = receiveAll(socket)
  socket.end(['/a', '/b', '/c'].map(get).join(''))
  assert.deepEqual(bodiesOf(await received), ['/a', '/b', '/c'])
})

test('who sends more ahead gets so many answers, of which the last says that it is the last, and no reset', async (t) => {
  const address = await listen(t, (response, { url }) => response.end(url))
  const socket = await connectTo(address)
  const received = receiveAll(socket)
  socket.write(Array.from({ length: 2_000 }, (_, index) => get(`/${index}`)).join(''))
  await once(socket, 'end')
  const text = await received
  const expected = Array.from({ length: HTTP_LIMITS.ahead + 1 }, (_, index) => `/${index}`)
  assert.deepEqual(bodiesOf(text), expected)
  assert.equal(text.match(/^Connection: close\r$/gm)?.length, 1)
  assert.ok(text.lastIndexOf('Connection: close') > text.lastIndexOf('HTTP/1.1 200'))
  assert.equal(socket.errored, null)
})

test('who waits for each answer keeps the connection', async (t) => {
  const address = await listen(t, (response, { url }) => response.end(url))
  const socket = await connectTo(address)
  for (let index = 0; index < 10 * HTTP_LIMITS.ahead; index += 1) {
    socket.write(get(`/${index}`))
    const [answer] = (await once(socket, 'data')) as [Buffer]
    assert.match(answer.toString(), new RegExp(`keep-alive[\\s\\S]*/${index}$`))
  }
  socket.destroy()
})

test('who has said all and closed its side is answered, however long that takes', async (t) => {
  const waiting = Promise.withResolvers<ServerResponse>()
  const address = await listen(t, (response, { url }) => (url === '/' ? waiting.resolve(response) : response.end()))
  const socket = await connectTo(address)
  const received = receiveAll(socket)
  socket.end(get('/'))
  const response = await waiting.promise
  await ask(`${address}/beside`)
  response.end('late')
  assert.deepEqual(bodiesOf(await received), ['late'])
})

test('requests in pieces and behind empty lines are understood', async (t) => {
  const address = await listen(t, (response, { url }) => response.end(url))
  const socket = await connectTo(address)
  socket.setNoDelay(true)
  const received = receiveAll(socket)
  for (const byte of `\r\n\r\n${get('/a')}\r\n${get('/b')}`) {
    await new Promise((resolve) => socket.write(byte, resolve))
  }
  socket.end()
  assert.deepEqual(bodiesOf(await received), ['/a', '/b'])
})

test('an expectation that cannot be met is refused and ends the connection', async (t) => {
  const address = await listen(t, (response) => response.end())
  const socket = await connectTo(address)
  const received = receiveAll(socket)
  socket.write('GET / HTTP/1.1\r\nHost: x\r\nExpect: the-moon\r\n\r\n')
  assert.match(await received, /^HTTP\/1.1 417 [\s\S]*Connection: close\r\n/)
})

test('the end of a request is found wherever its bytes are cut', () => {
  const line = fc.string({ unit: fc.constantFrom('a', ':', ' ', '\r'), minLength: 1 }).map((text) => `x${text}x`)
  const end = fc.constantFrom('\r\n', '\n')
  const request = fc
    .tuple(fc.array(end, { maxLength: 2 }), fc.array(fc.tuple(line, end), { minLength: 1, maxLength: 4 }), end)
    .map(([before, lines, last]) => `${before.join('')}${lines.flat().join('')}${last}`)
  fc.assert(
    fc.property(fc.array(request, { maxLength: 4 }), fc.array(fc.nat({ max: 30 })), (requests, cuts) => {
      const text = requests.join('')
      const places = [...new Set(cuts.filter((cut) => cut < text.length))].sort((a, b) => a - b)
      const finder = new RequestEnd()
      const found: number[] = []
      for (const [index, from] of [0, ...places].entries()) {
        const until = places[index] ?? text.length
        for (let at = from; at < until; ) {
          const end = finder.find(Buffer.from(text.slice(at, until)))
          if (end === null) break
          at += end
          found.push(at)
        }
      }
      let at = 0
      assert.deepEqual(
        found,
        requests.map(({ length }) => {
          at += length
          return at
        }),
      )
    }),
  )
})
