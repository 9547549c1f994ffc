import assert from 'node:assert/strict'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { test } from 'node:test'
import Database from 'better-sqlite3'
import { HOUR_MS } from '../../src/model/time.ts'
import type { History } from '../../src/page/ledger/history.ts'
import type { Use } from '../../src/page/ledger/use.ts'
import type { Now } from '../../src/page/now.ts'
import { OPENAPI } from '../../src/page/openapi.ts'
import { promisesOf } from '../io/openapi-schema.ts'
import { scratchDirectory, startLedger, steadyBatch, T0 } from '../ledger/setting.ts'
import { handMade, START } from '../report/hand-made.ts'
import { servePage } from './served-page.ts'

const FILE = resolve(import.meta.dirname, '../../docs/api/page.json')
const assertPromised = promisesOf(OPENAPI)
const at = (hours: number) => new Date(START + hours * HOUR_MS).toISOString()
const FOUR_HOURS = `from=${at(0)}&to=${at(4)}`

test('docs/api/page.json is what the agent serves (UPDATE_GOLDEN=1 writes it)', async (t) => {
  if (process.env.UPDATE_GOLDEN) writeFileSync(FILE, `${JSON.stringify(OPENAPI, null, 2)}\n`)
  assert.deepEqual(JSON.parse(readFileSync(FILE, 'utf8')), JSON.parse(JSON.stringify(OPENAPI)))
  const { get } = await servePage(t, scratchDirectory(t))
  assert.deepEqual((await get('/api/v1/openapi.json')).body, JSON.parse(JSON.stringify(OPENAPI)))
})

test('a history has the power, the parts, the grams as they are settled, the cost and what is not covered', async (t) => {
  const tariff = { source: 'flat', currency: 'EUR', per_kwh: 0.3 } as const
  const { get } = await servePage(t, await handMade(t), { tariff })
  const answer = await get(`/api/v1/history?${FOUR_HOURS}&points=4`)
  assertPromised('/api/v1/history', 'get', answer)
  const history = answer.body as History
  assert.deepEqual([history.grain, history.step_s, history.from, history.to], ['hour', 3600, at(0), at(4)])
  assert.deepEqual(history.power_w, [1000, 2000, null, 8000])
  assert.deepEqual(history.coverage, [1, 1, 0, 0.5])
  assert.deepEqual(history.parts, [
    { part: 'processors', quality: 'measured', power_w: [1000, 1500, null, 6000] },
    { part: 'rest', quality: 'measured', power_w: [0, 0, null, 2000] },
    { part: 'rest', quality: 'estimated', power_w: [0, 500, null, 0] },
  ])
  assert.deepEqual(history.co2e_location_g, [500, 1000, null, 1500])
  assert.deepEqual(history.intensity_g_per_kwh, [400, 400, null, 300])
  assert.deepEqual(history.cost, [0.3, 0.6, null, 1.2])
  assert.deepEqual(history.gaps, [{ started: at(2), ended: at(3.25), reason: 'reboot' }])
  const { uncertainty_95_kwh, meters, ...total } = history.total
  assert.deepEqual(meters, ['dcmi', 'estimate'])
  assert.equal(uncertainty_95_kwh.toFixed(6), '0.328024')
  assert.deepEqual(total, {
    energy_kwh: 7,
    measured_kwh: 6.5,
    derived_kwh: 0,
    estimated_kwh: 0.5,
    coverage: 0.625,
    co2e_location_g: 3000,
    co2e_market_g: null,
    embodied_g: 25,
    site_water_l: null,
    grid_water_l: 14,
    cost: 2.1,
    currency: 'EUR',
  })
})

test('the users of a span are named with what they used, those with most of it first', async (t) => {
  const { get } = await servePage(t, await handMade(t))
  const answer = await get(`/api/v1/consumers?${FOUR_HOURS}&limit=2`)
  assertPromised('/api/v1/consumers', 'get', answer)
  const use = answer.body as Use
  assert.equal(use.energy_kwh, 5)
  assert.deepEqual(
    use.consumers.map(({ kind, name, energy_kwh, idle_kwh }) => [kind, name, energy_kwh, idle_kwh]),
    [
      ['service', 'web.service', 2.2, 0.1],
      ['unallocated', 'unallocated', 1.8, 1.8],
    ],
  )
  assert.equal(use.consumers_left_out, 1)
  assert.deepEqual(
    use.tenants.map(({ tenant, energy_kwh }) => [tenant, energy_kwh]),
    [
      ['shop', 2.2],
      ['unassigned', 1.8],
    ],
  )
  assert.equal(use.tenants_left_out, 1)
})

test('the machine of now is told from memory, and today from the ledger', async (t) => {
  const folder = await handMade(t)
  const { get } = await servePage(t, folder, { unixMs: () => START + 4 * HOUR_MS })
  const answer = await get('/api/v1/now')
  assertPromised('/api/v1/now', 'get', answer)
  const now = answer.body as Now
  assert.deepEqual([now.node.name, now.power.now_w, now.meter?.name], ['db-17', 412, 'ipmi-dcmi'])
  assert.equal(now.today?.energy_kwh, 4)
  assert.equal(now.today?.co2e_location_g, 1500)
  assert.deepEqual(
    now.parts.map(({ part, power_w }) => [part, power_w]),
    [
      ['processors', 309],
      ['accelerators', null],
      ['rest', 103],
    ],
  )
})

test("no sums of yesterday are told as today's, though they were asked for before midnight and come after it", async (t) => {
  const midnight = START + 26 * HOUR_MS
  let nowMs = midnight - 1
  let isServing = false
  const unixMs = () => {
    const toldMs = nowMs
    if (isServing) nowMs = midnight
    return toldMs
  }
  const { get } = await servePage(t, await handMade(t), { unixMs })
  isServing = true
  const told = await Promise.all([get('/api/v1/now'), get('/api/v1/now')])
  const energies = told.map(({ body }) => (body as Now).today?.energy_kwh ?? 0)
  assert.deepEqual(energies.sort(), [0, 4])
})

test('what a question gets wrong is named, with what it should be', async (t) => {
  const { get } = await servePage(t, await handMade(t))
  for (const [path, words] of [
    [`/api/v1/history?from=${at(4)}&to=${at(0)}`, /^to: expected a later time than from$/],
    ['/api/v1/history?from=1926-11-28T00:00:00Z&to=2026-11-28T00:00:00Z', /^expected a span of at most 1100 days: ask/],
    ['/api/v1/history?form=1', /^unknown parameter "form" \(did you mean from\?\): expected from, to, points$/],
    ['/api/v1/history?from=yesterday', /^from: expected a time such as/],
    ['/api/v1/history?from=1&from=2', /^from: expected once$/],
    ['/api/v1/history?points=0', /^points: expected a whole number from 1 to 2000$/],
    ['/api/v1/history?from=9999-06-01T00:00:00Z&to=9999-06-02T00:00:00Z', /^expected a span within the years/],
    ['/api/v1/consumers?limit=1e9', /^limit: expected a whole number from 1 to 200$/],
    ['/api/v1/now?x', /^unknown parameter "x": this path has none$/],
  ] as const) {
    const answer = await get(path)
    assert.equal(answer.status, 400, path)
    assertPromised(path.split('?')[0] ?? '', 'get', answer)
    assert.match((answer.body as { error: string }).error, words)
  }
})

test('a ledger that is missing, damaged or locked costs the history alone, and says what to do', async (t) => {
  const folder = scratchDirectory(t)
  const { get } = await servePage(t, folder)
  const refused = async (path: string) => {
    const answer = await get(path)
    assertPromised(path, 'get', answer)
    assert.equal(answer.status, 503)
    return (answer.body as { error: string }).error
  }
  assert.match(await refused('/api/v1/history'), /^there is no ledger .*: the agent makes it when it starts/)
  writeFileSync(join(folder, 'ledger.db'), 'no database at all, but long enough to be taken for one'.repeat(100))
  assert.match(await refused('/api/v1/consumers'), /is not a ledger, or damaged/)
  rmSync(join(folder, 'ledger.db'))
  const now = await get('/api/v1/now')
  assertPromised('/api/v1/now', 'get', now)
  assert.equal((now.body as Now).today, null)
  const whole = await handMade(t)
  const other = await servePage(t, whole)
  const writer = new Database(join(whole, 'ledger.db'))
  t.after(() => writer.close())
  writer.pragma('locking_mode = EXCLUSIVE')
  writer.exec('BEGIN IMMEDIATE')
  const locked = await other.get('/api/v1/history')
  assertPromised('/api/v1/history', 'get', locked)
  assert.match((locked.body as { error: string }).error, /^the ledger .* is locked by a program other than the agent/)
})

test('before the first reading there is nothing to tell yet', async (t) => {
  const { get } = await servePage(t, scratchDirectory(t), { snapshot: () => null })
  const answer = await get('/api/v1/now')
  assertPromised('/api/v1/now', 'get', answer)
  assert.deepEqual([answer.status, answer.headers['retry-after']], [503, '1'])
})

test('what is counted comes into the ledger before it is asked, and not for the sums of today', async (t) => {
  const folder = scratchDirectory(t)
  const ledger = await startLedger(t, join(folder, 'ledger.db'))
  let batches = 0
  const { get } = await servePage(t, folder, { freshen: () => void ledger.write(steadyBatch(batches++)) })
  assert.equal((await get('/api/v1/now')).status, 200)
  assert.equal(batches, 0)
  const span = `from=${new Date(T0).toISOString()}&to=${new Date(T0 + 60_000).toISOString()}`
  const { body } = await get(`/api/v1/history?${span}`)
  assert.deepEqual((body as History).known_to, new Date(T0 + 10_000).toISOString())
  await get(`/api/v1/consumers?${span}`)
  assert.equal(batches, 2)
  assert.equal((await get('/api/v1/history?points=0')).status, 400)
  assert.equal(batches, 2, 'nothing is written for what is no question')
  await ledger.stop()
})

test('an empty ledger has a history without figures', async (t) => {
  const folder = scratchDirectory(t)
  const ledger = await startLedger(t, join(folder, 'ledger.db'))
  const { get } = await servePage(t, folder)
  const answer = await get('/api/v1/history?points=10')
  assertPromised('/api/v1/history', 'get', answer)
  const history = answer.body as History
  assert.deepEqual([history.known_from, history.total.coverage, history.total.energy_kwh], [null, null, 0])
  assert.ok(history.power_w.every((watts) => watts === null))
  await ledger.stop()
})
