import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { fleetCheck } from '../../src/commands/fleet-check.ts'
import { scratchDirectory } from '../ledger/setting.ts'
import { type MadeHost, type MadeSite, topologyOf, wattsOf } from './a-fleet.ts'
import { ApiServer } from './api-server.ts'
import { asked, NOW } from './asked.ts'

const START = Date.UTC(2026, 10, 24)
const RACKS = ['r1', 'r2', 'r3', 'r4']
const OPTIONS = { from: '2026-11-24', to: '2026-11-27', format: 'json' }

function siteOf(change: (host: MadeHost) => Partial<MadeHost> = () => ({}), more: readonly MadeHost[] = []): MadeSite {
  const hosts = RACKS.flatMap((rack, n) => [1, 2, 3, 4, 5].map((m): MadeHost => ({ node: `n${n + 1}${m}`, rack })))
  return {
    startUnixMs: START,
    hours: 74,
    racks: RACKS,
    hosts: [...hosts.map((host) => ({ ...host, ...change(host) })), ...more],
  }
}

const only = (node: string, change: Partial<MadeHost>) => (host: MadeHost) => (host.node === node ? change : {})

/** The JSON of a check. */
async function checked(
  t: TestContext,
  server: ApiServer,
  site: MadeSite,
  options = {},
  topology = topologyOf(site),
  folder = scratchDirectory(t),
) {
  const path = join(folder, 'topology.yaml')
  writeFileSync(path, topology)
  const answer = await asked(
    fleetCheck,
    folder,
    { ...OPTIONS, topology: path, prometheus: server.url, ...options },
    { signals: () => ({ stop: new AbortController().signal }), sleep: async () => {}, unixMs: () => NOW },
  )
  return { ...answer, json: answer.out.startsWith('{') ? JSON.parse(answer.out) : null }
}

const kinds = (json: { findings: { kind: string; where: string }[] }) =>
  json.findings.map(({ kind, where }) => `${kind} ${where}`)

test('a site where all is well has no findings, and its balances hold', async (t) => {
  const site = siteOf()
  await using server = await ApiServer.start(site)
  const { code, json } = await checked(t, server, site)
  assert.deepEqual([code, json.findings], [0, []])
  assert.deepEqual([json.hosts, json.coveragePct], [20, 100])
  const joules = site.hosts.reduce(
    (sum, host) => sum + Array.from({ length: 72 }, (_, h) => wattsOf(site, host, h)).reduce((a, b) => a + b, 0) * 3600,
    0,
  )
  assert.ok(Math.abs(Number(json.energyUj) / 1e6 - joules) < 1, json.energyUj)
  const [worst] = json.balances
  assert.deepEqual([worst.hours, json.balances.length], [72, 5])
  assert.ok(Math.abs(worst.unexplainedJ) < 0.002 * worst.supplyJ)
})

test('before its meter was there a rack has no balance, and nothing is unexplained', async (t) => {
  const site = siteOf()
  await using server = await ApiServer.start(site)
  const topology = topologyOf(site).replace(/^( {2}pdu-r1: .*) \}$/m, "$1, since: '2026-11-25T00:00:00Z' }")
  const { code, json } = await checked(t, server, site, {}, topology)
  assert.deepEqual([code, json.findings], [0, []])
  const hours = Object.fromEntries(json.balances.map((one: { place: string; hours: number }) => [one.place, one.hours]))
  assert.deepEqual(hours, { r1: 48, r2: 72, r3: 72, r4: 72, fra1: 48 })
})

test('hosts of a rack whose meter was taken away are behind the next meter around them', async (t) => {
  const site = siteOf()
  await using server = await ApiServer.start(site)
  const topology = topologyOf(site).replace(/^( {2}pdu-r1: .*) \}$/m, "$1, until: '2025-01-01T00:00:00Z' }")
  const { code, json } = await checked(t, server, site, {}, topology)
  assert.deepEqual([code, json.findings], [0, []])
  const hours = Object.fromEntries(json.balances.map((one: { place: string; hours: number }) => [one.place, one.hours]))
  assert.deepEqual(hours, { r2: 72, r3: 72, r4: 72, fra1: 72 })
})

test('a BMC that shows a fifth too much is named, from the hour on that it does', async (t) => {
  for (const fromHour of [0, 30]) {
    const site = siteOf(only('n23', { lie: { factor: 1.2, fromHour } }))
    await using server = await ApiServer.start(site)
    const { code, json } = await checked(t, server, site)
    const suspects = json.findings.filter(({ kind }: { kind: string }) => kind === 'meter-suspect')
    assert.deepEqual(
      suspects.map(({ where }: { where: string }) => where),
      ['n23'],
      JSON.stringify(json.findings),
    )
    assert.match(suspects[0].text, /^shows about 20 % too much/)
    if (fromHour > 0) assert.match(suspects[0].text, /since 2026-11-25T06:00Z/)
    assert.equal(code, 6)
  }
})

test('racks whose labels are swapped are named with the hosts', async (t) => {
  const site = siteOf((host) => (host.node === 'n12' ? { label: 'r3' } : host.node === 'n34' ? { label: 'r1' } : {}))
  await using server = await ApiServer.start(site)
  const { json } = await checked(t, server, site)
  const [swap, ...others] = json.findings.filter(({ kind }: { kind: string }) => kind === 'place-suspect')
  assert.deepEqual(others, [])
  assert.deepEqual(swap.where.split(' and ').sort(), ['n12', 'n34'])
  assert.match(swap.text, /n12 draws from r1|n34 draws from r3/)
})

test('a host with a wrong label, one that moved and one that has none are told apart', async (t) => {
  const site = siteOf((host) => (host.node === 'n41' ? { label: 'r9' } : host.node === 'n22' ? { label: 'r4' } : {}))
  await using server = await ApiServer.start(site)
  const topology = topologyOf(site).replace(
    'r2: { level: rack, in: fra1 }',
    'r2: { level: rack, in: fra1, hosts: [n22, n99] }',
  )
  const { json } = await checked(t, server, site, {}, topology)
  assert.deepEqual(
    kinds(json).filter((one) => /host-/.test(one)),
    ['host-missing n99', 'host-label n22', 'host-unplaced n41'],
  )
  assert.equal(json.expected, 21)
})

test('a dead host, a double one and a late one are counted once and named', async (t) => {
  const site = siteOf(
    (host) => (host.node === 'n11' ? { isHeard: (hour: number) => hour < 50 } : {}),
    [{ node: 'n21', rack: 'r2', instance: 'n21.old:10910' }],
  )
  const whole = siteOf()
  await using server = await ApiServer.start({ ...site, hosts: site.hosts })
  const { json } = await checked(t, server, site)
  assert.deepEqual(
    kinds(json).filter((one) => /host-/.test(one)),
    ['host-dead n11', 'host-double n21'],
  )
  const joules = whole.hosts.reduce(
    (sum, host) =>
      sum +
      Array.from({ length: host.node === 'n11' ? 49 : 72 }, (_, h) => wattsOf(whole, host, h)).reduce(
        (a, b) => a + b,
        0,
      ) *
        3600,
    0,
  )
  assert.ok(Math.abs(Number(json.energyUj) / 1e6 - joules) < 1, `${json.energyUj} ${joules}`)
  assert.ok(json.coveragePct < 99 && json.coveragePct > 97, json.coveragePct)
})

test('an hour that Prometheus lost is said once, of the place; an hour that an agent was down is not covered', async (t) => {
  // Nothing is scraped at the edge of 09:00 and half an hour on.
  const site = siteOf((host) => ({
    isHeard: (hour: number) => hour < 32.9 || hour > 33.6,
    ...(host.node === 'n35' ? { isDown: (hour: number) => hour === 50 } : {}),
  }))
  await using server = await ApiServer.start(site)
  const { json } = await checked(t, server, site)
  const [lost, ...others] = json.findings.filter(({ kind }: { kind: string }) => kind === 'hours-lost')
  assert.deepEqual([lost.where, lost.hours], ['fra1', 40])
  assert.match(lost.text, /^lacks samples for 2026-11-25T08:00Z to 2026-11-25T10:00Z, 20 hosts/)
  assert.deepEqual(
    others.map(({ where }: { where: string }) => where),
    ['n35'],
  )
  assert.ok(kinds(json).includes('hours-uncovered n35'), kinds(json).join())
})

test('a meter that is silent, one with gaps and a counter that falls are named, and make no balance', async (t) => {
  const site = siteOf()
  await using server = await ApiServer.start(site, (series, samples) => {
    if (series.includes('r1')) return []
    if (series.includes('r2')) return samples.filter(([at]) => (at - START) % 86_400_000 > 2 * 3_600_000)
    if (series.startsWith('site'))
      return samples.map(([at, value]) => [at, at > START + 40 * 3_600_000 ? value - 4e8 : value])
    return samples
  })
  const { json } = await checked(t, server, site)
  assert.deepEqual(kinds(json), ['meter-gaps main', 'meter-fell main', 'meter-silent pdu-r1', 'meter-gaps pdu-r2'])
  const hours = Object.fromEntries(
    json.balances.map(({ place, hours }: { place: string; hours: number }) => [place, hours]),
  )
  assert.deepEqual(hours, { fra1: 0, r1: 0, r2: 60, r3: 72, r4: 72 })
})

test('a server that fails in the middle: no figure, and the next command goes on from there', async (t) => {
  const site = siteOf()
  await using server = await ApiServer.start(site)
  const folder = scratchDirectory(t)
  for (const [fault, message] of [
    [503, /HTTP 503 after 5 tries, asked for 2026-11-2\dT.*What was read is kept/],
    ['cut', /it broke off the connection|the connection failed/],
    [
      { warnings: ['store 10.0.0.7 is gone'] },
      /it warns "store 10\.0\.0\.7 is gone" after 5 tries.*Nothing of it was counted/,
    ],
    [{ isPartial: true }, /its answer is partial/],
    [401, /HTTP 401, asked for .*: set fleet\.prometheus\.key_file/],
    [{ status: 'error' }, /expected a successful query/],
  ] as const) {
    server.fault = (_, __, count) => (count % 60 >= 30 ? fault : null)
    const { code, out, err } = await checked(t, server, site, {}, topologyOf(site), folder)
    assert.deepEqual([code, out], [1, ''], err)
    assert.match(err, message)
    assert.equal(err.trimEnd().split('\n').length, 1)
  }
  const before = server.asked.length
  server.fault = (_, __, count) => (count % 7 === 0 ? 503 : null)
  const { code, json } = await checked(t, server, site, {}, topologyOf(site), folder)
  assert.deepEqual([code, json.findings], [0, []])
  assert.ok(json.retries > 0)
  const needed = server.asked.length - before
  assert.ok(needed < 260, `${needed} requests again`)
  server.fault = () => 500
  const again = await checked(t, server, site, {}, topologyOf(site), folder)
  assert.equal(again.json.energyUj, json.energyUj)
  const other = await checked(t, server, site, { prometheus: `${server.url}/other` }, topologyOf(site), folder)
  assert.match(other.err, /2026-11\.db was read from http:.*and not from http:.*other: move it away/)
})

test('an address that was mistyped, of which nothing was read, is not held against the right one', async (t) => {
  const site = siteOf()
  await using server = await ApiServer.start(site)
  const folder = scratchDirectory(t)
  server.fault = () => 405
  const mistyped = await checked(t, server, site, { prometheus: `${server.url}/typo` }, topologyOf(site), folder)
  assert.match(mistyped.err, /HTTP 405, asked for .*: expected the API of Prometheus/)
  server.fault = () => null
  const { code, err } = await checked(t, server, site, {}, topologyOf(site), folder)
  assert.deepEqual([code, err], [0, ''])
})

test('what is typed wrong is one line', async (t) => {
  const site = siteOf()
  await using server = await ApiServer.start(site)
  for (const [options, code, line] of [
    [{ topology: undefined }, 2, '--topology: expected a file, or set fleet.topology'],
    [{ prometheus: undefined }, 2, '--prometheus: expected the URL of a server, or set fleet.prometheus.url'],
    [{ prometheus: 'prometheus' }, 2, '--prometheus: expected a URL such as http://prometheus:9090'],
    [
      { from: '2026-11-28T09:00:00Z', to: undefined },
      1,
      'no hour since 2026-11-28T09:00Z is closed yet: try again in half an hour',
    ],
  ] as const) {
    const answer = await checked(t, server, site, options)
    assert.equal(answer.code, code)
    assert.ok(answer.err.includes(line), answer.err)
  }
})
