import assert from 'node:assert/strict'
import { rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { allocate } from '../../../src/fleet/allocate/allocate.ts'
import { readInputs } from '../../../src/fleet/allocate/read-inputs.ts'
import { readPlan } from '../../../src/fleet/allocate/read-plan.ts'
import type { InstantQueries } from '../../../src/fleet/allocate/term-lines.ts'
import { allocated, cellsOf, HOUR, NEXT_HOUR, planned, type Rows, START } from './setting.ts'

const SOUND: Rows = {
  machines: [`${HOUR},c,m1,,100`, `${NEXT_HOUR},c,m1,,100`],
  power: [`${HOUR},m1,250`, `${NEXT_HOUR},m1,300`],
  reservations: [`${HOUR},c,alice,1,0,0,0`],
  usage: [`${HOUR},m1,bob,2`],
  pue: [`${HOUR},c,1.1`, `${NEXT_HOUR},c,1.1`],
  intensity: [`${HOUR},c,100`, `${NEXT_HOUR},c,100`],
}

test('a bad row is told with its file, line and column, what was expected, and all of them at once', async (t) => {
  const services = 'services: { spanner: major }\n'
  for (const [rows, place, text, more] of [
    [{ machines: [`${HOUR},c,m1,,-1`] }, 'machines.csv:2:49', 'a number from 0 to 1000000000, received "-1"'],
    [{ machines: [`${HOUR},c,m1,unallocated,1`] }, 'machines.csv:2:48', 'another name: this one is of energy'],
    [
      { machines: [`${HOUR},c,m1,,1`, `${HOUR},d,m1,,1`] },
      'machines.csv:3:45',
      'one row at a time, and another one has its hours, received "m1"',
    ],
    [{ power: [`${HOUR},m2,1`] }, 'power.csv:2:43', 'term machines in that time (did you mean m1?), received "m2"'],
    [{ power: [`${HOUR},m1,NaN`] }, 'power.csv:2:46', 'a number from 0 to 1000000000, received "NaN"'],
    [{ power: ['2026-10-01T00:30:00Z,2026-10-01T01:00:00Z,m1,1'] }, 'power.csv:2:1', 'a full UTC hour'],
    [{ power: [`${HOUR},m1,1`, `${HOUR},m1,1`] }, 'power.csv:3:43', 'one row at a time'],
    [{ usage: [`${HOUR},m1,,1`] }, 'usage.csv:2:46', 'a name of 1 to 128 printable characters, received ""'],
    [{ reservations: [`${HOUR},b,u,1,0,0,0`] }, 'reservations.csv:2:43', 'a cluster of the term machines'],
    [{ pue: [`${HOUR},c,0.9`] }, 'pue.csv:2:45', 'a PUE of 1 to 10'],
    [{ intensity: [`${HOUR},c,1e9`] }, 'intensity.csv:2:45', 'g/kWh from 0 to 2000'],
    [{ service_usage: [`${HOUR},c,spaner,u,1,0,0`] }, 'service_usage.csv:2:45', '(did you mean spanner?)', services],
    [
      { net_costs: ['2026-10-01,spanner,u,1'], direct_costs: [], service_usage: [] },
      'net_costs.csv:2:12',
      'a minor service',
      services,
    ],
    [{ net_costs: ['2026-02-30,s,u,1'], direct_costs: [] }, 'net_costs.csv:2:1', 'a UTC day, such as 2026-01-31'],
    [{ regions: ['c,eu'], prices: ['a,u,1'], sales: ['b,eu,x,1'] }, 'sales.csv:2:1', 'a SKU of the term prices'],
    [{ regions: ['c,eu'], prices: ['a,u,1'], sales: ['a,us,x,1'] }, 'sales.csv:2:3', 'a region of the term regions'],
    [{ usage: [`${HOUR},m1,u`] }, 'usage.csv:2:', '5 fields'],
  ] as readonly (readonly [Rows, string, string, string?])[]) {
    const plan = planned(t, { ...SOUND, ...rows }, more)
    await assert.rejects(allocated(plan, 2), (error: Error & { readonly code?: string }) => {
      assert.equal(error.code, 'FLEET_FILE')
      assert.ok(error.message.startsWith(join(dirname(plan), place)), `${error.message} has not ${place}`)
      assert.ok(error.message.includes(text), `${error.message} has not ${text}`)
      return true
    })
  }
  const two = planned(t, { ...SOUND, power: [`${HOUR},m1,x`, `${NEXT_HOUR},m1,y`] })
  await assert.rejects(allocated(two, 2), /power\.csv:2:46: .*\n.*power\.csv:3:46: /)
})

test('what a file lacks as a whole is told with its name: a header, a file, a PUE, a region', async (t) => {
  const plan = planned(t, SOUND)
  const folder = dirname(plan)
  writeFileSync(join(folder, 'usage.csv'), 'start,end,host,user,gcu\n')
  await assert.rejects(allocated(plan), /usage\.csv:1:1: expected the header start,end,machine,user,gcu, received/)
  rmSync(join(folder, 'usage.csv'))
  await assert.rejects(allocated(plan), /usage\.csv: there is no such file/)
  const without = planned(t, { ...SOUND, pue: [`${HOUR},c,1.1`] })
  await assert.rejects(allocated(without, 2), /^FleetFault: pue: expected a row for cluster c at 2026-10-01T01:00Z/)
  const elsewhere = planned(t, { ...SOUND, regions: ['d,eu'], prices: ['a,u,1'], sales: [] })
  await assert.rejects(allocated(elsewhere), /^FleetFault: regions: expected a row for cluster c, found none/)
})

test('a plan tells all that is wrong with it, each with its line', (t) => {
  const file = planned(t, {}).replace('plan.yaml', 'bad.yaml')
  const faultsOf = (text: string): string[] => {
    writeFileSync(file, text)
    try {
      readPlan(file)
    } catch (error) {
      return (error as Error).message.replaceAll(file, 'bad.yaml').split('\n')
    }
    return []
  }
  assert.deepEqual(faultsOf('terms:\n  machines: { csv: m.csv }\n  pue: { csv: p.csv }\nservices: { a: minor }\n'), [
    'bad.yaml:4:13: services.a: expected major or storage, received "minor"',
  ])
  assert.deepEqual(
    faultsOf(
      'terms:\n  machines: { csv: m.csv, promql: { idle_w: up } }\n  power: { promql: { power_w: up } }\n  reservations: { csv: r.csv }\n  usage: {}\n',
    ),
    [
      'bad.yaml:2:3: terms.machines: expected csv or promql, one of the two, received both',
      'bad.yaml:5:3: terms.usage: expected csv or promql, one of the two, received none',
    ],
  )
  assert.deepEqual(
    faultsOf(
      'terms:\n  machines: { csv: m.csv }\n  power: { promql: { powr_w: up } }\n  reservations: { csv: r.csv }\n  pue: { csv: p.csv }\nservices: { a: major }\n',
    ),
    [
      'bad.yaml:1:1: terms: expected the term usage, which every allocation needs, received none',
      'bad.yaml:1:1: terms: expected the term intensity, which goes with pue, received none',
      'bad.yaml:3:22: terms.power.promql.powr_w: expected one of the keys power_w, received the unknown key "powr_w" (did you mean power_w?)',
      'bad.yaml:6:1: services: expected the term service_usage beside services, received none',
    ],
  )
  assert.match(
    faultsOf('terms: { machines: { cvs: m.csv } }\n')[0] ?? '',
    /one of the keys csv, promql, received the key "cvs"/,
  )
})

test('rows of other times are left out, and power of a machine that is not there then is refused', async (t) => {
  const long = '2026-09-01T00:00:00Z,2026-11-01T00:00:00Z'
  const plan = planned(t, {
    machines: [`${long},c,m1,,100`, `2026-09-01T00:00:00Z,2026-09-02T00:00:00Z,c,old,,100`],
    power: [`${HOUR},m1,250`, '2026-09-01T00:00:00Z,2026-09-01T01:00:00Z,m1,9000'],
    usage: [`${long},m1,bob,2`],
  })
  assert.deepEqual(cellsOf((await allocated(plan)).rounds.physical), { bob: { c: 150 }, unallocated: { c: 100 } })
  writeFileSync(join(dirname(plan), 'power.csv'), `start,end,machine,power_w\n${HOUR},old,1\n`)
  await assert.rejects(allocated(plan), /power\.csv:2:43: expected a machine of the term machines in that time/)
})

/** A Prometheus that knows each query's series by the hour that ends. */
function answering(series: Readonly<Record<string, readonly (readonly [object, string])[]>>) {
  const asked: string[] = []
  const queries: InstantQueries = {
    instant: async (query, unixMs) => {
      asked.push(`${query} at ${(unixMs - START) / 3_600_000}`)
      return (series[query] ?? []).map(([labels, value]) => ({ labels: labels as Record<string, string>, value }))
    },
  }
  return { asked, queries }
}

const SPAN = { fromUnixMs: START, untilUnixMs: START + 2 * 3_600_000 }

function withQueries(t: Parameters<typeof planned>[0], rows: Rows = {}): string {
  const plan = planned(t, { machines: [`${HOUR.slice(0, 20)},2026-10-01T02:00:00Z,c,m1,,100`], ...rows })
  writeFileSync(
    plan,
    `terms:
  machines: { csv: machines.csv }
  power: { promql: { power_w: power } }
  reservations: { promql: { gcu: cpu, ram_gib: ram } }
  usage: { csv: usage.csv }
  net_costs: { promql: { cost: bills } }
  direct_costs: { promql: { cost: costs } }
`,
  )
  return plan
}

test('a term may be queries, asked at the end of each hour or day, whose labels are its names', async (t) => {
  const { asked, queries } = answering({
    power: [[{ machine: 'm1', rack: 'r1' }, '1.5e+02']],
    cpu: [[{ cluster: 'c', user: 'alice' }, '1']],
    // bob reserved no processors.
    ram: [
      [{ cluster: 'c', user: 'alice' }, '20'],
      [{ cluster: 'c', user: 'bob' }, '40'],
    ],
  })
  const allocation = allocate(await readInputs(readPlan(withQueries(t)), SPAN, queries))
  assert.deepEqual(cellsOf(allocation.rounds['cost-2']), {
    alice: { c: 100 },
    bob: { c: 100 },
    unattributed: { c: 100 },
  })
  assert.deepEqual(asked, [
    'power at 1',
    'power at 2',
    'cpu at 1',
    'ram at 1',
    'cpu at 2',
    'ram at 2',
    'bills at 24',
    'costs at 24',
  ])
})

test('an answer that makes no sense is told with its term, query and time', async (t) => {
  const plan = readPlan(withQueries(t))
  const refused = (series: Parameters<typeof answering>[0], line: RegExp) =>
    assert.rejects(readInputs(plan, SPAN, answering(series).queries), { code: 'FLEET_FILE', message: line })
  await refused(
    { power: [[{ machine: 'm1' }, 'NaN']] },
    /^terms\.power: power_w at 2026-10-01T01:00:00Z: expected a number from 0 to 1000000000, received "NaN"$/,
  )
  await refused(
    { power: [[{ host: 'm1' }, '1']] },
    /^terms\.power: machine at 2026-10-01T01:00:00Z: expected a machine of the term machines in that time, received ""$/,
  )
  await refused(
    {
      power: [
        [{ machine: 'm1', rack: 'a' }, '1'],
        [{ machine: 'm1', rack: 'b' }, '1'],
      ],
    },
    /^terms\.power\.promql\.power_w: expected one series of machine="m1" at .*: add them up with sum by \(machine\)$/,
  )
})
