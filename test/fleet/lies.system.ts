import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { type TestContext, test } from 'node:test'
import { fleetCheck } from '../../src/commands/fleet-check.ts'
import { fleetReport } from '../../src/commands/fleet-report.ts'
import { HOUR_MS } from '../../src/model/time.ts'
import { scratchDirectory } from '../ledger/setting.ts'
import { type MadeHost, type MadeSite, topologyOf, wattsOf } from './a-fleet.ts'
import { ApiServer } from './api-server.ts'
import { asked, NOW } from './asked.ts'

const START = Date.UTC(2026, 10, 24)
const HOURS = 30
const SITE: MadeSite = {
  startUnixMs: START,
  hours: HOURS + 2,
  racks: ['r1'],
  hosts: ['n1', 'n2', 'n3'].map((node) => ({ node, rack: 'r1' })),
}
const SPAN = { from: '2026-11-24', to: '2026-11-25T06:00:00Z' }

async function told(
  t: TestContext,
  server: ApiServer,
  {
    site = SITE,
    command = fleetReport,
    folder = scratchDirectory(t),
    ...options
  }: Record<string, unknown> & {
    readonly site?: MadeSite
    readonly command?: typeof fleetReport
    readonly folder?: string
  } = {},
) {
  const topology = join(folder, 'topology.yaml')
  writeFileSync(topology, topologyOf(site))
  const answer = await asked(
    command,
    folder,
    { ...SPAN, format: 'json', topology, prometheus: server.url, ...options },
    { signals: () => ({ stop: new AbortController().signal }), sleep: async () => {}, unixMs: () => NOW },
  )
  return { ...answer, json: answer.out.startsWith('{') ? JSON.parse(answer.out) : null }
}

const HOUR_9 = START + 9 * HOUR_MS

/** Energy by the site's own truth, of some hosts. */
const joulesOf = (site: MadeSite, isIn: (host: MadeHost, hour: number) => boolean = () => true): number =>
  site.hosts.reduce(
    (sum, host) =>
      sum +
      Array.from({ length: HOURS }, (_, hour) => (isIn(host, hour) ? 3600 * wattsOf(site, host, hour) : 0)).reduce(
        (all, one) => all + one,
      ),
    0,
  )

const near = (actual: number, expected: number) =>
  assert.ok(Math.abs(actual - expected) <= 1e-6 * expected, `${actual} is not near ${expected}`)

test('an answer that cannot be is no answer: series twice, samples back in time, values of another time', async (t) => {
  await using server = await ApiServer.start(SITE)
  const lies: readonly (readonly [ApiServer['lie'], RegExp])[] = [
    [(one) => (one.metric.__name__?.includes('settled_energy') ? [one, one] : [one]), /expected each series once/],
    [
      ({ values, ...one }) => (values === undefined ? [one] : [{ ...one, values: values.toReversed() }]),
      /expected samples in the order of time/,
    ],
    [
      ({ value, ...one }) => [value === undefined ? one : { ...one, value: [NOW / 1e3, value[1]] }],
      /expected values of the time that was asked for/,
    ],
    [({ metric, ...one }) => [{ ...one, metric: { ...metric, n: 1 as never } }], /expected labels/],
    [({ metric }) => [{ metric, value: [1] as never, values: [[2]] as never }], /expected a time and a value/],
  ]
  for (const [lie, message] of lies) {
    server.lie = lie
    const { code, out, err } = await told(t, server)
    assert.deepEqual([code, out], [1, ''])
    assert.match(err, message)
  }
})

test('a figure that is no number, or is more than there can be, is not known: less coverage, and never a wrong total', async (t) => {
  await using server = await ApiServer.start(SITE)
  for (const text of ['NaN', '+Inf', '-1', '1e300', '1e20']) {
    server.lie = ({ metric, value, ...one }, unixMs) => {
      const isIt = metric.instance === 'n2:10910' && metric.__name__ === 'wattledger_settled_energy_joules_total'
      const isThen = unixMs >= HOUR_9 && unixMs < HOUR_9 + 3 * HOUR_MS
      return [{ ...one, metric, ...(value && { value: isIt && isThen ? [value[0], text] : value }) }]
    }
    const { code, json } = await told(t, server)
    assert.equal(code, 0)
    // Their sum is known at the next hour that is.
    near(Number(json.total.energyUj) / 1e6, joulesOf(SITE))
    const check = await told(t, server, { command: fleetCheck })
    assert.deepEqual(
      check.json.findings.map(({ kind, where, hours }: Record<string, unknown>) => [kind, where, hours]),
      [['hours-lost', 'n2', 4]],
    )
  }
  // Of a meter it is a gap.
  server.lie = ({ values, ...one }) => [
    {
      ...one,
      ...(values && {
        values: values.map(([at, text], n) => [at, n % 100 === 7 ? '1e300' : n % 100 === 9 ? 'NaN' : text]),
      }),
    },
  ]
  const { code, json } = await told(t, server)
  assert.equal(code, 0)
  near(Number(json.total.energyUj) / 1e6, joulesOf(SITE))
  assert.ok(
    json.pue.every(({ pue }: { pue: number | null }) => pue === null || pue < 3),
    JSON.stringify(json.pue),
  )
})

test('a host whose clock is years ahead, or whose hours are none, has no energy in hours to come, and is named', async (t) => {
  await using server = await ApiServer.start(SITE)
  for (const off of [1e9, 5, -7]) {
    server.lie = ({ metric, value, ...one }, unixMs) => {
      const isIt = metric.instance === 'n2:10910' && metric.__name__ === 'wattledger_settled_until_timestamp_seconds'
      const isOff = isIt && unixMs >= HOUR_9 && unixMs < HOUR_9 + 3 * HOUR_MS
      return [{ ...one, metric, ...(value && { value: [value[0], String(Number(value[1]) + (isOff ? off : 0))] }) }]
    }
    const { json } = await told(t, server)
    near(Number(json.total.energyUj) / 1e6, joulesOf(SITE))
    const check = await told(t, server, { command: fleetCheck })
    assert.deepEqual(
      check.json.findings.map(({ kind, where, hours }: Record<string, unknown>) => [kind, where, hours]),
      [
        ['host-late', 'n2', 3],
        ['hours-lost', 'n2', 4],
      ],
    )
  }
})

test('a host that gets another name, address and rack within the time is one host, and each hour is where it stood', async (t) => {
  const machine = 'feed'.repeat(8)
  const old = { node: 'n2', rack: 'r1', machine }
  const fresh = { node: 'db-2', rack: 'r2', machine, instance: '10.0.0.2:10910' }
  const site: MadeSite = {
    ...SITE,
    racks: ['r1', 'r2'],
    hosts: [{ node: 'n1', rack: 'r1' }, old],
  }
  await using server = await ApiServer.start(site)
  server.lie = ({ metric, ...one }, unixMs) => {
    const isIt = metric.instance === 'n2:10910' && unixMs > START + 12.2 * HOUR_MS
    const { rack, node, ...target } = metric
    const info = rack === undefined ? {} : { rack: fresh.rack, node: fresh.node }
    return [{ ...one, metric: isIt ? { ...target, ...info, instance: fresh.instance } : metric }]
  }
  const rows = Object.fromEntries(
    (await told(t, server, { site })).json.rows.map(({ rack, energyUj }: Record<string, string>) => [
      rack,
      Number(energyUj) / 1e6,
    ]),
  )
  // What it says in the middle of an hour counts for it.
  const before = (host: MadeHost, hour: number) => host.node === 'n1' || hour < 12
  near(rows.r1, joulesOf(site, before))
  near(rows.r2, joulesOf(site) - joulesOf(site, before))
  const check = (await told(t, server, { site, command: fleetCheck })).json
  assert.deepEqual([check.hosts, check.coveragePct], [2, 100])
  const moved = check.findings.filter(({ kind }: { kind: string }) => kind === 'host-moved')
  assert.match(moved[0].text, /^went from fra1\/r1 to fra1\/r2 at 2026-11-24T12:00Z/)
})

test('the month in which clocks are set back has each hour once, wherever the command runs', async (t) => {
  const site: MadeSite = { ...SITE, startUnixMs: Date.UTC(2026, 9, 24), hours: 74 }
  await using server = await ApiServer.start(site)
  const zone = process.env.TZ
  t.after(() => {
    if (zone === undefined) delete process.env.TZ
    else process.env.TZ = zone
  })
  const told2 = async (tz: string) => {
    process.env.TZ = tz
    return (await told(t, server, { site, from: '2026-10-24', to: '2026-10-27', by: 'day', format: 'csv' })).out
  }
  const [berlin, utc] = [await told2('Europe/Berlin'), await told2('UTC')]
  assert.equal(berlin, utc)
  const joules = berlin
    .trim()
    .split('\r\n')
    .slice(1)
    .map((line) => Number(line.split(',')[1]) / 1e6)
  const day = (n: number) =>
    site.hosts.reduce(
      (sum, host) =>
        sum + Array.from({ length: 24 }, (_, h) => 3600 * wattsOf(site, host, 24 * n + h)).reduce((a, b) => a + b),
      0,
    )
  assert.equal(joules.length, 3)
  for (const [n, one] of joules.entries()) near(one, day(n))
})

test('a command that is killed goes on where it was, and says what one says that never was', async (t) => {
  await using server = await ApiServer.start(SITE)
  const folder = scratchDirectory(t)
  const topology = join(folder, 'topology.yaml')
  writeFileSync(topology, topologyOf(SITE))
  const args = [
    'fleet',
    'report',
    '--from',
    SPAN.from,
    '--to',
    SPAN.to,
    '--topology',
    topology,
    '--prometheus',
    server.url,
  ]
  const whole = (await told(t, server)).json
  const needed = server.asked.length
  for (const at of [30, 60, 90]) {
    server.asked.length = 0
    const child = spawn(process.execPath, [resolve('src/main.ts'), ...args], {
      env: { ...process.env, STATE_DIRECTORY: folder },
      stdio: 'ignore',
    })
    const ended = once(child, 'exit')
    server.fault = () => {
      if (server.asked.length === at / 3) child.kill('SIGKILL')
      return null
    }
    await ended
    assert.equal(child.signalCode, 'SIGKILL')
  }
  server.fault = () => null
  server.asked.length = 0
  const { json } = await told(t, server, { folder })
  assert.deepEqual(json.total, whole.total)
  assert.deepEqual(json.rows, whole.rows)
  assert.ok(server.asked.length < needed, `${server.asked.length} of ${needed} requests again`)
})
