import assert from 'node:assert/strict'
import { test } from 'node:test'
import { allocate } from '../../../src/fleet/allocate/allocate.ts'
import { cellsOf, HOUR, inputsOf, type Rows } from './setting.ts'

const DAY = '2026-10-01'

/** 1000 Wh of provider p and none of anybody else; what each has after one round of costs, and after two. */
function handed(netCosts: readonly string[], directCosts: readonly string[], others: Rows = {}) {
  const rows: Rows = {
    machines: [`${HOUR},c,m,p,0`, ...(others.machines ?? [])],
    power: [`${HOUR},m,1000`, ...(others.power ?? [])],
    net_costs: netCosts.map((line) => `${DAY},${line}`),
    direct_costs: directCosts.map((line) => `${DAY},${line}`),
  }
  const { rounds } = allocate(inputsOf(rows))
  const byUser = (round: 'cost-1' | 'cost-2') =>
    Object.fromEntries(Object.entries(cellsOf(rounds[round])).map(([user, cells]) => [user, cells.c]))
  return [byUser('cost-1'), byUser('cost-2')]
}

test('who appears in minor services only has energy from them, and a balanced provider keeps none', () => {
  // The paper's example: $1,000 of $10,000 are a tenth.
  const [once, twice] = handed(['s,ads,1000', 's,only,9000', 's,p,-10000'], ['p,10000'])
  assert.deepEqual(once, { ads: 100, only: 900 })
  assert.deepEqual(twice, once)
})

test('a provider whose revenue is below its cost keeps the part that nobody pays for, and then that part of it', () => {
  const [once, twice] = handed(['s,a,600', 's,p,-600'], ['p,1000'])
  assert.deepEqual(once, { a: 600, p: 400 })
  assert.deepEqual(twice, { a: 840, p: 160 })
})

test('a provider whose revenue is above its cost hands on all that it has and no more', () => {
  assert.deepEqual(handed(['s,a,300', 's,b,900', 's,p,-1200'], ['p,10'])[0], { a: 250, b: 750 })
})

test('a provider of two services hands on each part once, though each pays for all of its cost', () => {
  const [once] = handed(['s,a,80', 's,p,-80', 't,b,80', 't,p,-80'], ['p,100'])
  assert.deepEqual(once, { a: 500, b: 500 })
  const [partly] = handed(['s,a,20', 's,p,-20', 't,b,30', 't,p,-30'], ['p,100'])
  assert.deepEqual(partly, { a: 200, b: 300, p: 500 })
})

test('a negative net cost of another than the provider gives it nothing and takes nothing from it', () => {
  // b got 100 back: payers paid 400, of which the provider has 300.
  const b = { machines: [`${HOUR},c,n,b,0`], power: [`${HOUR},n,7`] }
  const [once] = handed(['s,a,400', 's,b,-100', 's,p,-300'], ['p,800'], b)
  assert.deepEqual(once, { a: 500, b: 7, p: 500 })
})

test('a provider pays for what it uses of others, and what it has of them is handed on in the second round', () => {
  const other = { machines: [`${HOUR},c,n,q,0`], power: [`${HOUR},n,100`] }
  const [once, twice] = handed(['s,a,90', 's,p,-90', 't,p,10', 't,q,-10'], ['p,80', 'q,10'], other)
  assert.deepEqual(once, { a: 1000, p: 100 })
  assert.deepEqual(twice, { a: 1100 })
})

test('on a day without costs, and in a service that nobody pays for, energy stays where it is', () => {
  assert.deepEqual(handed([], [])[0], { p: 1000 })
  assert.deepEqual(handed(['s,a,0', 's,p,0'], [])[0], { p: 1000 })
})

test('a service without a provider, with two, or without the cost of its provider is refused with its name and day', () => {
  for (const [netCosts, directCosts, line] of [
    [
      ['s,a,5', 's,b,5'],
      ['p,1'],
      /^net_costs: expected one user of s on 2026-10-01 with the lowest cost, .* found none: add/,
    ],
    [['s,p,-5', 's,b,-5', 's,c,10'], ['p,1'], /found b and p: add what its provider received as a negative cost$/],
    [['s,a,5', 's,p,-5'], ['a,1'], /^direct_costs: expected the cost of p on 2026-10-01, .* found none: add a row/],
  ] as const) {
    assert.throws(() => handed(netCosts, directCosts), { code: 'FLEET_FILE', message: line })
  }
})
