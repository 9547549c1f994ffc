/** Debian: prometheus; and Go 1.26 or later for VictoriaMetrics */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { freePort } from '../lab/free-port.ts'
import { missing, Prometheus } from './prometheus.ts'
import { missing as noVictoriaMetrics, VictoriaMetrics } from './victoria-metrics.ts'

const page = readFileSync(join(import.meta.dirname, '../../docs/bills.md'), 'utf8')
const [lastHour, lastDay, lastDayLate, emissions, remainder, isClosed, born, ...others] = [
  ...page.matchAll(/```promql\n([\s\S]*?)```/g),
].map(([, query = '']) => query)

const BEGAN_S = Date.UTC(2026, 2, 1) / 1e3
const HOURS = 49
/** An hour is closed. */
const CLOSED_S = 95
/** At half past midnight after two days. */
const BILL_S = BEGAN_S + 48 * 3600 + 1800
const NEW_FROM_HOUR = 30

/** Joules of a tenant in an hour: bursts, and nothing at times. */
const hourJ = (machine: number, tenant: string, hour: number): number =>
  tenant === 'new' && hour < NEW_FROM_HOUR ? 0 : ((hour * 7919 + machine * 104_729 + tenant.length * 611) % 5) * 720_000

const TENANTS = ['web', 'batch', 'new']
const MACHINES = [1, 2]
const G_PER_J = 344 / 3.6e6

const sumOf = (machine: number, tenant: string, fromHour: number, untilHour: number): number => {
  let joules = 0
  for (let hour = fromHour; hour < untilHour; hour++) joules += hourJ(machine, tenant, hour)
  return joules
}
const allOf = (tenants: readonly string[], fromHour: number, untilHour: number): number =>
  MACHINES.flatMap((machine) => tenants.map((tenant) => sumOf(machine, tenant, fromHour, untilHour))).reduce(
    (sum, joules) => sum + joules,
    0,
  )

/** What scrapes a minute give: name with labels, value, second. */
function* samples(): Generator<readonly [series: string, value: number, atS: number]> {
  for (let atS = BEGAN_S + 127; atS <= BILL_S; atS += 60) {
    const closed = Math.min(HOURS, Math.floor((atS - CLOSED_S - BEGAN_S) / 3600))
    for (const machine of MACHINES) {
      const labels = `job="wattledger",instance="m-${machine}"`
      const of = (tenant: string) => 1_000_000 * machine + sumOf(machine, tenant, 0, closed)
      const shown = TENANTS.filter((tenant) => tenant !== 'new' || closed >= NEW_FROM_HOUR)
      for (const tenant of shown) {
        const joules = tenant === 'new' ? sumOf(machine, tenant, 0, closed) : of(tenant)
        yield [`wattledger_settled_energy_joules_total{${labels},tenant="${tenant}"}`, joules, atS]
        const basis = 'scope="2",basis="location",ef_basis="life-cycle"'
        yield [`wattledger_settled_co2e_grams_total{${labels},tenant="${tenant}",${basis}}`, joules * G_PER_J, atS]
      }
      const node = shown.reduce(
        (sum, tenant) => sum + (tenant === 'new' ? sumOf(machine, tenant, 0, closed) : of(tenant)),
        0,
      )
      yield [`wattledger_settled_energy_joules_total{${labels},tenant=""}`, node, atS]
      yield [`wattledger_settled_until_timestamp_seconds{${labels}}`, BEGAN_S + closed * 3600, atS]
    }
  }
}

const OLD = ['web', 'batch']
const EXPECTED: readonly (readonly [query: string | undefined, total: number])[] = [
  [lastHour, allOf(TENANTS, 47, 48) / 3.6e6],
  [lastDay, allOf(OLD, 24, 48) / 3.6e6],
  [lastDayLate, allOf(OLD, 24, 48) / 3.6e6],
  [emissions, allOf(OLD, 24, 48) * G_PER_J],
  [remainder, 0],
  [isClosed, BEGAN_S + 48 * 3600],
  [born, allOf(['new'], NEW_FROM_HOUR, 48) / 3.6e6],
]

async function assertBills(ask: (promql: string) => Promise<number>): Promise<void> {
  assert.equal(others.length, 0)
  for (const [query, expected] of EXPECTED) {
    const total = await ask(`sum(${query})`)
    assert.ok(Math.abs(total - expected) <= 1e-9 * Math.max(1, expected), `${query} gives ${total}, not ${expected}`)
  }
  const web = MACHINES.reduce((sum, machine) => sum + sumOf(machine, 'web', 24, 48), 0) / 3.6e6
  const ofWeb = await ask((lastDay ?? '').replaceAll('tenant!=""', 'tenant="web"'))
  assert.ok(Math.abs(ofWeb - web) < 1e-9, `${ofWeb} kWh, not ${web}`)
}

test('each query of the page on bills gives the figure of the ledger, in Prometheus', {
  skip: missing('prometheus'),
}, async () => {
  const lines = [...samples()].map(([series, value, atS]) => `${series} ${value} ${atS}\n`).join('')
  await using prometheus = new Prometheus(await freePort('tcp'), [], `${lines}# EOF\n`)
  await prometheus.ready()
  await assertBills(async (promql) => Number((await prometheus.query(promql, BILL_S))[0]?.value[1]))
  // What the page says of increase(): an hour of steps is no figure at all.
  const increase = 'sum(increase(wattledger_settled_energy_joules_total{tenant!=""}[1h])) / 3.6e6'
  const wrong = Number((await prometheus.query(increase, BILL_S))[0]?.value[1])
  assert.ok(Math.abs(wrong / (allOf(TENANTS, 47, 48) / 3.6e6) - 1) > 0.001, `${wrong} kWh`)
})

test('and in VictoriaMetrics', { skip: noVictoriaMetrics, timeout: 1_200_000 }, async () => {
  await using engine = new VictoriaMetrics(await freePort('tcp'))
  await engine.import([...samples()].map(([series, value, atS]) => `${series} ${value} ${atS * 1e3}\n`).join(''))
  await assertBills((promql) => engine.value(promql, BILL_S))
})
