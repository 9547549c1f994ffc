import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Allocation, allocate, HANDING, ROUNDS } from '../../../src/fleet/allocate/allocate.ts'
import type { Matrix } from '../../../src/fleet/allocate/amounts.ts'
import { allocationJson } from '../../../src/fleet/allocate/data.ts'
import { allocationDocument } from '../../../src/fleet/allocate/document.ts'
import { stagesOf } from '../../../src/fleet/allocate/stages.ts'
import fc, { runs } from '../../property.ts'
import { HOUR, inputsOf, NEXT_HOUR, type Rows } from './setting.ts'

const CLUSTERS = ['a', 'b']
const MACHINES = ['a1', 'a2', 'b1', 'b2']
const SERVICES = { spanner: 'major', colossus: 'storage' } as const
const USERS = ['u', 'v', 'w', 'spanner', 'colossus', 'blob', 'auth']
const HOURS = [HOUR, NEXT_HOUR]
const DAY = '2026-10-01'

const amount = fc.oneof(fc.constant(0), fc.nat(9), fc.double({ min: 0, max: 1e6, noNaN: true }))
const row = (keys: readonly (readonly string[])[], numbers: number) =>
  fc.uniqueArray(
    fc.tuple(...keys.map((names) => fc.constantFrom(...names)), ...Array.from({ length: numbers }, () => amount)),
    { selector: (cells) => cells.slice(0, keys.length).join(), maxLength: 24 },
  )
const lines = (keys: readonly (readonly string[])[], numbers: number) =>
  row(keys, numbers).map((rows) => rows.map((cells) => cells.join(',')))

/** What users pay for services, and what the provider got, or less, or more. */
const costs = fc
  .record({
    blobs: fc.array(fc.integer({ min: -50, max: 100 }), { minLength: 3, maxLength: 3 }),
    logins: fc.array(fc.integer({ min: -50, max: 100 }), { minLength: 4, maxLength: 4 }),
    lost: fc.nat(200),
    direct: fc.array(fc.nat(1000), { minLength: 2, maxLength: 2 }),
  })
  .map(({ blobs, logins, lost, direct }) => ({
    net_costs: [
      ...['u', 'v', 'only'].map((user, at) => `${DAY},blobs,${user},${blobs[at]}`),
      `${DAY},blobs,blob,${-51 - lost}`,
      ...['u', 'v', 'w', 'blob'].map((user, at) => `${DAY},logins,${user},${logins[at]}`),
      `${DAY},logins,auth,${-51 - lost}`,
    ],
    direct_costs: [`${DAY},blob,${direct[0]}`, `${DAY},auth,${direct[1]}`],
  }))

const fleet = fc
  .record({
    owners: fc.array(fc.constantFrom('', '', 'u', 'blob'), { minLength: 4, maxLength: 4 }),
    ratings: fc.array(amount, { minLength: 4, maxLength: 4 }),
    power: lines([HOURS, MACHINES], 1).filter(({ length }) => length > 0),
    reservations: lines([HOURS, CLUSTERS, USERS], 4),
    usage: lines([HOURS, MACHINES, USERS], 1),
    service_usage: lines([HOURS, CLUSTERS, Object.keys(SERVICES), USERS], 3),
    costs,
    sold: fc.array(amount, { minLength: 4, maxLength: 4 }),
  })
  .map(({ owners, ratings, costs: paid, sold, ...terms }): Rows => {
    const all = `${HOUR.split(',')[0]},${NEXT_HOUR.split(',')[1]}`
    const machines = MACHINES.map((name, at) => `${all},${name[0]},${name},${owners[at]},${ratings[at]}`)
    return {
      machines,
      ...terms,
      ...paid,
      pue: [`${all},a,1.25`, `${all},b,1.07`],
      intensity: [`${HOUR},a,111`, `${NEXT_HOUR},a,222`, `${all},b,333.3`],
      regions: ['a,eu', 'b,us'],
      prices: ['one,u,0.1', 'two,v,3'],
      sales: [`one,eu,x,${sold[0]}`, `one,us,y,${sold[1]}`, `two,us,x,${sold[2]}`, `two,eu,z,${sold[3]}`],
    }
  })

const allocationOf = (rows: Rows) => allocate(inputsOf(rows, SERVICES, 2))
const column = (matrix: Matrix, name: string) => matrix.rows.reduce((sum, one) => sum + matrix.get(one, name), 0n)

/** µJ of the meters, by cluster. */
function meteredUj({ power = [] }: Rows, cluster: string): bigint {
  const cells = power.map((line) => line.split(','))
  const own = cells.filter(([, , machine]) => machine?.startsWith(cluster))
  return own.reduce(
    (sum, [, , , watts]) => sum + BigInt(Math.floor(Number((Number(watts) * 1e6).toFixed(3)))) * 3600n,
    0n,
  )
}

test('each round has what meters measured, in each cluster, and nobody has less than nothing', () => {
  fc.assert(
    fc.property(fleet, (rows) => {
      const allocation = allocationOf(rows)
      for (const cluster of CLUSTERS) {
        const physical = column(allocation.rounds.physical, cluster)
        const { idle, dynamic } = allocation.rounds
        assert.equal(column(idle, cluster) + column(dynamic, cluster), physical)
        // A watt is read to the µW, so that an hour of each of two machines is off by 3,600 µJ at most.
        const off = physical - meteredUj(rows, cluster)
        assert.ok(off * off <= (4n * 3600n) ** 2n, `${cluster} is off by ${off} µJ`)
        for (const round of HANDING) assert.equal(column(allocation.rounds[round], cluster), physical, round)
      }
      for (const round of ROUNDS) requireNoDebts(allocation.rounds[round])
      requireFlows(allocation)
    }),
    { numRuns: runs(150) },
  )
})

function requireNoDebts(matrix: Matrix): void {
  for (const name of matrix.rows) for (const [, uj] of matrix.row(name)) assert.ok(uj >= 0n, name)
}

/** A round is the one before, less what was given, and what was received. */
function requireFlows({ rounds, flows }: Allocation): void {
  const sum = (matrix: Matrix, name: string) => [...matrix.row(name).values()].reduce((all, one) => all + one, 0n)
  let before = rounds.physical
  for (const round of HANDING) {
    const after = rounds[round]
    for (const name of new Set([...before.rows, ...after.rows])) {
      const moved = column(flows[round], name) - sum(flows[round], name)
      assert.equal(sum(after, name) - sum(before, name), moved, `${round} ${name}`)
    }
    before = after
  }
}

test('emissions and the energy of the site are those of the clusters, whoever they go to', () => {
  fc.assert(
    fc.property(fleet, (rows) => {
      const { facilityUj, co2eUg, rounds, customers } = allocationOf(rows)
      assert.ok(facilityUj && co2eUg && customers?.co2eUg)
      const energyUj = column(rounds.physical, 'b')
      const [site, ug] = [column(facilityUj, 'b'), column(co2eUg, 'b')]
      assert.ok(Math.abs(Number(site) - 1.07 * Number(energyUj)) <= 1 + 1e-12 * Number(energyUj))
      const emitted = (1.07 * Number(energyUj) * 333.3e6) / 3.6e12
      assert.ok(Math.abs(Number(ug) - emitted) <= 1 + 1e-12 * emitted)
      assert.equal(customers.energyUj.total + customers.unsoldUj, rounds.physical.total)
      assert.equal(customers.energyUj.total, customers.soldUj.total)
      // Emissions of those that sold nothing are spread over whoever bought anything that emitted.
      const [spread, all] = [customers.co2eUg.total, co2eUg.total]
      assert.ok(spread === all || (spread === 0n && customers.beta === null))
    }),
    { numRuns: runs(100) },
  )
})

test('hours add up to their time, cell by cell', () => {
  const both = fleet.filter(({ power = [] }) => HOURS.every((hour) => power.some((line) => line.startsWith(hour))))
  fc.assert(
    fc.property(both, (rows) => {
      const parts = [0, 1].map((hour) => allocate(inputsOf(rows, SERVICES, 1, hour)))
      const whole = allocationOf(rows)
      for (const round of ROUNDS) {
        for (const user of whole.rounds[round].rows) {
          for (const cluster of CLUSTERS) {
            const sum = sumOf(parts.map(({ rounds }) => rounds[round].get(user, cluster)))
            assert.equal(sum, whole.rounds[round].get(user, cluster), `${round} ${user} ${cluster}`)
          }
        }
      }
    }),
    { numRuns: runs(50) },
  )
})

test('the order of rows makes no difference', () => {
  const shuffled = fleet.chain((rows) => {
    const terms = Object.entries(rows).map(([name, list]) =>
      fc.shuffledSubarray([...list], { minLength: list.length }).map((other) => [name, other] as const),
    )
    return fc.tuple(
      fc.constant(rows),
      fc.tuple(...terms).map((all): Rows => Object.fromEntries(all)),
    )
  })
  fc.assert(
    fc.property(shuffled, ([rows, other]) => {
      assert.equal(allocationJson(allocationOf(rows)), allocationJson(allocationOf(other)))
    }),
    { numRuns: runs(100) },
  )
})

test('tables add up in the digits that they show, across and down, and each column of the picture to the same total', () => {
  fc.assert(
    fc.property(fleet, fc.integer({ min: 1, max: 9 }), (rows, mostNames) => {
      const allocation = allocationOf(rows)
      for (const { heading, table } of allocationDocument(allocation).sections) {
        if (table?.total == null) continue
        const lines = [...table.rows, table.total].map((cells) =>
          cells.slice(1).map((cell) => BigInt(cell.replace('.', ''))),
        )
        for (const line of lines) assert.equal(sumOf(line.slice(0, -1)), line.at(-1), heading)
        const total = lines.pop() ?? []
        for (const at of total.keys()) assert.equal(sumOf(lines.map((line) => line[at] ?? 0n)), total[at], heading)
      }
      for (const { amounts, links, heading } of stagesOf(allocation, mostNames)) {
        assert.equal(sumOf([...amounts.values()]), allocation.rounds.physical.total, heading)
        if (heading !== 'clusters') assert.equal(links.total, allocation.rounds.physical.total, heading)
        assert.ok(amounts.size <= mostNames + 1)
      }
    }),
    { numRuns: runs(60) },
  )
})

const sumOf = (values: readonly bigint[]) => values.reduce((sum, one) => sum + one, 0n)
