import assert from 'node:assert/strict'
import { test } from 'node:test'
import { gunzipSync } from 'node:zlib'
import { LONGEST_URL } from '../../src/io/serve/http-limits.ts'
import { A_SNAPSHOT } from './a-snapshot.ts'
import { parseExposition } from './exposition-parser.ts'
import { ask, connectTo, LogRecorder, receiveAll, serve } from './served.ts'

const OPENMETRICS = 'application/openmetrics-text; version=1.0.0; charset=utf-8'
/** What Prometheus 3 sends. */
const PROMETHEUS =
  'application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2'

test('/metrics serves the format that the scraper prefers', async (t) => {
  const url = `${await serve(t)}/metrics`
  const plain = await ask(url)
  assert.equal(plain.status, 200)
  assert.equal(plain.headers['content-type'], 'text/plain; version=0.0.4; charset=utf-8')
  parseExposition(plain.body.toString(), 'text')
  const open = await ask(url, { headers: { accept: PROMETHEUS } })
  assert.equal(open.headers['content-type'], OPENMETRICS)
  parseExposition(open.body.toString(), 'openmetrics')
})

test('gzip is sent to those who ask for it, and is the same text', async (t) => {
  const url = `${await serve(t)}/api/v1/snapshot`
  const plain = await ask(url)
  const zipped = await ask(url, { headers: { 'accept-encoding': 'gzip' } })
  assert.equal(plain.headers['content-encoding'], undefined)
  assert.equal(zipped.headers['content-encoding'], 'gzip')
  assert.equal(zipped.headers['content-length'], String(zipped.body.length))
  assert.ok(zipped.body.length < plain.body.length)
  assert.deepEqual(gunzipSync(zipped.body), plain.body)
})

test('HEAD has the headers of GET and no body', async (t) => {
  const address = await serve(t)
  for (const path of ['/', '/metrics', '/healthz', '/api/v1/snapshot', '/nothing']) {
    const get = await ask(address + path)
    const head = await ask(address + path, { method: 'HEAD' })
    assert.equal(head.body.length, 0)
    assert.equal(head.status, get.status)
    const { date: _get, ...expected } = get.headers
    const { date: _head, ...received } = head.headers
    assert.deepEqual(received, expected)
    assert.equal(head.headers['content-length'], String(get.body.length))
  }
})

test('other methods are refused with 405, even with a body and for CONNECT', async (t) => {
  const address = await serve(t)
  for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS', 'TRACE', 'PATCH', 'PROPFIND']) {
    const { status, headers } = await ask(`${address}/metrics`, { method })
    assert.equal(status, 405)
    assert.equal(headers.allow, 'GET, HEAD')
    assert.equal(headers.connection, 'close')
  }
  const socket = await connectTo(address)
  socket.write('CONNECT example.org:443 HTTP/1.1\r\nHost: example.org\r\n\r\n')
  assert.match(await receiveAll(socket), /^HTTP\/1.1 405 Method Not Allowed\r\nAllow: GET, HEAD\r\n/)
  for (const request of [
    'CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n',
    'nonsense\r\n\r\n',
    'GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n',
  ]) {
    const reset = await connectTo(address)
    reset.write(request, () => reset.resetAndDestroy())
    await receiveAll(reset)
  }
  assert.equal((await ask(`${address}/healthz`)).status, 200)
})

test('a long URL is refused with 414, long headers with 431, nonsense with 400', async (t) => {
  const address = await serve(t)
  const query = (length: number): string => `/metrics?${'x'.repeat(length - '/metrics?'.length)}`
  assert.equal((await ask(address + query(LONGEST_URL))).status, 200)
  assert.equal((await ask(address + query(LONGEST_URL + 1))).status, 414)
  const refused = async (request: string): Promise<string> => {
    const socket = await connectTo(address)
    socket.write(request)
    return (await receiveAll(socket)).slice(0, 'HTTP/1.1 414'.length)
  }
  assert.equal(await refused(`GET ${query(20_000)} HTTP/1.1\r\nHost: x\r\n\r\n`), 'HTTP/1.1 414')
  assert.equal(await refused(`GET / HTTP/1.1\r\nHost: x\r\nCookie: ${'x'.repeat(20_000)}\r\n\r\n`), 'HTTP/1.1 431')
  assert.equal(await refused('\x16\x03\x01\x02\x00\x01\x00\r\n\r\n'), 'HTTP/1.1 400')
  assert.equal((await ask(`${address}/metrics`)).status, 200)
})

test('unknown paths are 404, queries and absolute URLs are understood', async (t) => {
  const address = await serve(t)
  for (const path of ['/metric', '/metrics/', '//metrics', '/Metrics', '/../metrics', '/%6detrics']) {
    const socket = await connectTo(address)
    socket.write(`GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`)
    assert.match(await receiveAll(socket), /^HTTP\/1.1 404 /, path)
  }
  assert.equal((await ask(`${address}/metrics?x=1`)).status, 200)
  assert.equal((await ask(address, { path: 'http://elsewhere/metrics' })).status, 200)
})

test('/healthz is 200 or 503 with every reason, as text or JSON', async (t) => {
  let health = { ok: true, reasons: [] as string[] }
  const url = `${await serve(t, { health: () => health })}/healthz`
  assert.equal((await ask(url)).body.toString(), 'ok\n')
  health = { ok: false, reasons: ['ledger: disk full', 'account: 12 s old'] }
  const text = await ask(url)
  assert.equal(text.status, 503)
  assert.equal(text.body.toString(), 'ledger: disk full\naccount: 12 s old\n')
  const json = await ask(url, { headers: { accept: 'application/json' } })
  assert.equal(json.status, 503)
  assert.deepEqual(JSON.parse(json.body.toString()), health)
})

test('/api/v1/snapshot keeps every digit', async (t) => {
  const { headers, body } = await ask(`${await serve(t)}/api/v1/snapshot`)
  assert.equal(headers['content-type'], 'application/json')
  const json = JSON.parse(body.toString())
  assert.equal(json.node.totals.energyUj.measured, '612345678901234')
  assert.equal(json.settled.tenants.web.energyUj, '651999119456785')
  assert.equal(json.channels[4].powerUw, null)
  assert.equal(json.atUnixMs, A_SNAPSHOT.atUnixMs)
})

test('before the first snapshot the process metrics are there and the rest says so', async (t) => {
  const address = await serve(t, { snapshot: () => null })
  const families = parseExposition((await ask(`${address}/metrics`)).body.toString(), 'text')
  assert.ok(families.every(({ name }) => name === 'wattledger_build_info' || name.startsWith('process_')))
  assert.ok(families.length >= 5)
  assert.equal((await ask(`${address}/api/v1/snapshot`)).status, 503)
  assert.match((await ask(address)).body.toString(), /The agent has not taken a reading yet/)
})

test('nothing may be framed, sniffed, cached or read across origins', async (t) => {
  const address = await serve(t)
  for (const path of ['/', '/metrics', '/nothing']) {
    const { headers } = await ask(address + path)
    assert.match(String(headers['content-security-policy']), /^default-src 'none';.*frame-ancestors 'none'$/)
    assert.equal(headers['x-content-type-options'], 'nosniff')
    assert.equal(headers['cache-control'], 'no-store')
    assert.equal(headers['cross-origin-resource-policy'], 'same-origin')
  }
})

test('an error inside is one line in the log and a 500 without its text', async (t) => {
  const logger = new LogRecorder()
  const health = () => {
    throw new Error('secret detail')
  }
  const { status, body } = await ask(`${await serve(t, { health, logger })}/healthz`)
  assert.equal(status, 500)
  assert.equal(body.toString(), 'Internal server error\n')
  assert.ok(logger.lines.includes('request_failed: request failed'))
})
