import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { fleetAllocate } from '../../../src/commands/fleet-allocate.ts'
import { readPlan } from '../../../src/fleet/allocate/read-plan.ts'
import { columnsOf, TERM_NAMES } from '../../../src/fleet/allocate/terms.ts'
import { ApiServer, type Fault } from '../api-server.ts'
import { asked } from '../asked.ts'
import { HOUR, planned, START } from './setting.ts'

const golden = join(import.meta.dirname, 'golden/plan.yaml')
const ONE_HOUR = { from: '2026-10-01', to: '2026-10-01T01:00:00Z' }

function askedFor(t: TestContext, plan: string, options: Readonly<Record<string, unknown>>) {
  const folder = mkdtempSync(join(tmpdir(), 'fleet-allocate-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const at = (name: string) => join(folder, name)
  const answer = (more: Readonly<Record<string, unknown>> = {}) =>
    asked(
      fleetAllocate,
      folder,
      { ...ONE_HOUR, ...options, ...more },
      {
        argument: plan,
        signals: () => ({ stop: new AbortController().signal }),
        sleep: async () => {},
      },
    )
  return { at, answer }
}

test('each round is a table with the same total, and what is not known is told', async (t) => {
  const { code, out, err } = await askedFor(t, golden, {}).answer()
  assert.deepEqual([code, err], [0, ''])
  const totals = [...out.matchAll(/^all .* (\S+)$/gm)].map(([, total]) => total)
  assert.deepEqual(totals.slice(0, 2), ['1.0900', '1.6600'])
  assert.deepEqual(totals.slice(2, 7), ['2.7500', '2.7500', '2.7500', '2.7500', '2.7500'])
  assert.match(out, /^Machine hours +6, of which 1 without power are not in the energy: c2 1 h$/m)
  assert.match(out, /^search +0\.2472 +0\.4060 +0\.0000 +0\.6532$/m)
  assert.match(out, /beta = 1\.773614/)
})

test('a day on which nobody paid for a minor service is told', async (t) => {
  const plan = planned(t, {
    machines: ['2026-10-01T00:00Z,2026-10-03T00:00Z,c,m1,p,0'],
    power: ['2026-10-01T00:00Z,2026-10-03T00:00Z,m1,1000'],
    net_costs: ['2026-10-01,s,a,5', '2026-10-01,s,p,-5'],
    direct_costs: ['2026-10-01,p,5'],
  })
  const { out } = await askedFor(t, plan, { to: '2026-10-03' }).answer()
  assert.match(out, /^Days without costs +1, on which minor services keep their energy$/m)
  assert.match(out, /^a +24\.000 +24\.000\np +24\.000 +24\.000$/m)
})

test('the same figures in every format', async (t) => {
  const { answer, at } = askedFor(t, golden, {})
  const csv = (await answer({ format: 'csv' })).out.split('\r\n')
  assert.equal(csv[0], 'table,row,column,amount,unit')
  assert.ok(csv.includes('cost-2,search,a,889920000000,uJ'))
  assert.ok(csv.includes('cost-1 flow,auth,mail,540000000000,uJ'))
  assert.ok(csv.includes('co2e,ml,a,110000000,ug'))
  const json = JSON.parse((await answer({ format: 'json' })).out)
  assert.deepEqual(json.rounds.major.clusters, ['a', 'b', 'c'])
  assert.equal(json.rounds['cost-2'].total, '9900000000000')
  assert.deepEqual(json.missingHours, [{ machine: 'c2', hours: 1 }])
  assert.equal(json.daysWithoutCosts, 0)
  assert.match((await answer({ format: 'md' })).out, /^\| search \| 0\.2472 \| 0\.4060 \| 0\.0000 \| 0\.6532 \|$/m)
  const html = (await answer({ format: 'html' })).out
  assert.ok(html.includes('<h2>After minor services once more</h2>') && html.includes('</svg>'))
  const file = at('flow.svg')
  assert.deepEqual(await answer({ format: 'svg', out: file }), { code: 0, out: '', err: '' })
  assert.equal((await answer({ format: 'svg' })).out, readFileSync(file, 'utf8'))
  assert.match((await answer({ format: 'svg', out: file })).err, /is there already/)
})

test('the picture shows each flow once, at its size, and names as text', async (t) => {
  const plan = planned(t, {
    machines: [`${HOUR},a<b,m1,,0`, `${HOUR},c,m2,,0`],
    power: [`${HOUR},m1,30`, `${HOUR},m2,10`],
    usage: [`${HOUR},m1,"x ""&"" y",2`, `${HOUR},m1,z\u202e,1`],
  })
  const svg = (await askedFor(t, plan, { format: 'svg' }).answer()).out
  const titles = [...svg.matchAll(/<path[^>]*><title>([^<]*)<\/title>/g)].map(([, title]) => title)
  assert.deepEqual(titles, [
    'a&lt;b to x &quot;&amp;&quot; y: 0.020000 kWh',
    'a&lt;b to z\\u{202e}: 0.010000 kWh',
    'c to unattributed: 0.010000 kWh',
  ])
  const heights = [...svg.matchAll(/<rect x="(\d+)" y="[\d.]+" width="14" height="([\d.]+)"/g)]
  const [left, right] = ['0', '230'].map((x) =>
    heights.filter(([, at]) => at === x).reduce((sum, [, , height]) => sum + Number(height), 0),
  )
  assert.ok(Math.abs((left ?? 0) - (right ?? 1)) < 0.05 && (left ?? 0) > 500)
  assert.doesNotMatch(svg, /<script|href=|url\(/)
})

test('what is wrong is one line and an exit code, and nothing is written', async (t) => {
  const bad = planned(t, { machines: [`${HOUR},c,m1,,x`] })
  for (const [plan, options, code, line] of [
    [
      golden,
      { format: 'xls' },
      2,
      /^error: --format: expected table, csv, json, md, html, pdf or svg, received "xls"\n$/,
    ],
    [golden, { month: '2026-10' }, 2, /^error: --month: expected without --from and --to\n$/],
    [golden, { format: 'pdf' }, 2, /^error: --format pdf: expected --out FILE\n$/],
    [
      '/nowhere/plan.yaml',
      {},
      78,
      /^\/nowhere\/plan\.yaml: expected a plan of an allocation, received nothing: there is no/,
    ],
    [bad, {}, 1, /^wattledger: .*machines\.csv:2:49: expected a number from 0 to 1000000000, received "x"\n$/],
  ] as const) {
    const { answer, at } = askedFor(t, plan, options)
    const told = await answer(Object.hasOwn(options, 'format') ? {} : { out: at('report') })
    assert.deepEqual([told.code, told.out], [code, ''])
    assert.match(told.err, line)
    assert.deepEqual(existsSync(at('report')), false)
    assert.deepEqual(readdirSync(at('')), [])
  }
})

test('what is known of no machine is no zero, and an hour of which nothing is known asks for no PUE', async (t) => {
  const machines = ['2026-10-01T00:00Z,2026-10-01T05:00Z,c,m1,,5']
  const dark = await askedFor(t, planned(t, { machines }), {}).answer()
  assert.deepEqual([dark.code, dark.out], [1, ''])
  assert.match(dark.err, /^wattledger: power: expected rows of that time, found none: ask for the time of its rows/)
  const none = await askedFor(t, golden, { from: '2026-10-05', to: '2026-10-06' }).answer()
  assert.match(none.err, /^wattledger: machines: expected rows of that time, found none/)
  const figures = { pue: [`${HOUR},c,1.5`], intensity: [`${HOUR},c,100`] }
  const plan = planned(t, { machines, power: [`${HOUR},m1,1000`], ...figures })
  const { code, out } = await askedFor(t, plan, { to: '2026-10-02' }).answer()
  assert.equal(code, 0)
  assert.match(out, /^Machine hours +5, of which 4 without power/m)
  assert.match(out, /^Emissions +0\.15000 kg$/m)
})

test('the page has a plan that can be read, the header of each term, and the picture of the fleet by hand (UPDATE_GOLDEN=1 writes it)', async (t) => {
  const docs = join(import.meta.dirname, '../../../docs')
  const page = readFileSync(join(docs, 'fleet-allocation.md'), 'utf8')
  for (const name of TERM_NAMES) assert.ok(page.includes(`| \`${name}\` | \`${columnsOf(name).join(',')}\` |`), name)
  const { answer, at } = askedFor(t, golden, { format: 'svg' })
  writeFileSync(at('plan.yaml'), /```yaml\n([\s\S]*?)```/.exec(page)?.[1] ?? '')
  assert.deepEqual(Object.keys(readPlan(at('plan.yaml')).terms), TERM_NAMES)
  const { out } = await answer()
  const picture = join(docs, 'images/fleet-allocation.svg')
  if (process.env.UPDATE_GOLDEN) writeFileSync(picture, out)
  assert.equal(out, readFileSync(picture, 'utf8'))
})

const NO_SITE = { startUnixMs: START, hours: 0, hosts: [], racks: [] }
const vectorOf = (labels: object, value: string, unixMs: number) => ({
  data: { resultType: 'vector', result: [{ metric: labels, value: [unixMs / 1e3, value] }] },
})

/** A plan whose power is a query. */
function asking(t: TestContext): string {
  const plan = planned(t, { machines: [`${HOUR},c,m1,ada,100`] })
  writeFileSync(
    plan,
    readFileSync(plan, 'utf8').replace('power: { csv: power.csv }', 'power: { promql: { power_w: draw } }'),
  )
  return plan
}

test('a query is asked of the server that is named, again after what passes, and its values are used', async (t) => {
  await using server = await ApiServer.start(NO_SITE)
  const times: number[] = []
  server.fault = (_, unixMs, count) => {
    times.push((unixMs - START) / 3_600_000)
    return count === 1 ? 503 : vectorOf({ machine: 'm1' }, '2.5e+02', unixMs)
  }
  const { answer } = askedFor(t, asking(t), { prometheus: server.url, format: 'csv' })
  const { code, out, err } = await answer()
  assert.deepEqual([code, err], [0, ''])
  assert.ok(out.includes('cost-2,ada,c,900000000000,uJ'), out)
  assert.deepEqual(
    [server.asked, times],
    [
      ['draw', 'draw'],
      [1, 1],
    ],
  )
})

test('an answer that is partial, refused or of a range is no answer, and says of which query', async (t) => {
  await using server = await ApiServer.start(NO_SITE)
  const refused = async (fault: Fault, line: RegExp) => {
    server.fault = fault
    const { code, out, err } = await askedFor(t, asking(t), { prometheus: server.url }).answer()
    assert.deepEqual([code, out], [1, ''])
    assert.match(err, line)
  }
  await refused(
    (_, unixMs) => ({ ...vectorOf({ machine: 'm1' }, '1', unixMs), warnings: ['a store is away'] }),
    /^wattledger: terms\.power\.promql\.power_w: .*it warns "a store is away" after 5 tries, asked for 2026-10-01T01:00:00.000Z/,
  )
  await refused(() => 400, /terms\.power\.promql\.power_w: .*it does not understand the query, try it on the page/)
  await refused(() => 'cut', /after 5 tries, .*\. Try again\n$/)
  const result = [
    {
      metric: { machine: 'm1' },
      values: [
        [0, '1'],
        [60, '2'],
      ],
    },
  ]
  await refused(() => ({ data: { resultType: 'matrix', result } }), /power_w: expected one value of each series/)
  const { code, err } = await askedFor(t, asking(t), {}).answer()
  assert.deepEqual([code, err], [2, 'error: --prometheus: expected the URL of a server, or set fleet.prometheus.url\n'])
})

test('a command that is told to stop asks no further and writes nothing', async (t) => {
  await using server = await ApiServer.start(NO_SITE)
  const stop = new AbortController()
  server.fault = () => {
    stop.abort()
    return 'hang'
  }
  const folder = mkdtempSync(join(tmpdir(), 'fleet-allocate-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const told = await asked(
    fleetAllocate,
    folder,
    { ...ONE_HOUR, prometheus: server.url, out: join(folder, 'report') },
    { argument: asking(t), signals: () => ({ stop: stop.signal }), sleep: async () => {} },
  )
  assert.deepEqual(told, {
    code: 1,
    out: '',
    err: 'wattledger: terms.power.promql.power_w: stopped before all was read\n',
  })
  assert.deepEqual(readdirSync(folder), [])
})
