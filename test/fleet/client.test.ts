import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { test } from 'node:test'
import { fleetCheck } from '../../src/commands/fleet-check.ts'
import { PrometheusClient } from '../../src/fleet/prometheus/client.ts'
import { oneOf, selector } from '../../src/fleet/prometheus/promql.ts'
import { httpPost } from '../../src/io/http.ts'
import { fixture } from '../exporter/secured.ts'
import { scratchDirectory } from '../ledger/setting.ts'
import { type MadeSite, topologyOf } from './a-fleet.ts'
import { ApiServer } from './api-server.ts'
import { asked, NOW } from './asked.ts'

const SITE: MadeSite = {
  startUnixMs: Date.UTC(2026, 10, 24),
  hours: 4,
  racks: ['r1'],
  hosts: [{ node: 'n1', rack: 'r1' }],
}
const never = new AbortController().signal

test('names of hosts are matched as they are, and never as patterns', () => {
  assert.equal(oneOf(['db-1.example:10910', 'a"b\\c|d']), '"db-1\\\\.example:10910|a\\"b\\\\\\\\c\\\\|d"')
  assert.equal(selector(['a', 'b'], '', 'job="x"'), '{__name__=~"a|b",job="x"}')
})

test('an answer that hangs is given up and asked for again, with growing waits', async () => {
  await using server = await ApiServer.start(SITE)
  server.fault = (_, __, count) => (count < 3 ? 'hang' : null)
  const waits: number[] = []
  const client = new PrometheusClient({
    url: server.url,
    post: httpPost({ timeoutMs: 1_000, env: {}, unixMs: () => NOW }),
    access: () => ({ headers: {} }),
    sleep: async (ms) => void waits.push(ms),
  })
  const [info] = await client.query(selector(['wattledger_node_info']), SITE.startUnixMs + 7_200_000, never)
  assert.deepEqual([info?.labels.node, waits, client.retries], ['n1', [1000, 2000], 2])
})

test('a bearer token and a password come from files, and are in no message', async (t) => {
  await using server = await ApiServer.start(SITE)
  const folder = scratchDirectory(t)
  const [key, topology, config] = ['key', 'topology.yaml', 'wattledger.yaml'].map((name) => join(folder, name))
  writeFileSync(key as string, 's3cret-token\n', { mode: 0o600 })
  writeFileSync(topology as string, topologyOf(SITE))
  for (const [user, expected] of [
    ['', 'Bearer s3cret-token'],
    [', user: reader', `Basic ${Buffer.from('reader:s3cret-token').toString('base64')}`],
  ]) {
    server.headers.length = 0
    server.fault = () => 401
    const text = `fleet: { topology: ${topology}, prometheus: { url: '${server.url}', key_file: ${key}${user} } }\n`
    writeFileSync(config as string, text)
    const { code, err } = await asked(
      fleetCheck,
      folder,
      { from: '2026-11-24T00:00:00Z', to: '2026-11-24T02:00:00Z' },
      { file: config, signals: () => ({ stop: never }), sleep: async () => {} },
    )
    assert.equal(code, 1)
    assert.equal(server.headers[0], expected)
    assert.ok(!err.includes('s3cret'), err)
  }
})

test('TLS: an own authority is trusted, and no other', async () => {
  const server = createTlsServer(
    { key: readFileSync(fixture('server.key')), cert: readFileSync(fixture('server.crt')) },
    (_, response) => response.end('{"status":"success","data":{"resultType":"vector","result":[]}}'),
  )
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  try {
    const client = (ca: string) =>
      new PrometheusClient({
        url: `https://localhost:${(server.address() as AddressInfo).port}`,
        post: httpPost({ timeoutMs: 60_000, env: {}, unixMs: () => NOW, keepAlive: true }),
        access: () => ({ headers: {}, tls: { ca: readFileSync(fixture(ca)) } }),
        sleep: async () => {},
      })
    assert.deepEqual(await client('ca.crt').query('up', NOW, never), [])
    await assert.rejects(client('stranger.crt').query('up', NOW, never), /certificate.*not trusted.* after 5 tries/)
  } finally {
    server.closeAllConnections()
    server.close()
  }
})
