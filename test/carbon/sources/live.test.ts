import assert from 'node:assert/strict'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { eiaFeed } from '../../../src/carbon/sources/eia.ts'
import { electricityMapsFeed } from '../../../src/carbon/sources/electricitymaps.ts'
import { prometheusFeed } from '../../../src/carbon/sources/prometheus.ts'
import { rteFeed } from '../../../src/carbon/sources/rte.ts'
import { ukFeed } from '../../../src/carbon/sources/uk.ts'
import { AnswerError } from '../../../src/io/answer.ts'
import fc from '../../property.ts'
import { GridServer, liveSource, NOON } from './grid-server.ts'

const folder = mkdtempSync(join(tmpdir(), 'wattledger-live-'))
after(() => rmSync(folder, { recursive: true }))

const good = {
  data: [{ from: '2026-01-31T12:00Z', to: '2026-01-31T12:30Z', intensity: { forecast: 250, actual: null } }],
}

test('failures double the wait to an hour, half of it by chance, and are said once', async () => {
  await using server = await GridServer.start()
  const { refresh, source, said, at } = liveSource(ukFeed(server.url))
  assert.equal(source.problem, 'nothing has been fetched yet')
  server.says(good)
  await refresh()
  server.refuses(503)
  const waits: number[] = []
  for (let look = 0; look < 12; look++) waits.push(await refresh())
  assert.deepEqual(waits.slice(0, 4), [3_750, 7_500, 15_000, 30_000])
  assert.deepEqual(waits.slice(-2), [2_700_000, 2_700_000])
  assert.match(source.problem ?? '', /^127\.0\.0\.1:\d+: HTTP 503$/)
  assert.deepEqual(at(NOON), [250, 'GB', 'direct', 'provisional'])
  server.says(good)
  assert.equal(await refresh(), 600_000)
  assert.deepEqual(
    said.map(({ event }) => event),
    ['intensity_fetch_failed', 'intensity_fetched'],
  )
})

test('Retry-After is obeyed, in seconds and as a date, but for no more than a day', async () => {
  await using server = await GridServer.start()
  const { refresh, clock } = liveSource(ukFeed(server.url))
  server.refuses(429, { 'retry-after': '1800' })
  assert.equal(await refresh(), 1_800_000 + 1_875)
  server.refuses(429, { 'retry-after': new Date(clock.nowUnixMs + 7_200_000).toUTCString() })
  assert.equal(await refresh(), 7_200_000 + 3_750)
  server.refuses(503, { 'retry-after': '99999999' })
  assert.equal(await refresh(), 86_400_000 + 7_500)
  server.refuses(429, { 'retry-after': 'soon' })
  assert.equal(await refresh(), 30_000)
})

test('no answer, a broken one, a redirect, an endless one: a reason each', async () => {
  await using server = await GridServer.start()
  const hasty = liveSource(ukFeed(server.url), { timeoutMs: 300 })
  const patient = liveSource(ukFeed(server.url), { timeoutMs: 30_000 })
  const reasonFor = async (answer: GridServer['answer'], { refresh, source } = patient) => {
    server.answer = answer
    await refresh()
    return source.problem ?? ''
  }
  assert.match(await reasonFor(() => {}, hasty), /no answer within 0\.3 s$/)
  assert.match(await reasonFor((_, response) => void response.write('{'), hasty), /no answer within 0\.3 s$/)
  assert.match(await reasonFor((request) => request.socket.destroy()), /: it broke off the connection \(ECONNRESET\)$/)
  assert.match(await reasonFor((_, response) => void response.writeHead(302, { location: '/' }).end()), /HTTP 302$/)
  assert.match(
    await reasonFor((_, response) => void response.end('<html>')),
    /^expected JSON, received something else$/,
  )
  assert.match(await reasonFor((_, response) => void response.end('{}')), /^expected a list at data, received null$/)
  assert.match(
    await reasonFor((_, response) => void response.end(Buffer.alloc(9 << 20, 32))),
    /more than 8388608 bytes$/,
  )
})

test('a stop ends a look in flight', async () => {
  await using server = await GridServer.start()
  const { source, said } = liveSource(ukFeed(server.url))
  const stop = new AbortController()
  const asked = new Promise<void>((resolve) => {
    server.answer = () => resolve()
  })
  const look = source.refresh(stop.signal)
  await asked
  stop.abort()
  await look
  assert.deepEqual(said, [])
})

test('a key that others may read is warned of once; a key that cannot be read is a reason; no key is ever shown', async () => {
  await using server = await GridServer.start()
  const path = join(folder, 'key')
  const config = { source: 'electricitymaps', key_file: path, zone: 'DE', basis: 'direct', hold: 0 } as const
  const { refresh, source, said } = liveSource(electricityMapsFeed(config, 'DE', server.url))
  assert.match(source.check().join(), /key: the key cannot be read \(ENOENT\)$/)
  await refresh()
  assert.match(source.problem ?? '', /key: the key cannot be read \(ENOENT\)$/)
  assert.equal(server.asked.length, 0)
  writeFileSync(path, 'two words')
  assert.match(source.check().join(), /expected a key on one line$/)
  writeFileSync(path, 'hush-hush\n')
  chmodSync(path, 0o644)
  assert.deepEqual(source.check(), [])
  server.refuses(401)
  await refresh()
  await refresh()
  assert.deepEqual(
    said.map(({ event }) => event),
    ['intensity_fetch_failed', 'key_file_open'],
  )
  assert.match(said[1]?.message ?? '', /chmod 0640/)
  assert.doesNotMatch(JSON.stringify([said, source.problem]), /hush|two words/)
})

test('a proxy of the environment is used, unless it is told not to', async () => {
  await using server = await GridServer.start()
  server.says(good)
  const through: string[] = []
  const proxy = createServer((request, response) => {
    through.push(request.url ?? '')
    response.end(JSON.stringify(good))
  })
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
  try {
    const env = { HTTP_PROXY: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}` }
    const proxied = liveSource(ukFeed(server.url), { env })
    await proxied.refresh()
    assert.deepEqual(proxied.at(NOON), [250, 'GB', 'direct', 'provisional'])
    assert.equal(server.asked.length, 0)
    assert.ok(through[0]?.startsWith(`${server.url}/intensity/`), through[0])
    const direct = liveSource(ukFeed(server.url), { env: { ...env, NO_PROXY: '127.0.0.1' } })
    await direct.refresh()
    assert.deepEqual([server.asked.length, through.length], [1, 1])
  } finally {
    proxy.closeAllConnections()
    await new Promise((resolve) => proxy.close(resolve))
  }
})

test('no answer is anything but read or refused', () => {
  const maps = { source: 'electricitymaps', key_file: '/', zone: null, basis: 'direct', hold: 0 } as const
  const prometheus = {
    source: 'prometheus',
    url: 'http://x',
    query: 'x',
    basis: 'direct',
    key_file: null,
    hold: 0,
  } as const
  const eia = { source: 'eia', key_file: '/', respondent: 'CISO', basis: 'direct', hold: 0 } as const
  const feeds = [ukFeed(), rteFeed(), electricityMapsFeed(maps, 'DE'), prometheusFeed(prometheus, null), eiaFeed(eia)]
  const window = { fromUnixMs: NOON, toUnixMs: NOON }
  const entry = fc.jsonValue()
  const body = fc.oneof(
    fc.string(),
    fc.oneof(entry, fc.array(entry)).map((value) => JSON.stringify(value)),
    fc
      .record({
        data: fc.array(entry),
        history: fc.array(entry),
        response: fc.record({ data: fc.array(entry) }),
      })
      .map((value) => JSON.stringify(value)),
  )
  fc.assert(
    fc.property(body, fc.constantFrom(...feeds), (text, feed) => {
      try {
        feed.parse(text, window)
      } catch (error) {
        assert.ok(error instanceof AnswerError, String(error))
      }
    }),
  )
})
