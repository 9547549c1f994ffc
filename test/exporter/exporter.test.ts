import assert from 'node:assert/strict'
import { createServer } from 'node:net'
import { test } from 'node:test'
import { Exporter } from '../../src/exporter/exporter.ts'
import { parseListenAddress, urlOf } from '../../src/exporter/listen-address.ts'
import { Scrape } from '../../src/exporter/scrape.ts'
import { A_SNAPSHOT } from './a-snapshot.ts'
import { ask, exporterOptions, NEVER } from './served.ts'

test('web.listen is host and port, with brackets around IPv6', () => {
  assert.deepEqual(parseListenAddress(':10910'), { host: null, port: 10910 })
  assert.deepEqual(parseListenAddress('127.0.0.1:0'), { host: '127.0.0.1', port: 0 })
  assert.deepEqual(parseListenAddress('[::1]:9'), { host: '::1', port: 9 })
  assert.deepEqual(parseListenAddress('host.example:80'), { host: 'host.example', port: 80 })
  for (const text of [
    '',
    '10910',
    ':',
    ':65536',
    '::1:9',
    '[::1]',
    '[1.2.3.4]:9',
    'a b:9',
    'http://x:9',
    ':-1',
    ':9x',
  ]) {
    assert.throws(
      () => parseListenAddress(text),
      { code: 'LISTEN_FAILED', message: /^web\.listen is ".*": expected / },
      text,
    )
  }
})

test('the address to open can be opened', () => {
  assert.equal(urlOf('http', { host: null, port: 10910 }), 'http://localhost:10910')
  assert.equal(urlOf('https', { host: '0.0.0.0', port: 1 }), 'https://localhost:1')
  assert.equal(urlOf('http', { host: '::1', port: 9 }), 'http://[::1]:9')
  assert.equal(urlOf('http', { host: '10.0.0.7', port: 9 }), 'http://10.0.0.7:9')
})

test('a port in use is one line with the port and the key to change', async (t) => {
  const taken = createServer().listen(0, '127.0.0.1')
  t.after(() => taken.close())
  await new Promise((resolve) => taken.once('listening', resolve))
  const bound = taken.address()
  assert.ok(bound !== null && typeof bound === 'object')
  const exporter = new Exporter(exporterOptions({ listen: `127.0.0.1:${bound.port}` }))
  await assert.rejects(exporter.start(NEVER), {
    code: 'LISTEN_FAILED',
    message: `cannot listen on port ${bound.port} of 127.0.0.1: another program uses this port. Set web.listen to another address, such as ":10911"`,
  })
  await exporter.stop(NEVER)
})

test('an address that this machine does not have is refused by name', async () => {
  const exporter = new Exporter(exporterOptions({ listen: '192.0.2.1:10910' }))
  await assert.rejects(exporter.start(NEVER), {
    code: 'LISTEN_FAILED',
    message:
      /^cannot listen on port 10910 of 192\.0\.2\.1: no interface of this machine has this address\. .*web\.listen/,
  })
})

test('it can be stopped in every state and started again', async () => {
  const exporter = new Exporter(exporterOptions())
  await exporter.stop(NEVER)
  assert.throws(() => exporter.address, /not started/)
  await exporter.start(NEVER)
  const first = exporter.address
  assert.equal((await ask(`${first}/healthz`)).status, 200)
  await exporter.stop(NEVER)
  await exporter.stop(NEVER)
  await assert.rejects(ask(`${first}/healthz`), { code: 'ECONNREFUSED' })
  await exporter.start(NEVER)
  assert.equal((await ask(`${exporter.address}/healthz`)).status, 200)
  await exporter.stop(AbortSignal.abort())
})

test('an aborted start does not listen', async () => {
  const exporter = new Exporter(exporterOptions())
  await assert.rejects(exporter.start(AbortSignal.abort()), { name: 'AbortError' })
  assert.throws(() => exporter.address)
})

test('many scrapers share one rendering of a snapshot, and a standing one is renewed after a second', async () => {
  let nowMs = 0
  let snapshot = A_SNAPSHOT
  const scrape = new Scrape({ version: '0.1.0', nowMs: () => nowMs })
  const first = await scrape.body('text', snapshot)
  const others = await Promise.all(Array.from({ length: 10 }, () => scrape.body('text', snapshot)))
  assert.ok(others.every((body) => body === first))
  assert.notEqual(await scrape.body('openmetrics', snapshot), first)
  nowMs = 999
  assert.equal(await scrape.body('text', snapshot), first)
  nowMs = 1000
  const renewed = await scrape.body('text', snapshot)
  assert.notEqual(renewed, first)
  snapshot = { ...A_SNAPSHOT }
  assert.notEqual(await scrape.body('text', snapshot), renewed)
})
