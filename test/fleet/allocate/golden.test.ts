import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { ROUNDS } from '../../../src/fleet/allocate/allocate.ts'
import { allocated, cellsOf, HOUR, NEXT_HOUR, planned } from './setting.ts'

const golden = join(import.meta.dirname, 'golden')
const expected = JSON.parse(readFileSync(join(golden, 'expected.json'), 'utf8'))

test('a fleet of three clusters, five users and four services, as worked out by hand in golden/README.md', async () => {
  const allocation = await allocated(join(golden, 'plan.yaml'))
  for (const round of ROUNDS) assert.deepEqual(cellsOf(allocation.rounds[round]), expected.roundsWh[round], round)
  assert.ok(allocation.co2eUg && allocation.customers?.co2eUg)
  assert.deepEqual(cellsOf(allocation.co2eUg, 1e6), expected.co2eG)
  assert.deepEqual(cellsOf(allocation.customers.energyUj), expected.customersWh)
  const grams = allocation.customers.co2eUg
  for (const [customer, cells] of Object.entries<Record<string, number>>(expected.customersG)) {
    // Rounded to whole µg twice, with alpha and with beta.
    for (const [region, g] of Object.entries(cells)) {
      const ug = Number(grams.get(customer, region))
      assert.ok(Math.abs(ug - g * 1e6) <= 2, `${customer} in ${region}: ${ug} µg`)
    }
  }
  assert.equal(grams.total, 822_900_000n)
  const alphas = allocation.customers.products.map(({ product, alpha }) => [product, Number(alpha?.toFixed(9))])
  assert.deepEqual(Object.fromEntries(alphas), expected.alpha)
  assert.equal(Number(allocation.customers.beta?.toFixed(9)), expected.beta)
  assert.deepEqual([allocation.machineHours, [...allocation.missingHours]], [6, [['c2', 1]]])
})

test('idle of 6 MW goes by reservations, day and night, and dynamic energy by use', async (t) => {
  const plan = planned(t, {
    machines: [`2026-10-01T00:00Z,2026-10-01T02:00Z,c,m,,6e6`],
    power: [`${HOUR},m,14e6`, `${NEXT_HOUR},m,12e6`],
    reservations: ['2026-10-01T00:00Z,2026-10-01T02:00Z,c,prod,1,0,0,0'],
    usage: [`${HOUR},m,prod,0.75`, `${HOUR},m,batch,0.25`, `${NEXT_HOUR},m,prod,1`, `${NEXT_HOUR},m,batch,1`],
  })
  const megawatts = async (hours: number) => cellsOf((await allocated(plan, hours)).rounds['cost-2'], 3.6e9 * 1e6)
  assert.deepEqual(await megawatts(1), { prod: { c: 12 }, batch: { c: 2 } })
  // 9 and 3 more at night.
  assert.deepEqual(await megawatts(2), { prod: { c: 12 + 9 }, batch: { c: 2 + 3 } })
})

test("energy per unit of sale follows list prices: X = 0.923 and A = 1.615 in the paper's table 1", async (t) => {
  const plan = planned(t, {
    machines: [`${HOUR},c,m,product,0`],
    power: [`${HOUR},m,30`],
    regions: ['c,r'],
    prices: ['A,product,1.75', 'B,product,1'],
    sales: ['A,r,one,10', 'B,r,one,15'],
  })
  const { customers } = await allocated(plan)
  const perUnit = customers?.skus.map(({ energyUj, units }) => Number(energyUj) / 3.6e9 / (Number(units) / 1e6))
  assert.deepEqual(
    perUnit?.map((wh) => wh.toFixed(3)),
    ['1.615', '0.923'],
  )
  assert.equal(customers?.energyUj.total, 30n * 3_600_000_000n)
})
