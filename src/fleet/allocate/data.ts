import { textField } from '../../report/format/csv.ts'
import { type Allocation, HANDING, ROUNDS } from './allocate.ts'
import type { Matrix } from './amounts.ts'

/** It grows by keys; a change of what a key means is another version. */
const SHAPE = { format: 'wattledger-allocation', version: 1 } as const

/** All of an allocation. Whole µJ and µg are strings of digits, since they can be more than a number holds. */
export function allocationJson(allocation: Allocation): string {
  const { fromUnixMs, untilUnixMs, rounds, flows, facilityUj, co2eUg, customers } = allocation
  const { machineHours, missingHours, daysWithoutCosts } = allocation
  const [users, clusters] = ['users', 'clusters']
  const data = {
    ...SHAPE,
    from: new Date(fromUnixMs).toISOString(),
    to: new Date(untilUnixMs).toISOString(),
    machineHours,
    missingHours: [...missingHours].map(([machine, hours]) => ({ machine, hours })),
    daysWithoutCosts,
    rounds: Object.fromEntries(ROUNDS.map((round) => [round, cellsOf(rounds[round], users, clusters, 'energyUj')])),
    flows: Object.fromEntries(HANDING.map((round) => [round, cellsOf(flows[round], 'from', 'to', 'energyUj')])),
    facility: facilityUj && cellsOf(facilityUj, users, clusters, 'energyUj'),
    co2e: co2eUg && cellsOf(co2eUg, users, clusters, 'co2eUg'),
    customers: customers && {
      energy: cellsOf(customers.energyUj, 'customers', 'regions', 'energyUj'),
      co2e: customers.co2eUg && cellsOf(customers.co2eUg, 'customers', 'regions', 'co2eUg'),
      sold: cellsOf(customers.soldUj, 'products', 'customers', 'energyUj'),
      products: customers.products,
      skus: customers.skus.map(({ units, ...sku }) => ({ ...sku, units: Number(units) / 1e6 })),
      unsoldUj: customers.unsoldUj,
      unsoldUg: customers.unsoldUg,
      beta: customers.beta,
    },
  }
  return `${JSON.stringify(data, (_, value) => (typeof value === 'bigint' ? value.toString() : value), 2)}\n`
}

function cellsOf(matrix: Matrix, rowsKey: string, columnsKey: string, amountsKey: string) {
  const { rows, columns, total } = matrix
  return {
    [rowsKey]: rows,
    [columnsKey]: columns,
    [amountsKey]: rows.map((row) => columns.map((column) => matrix.get(row, column))),
    total,
  }
}

/** A line for each cell that is not zero, in whole µJ and µg, RFC 4180. */
export function allocationCsv({ rounds, flows, facilityUj, co2eUg, customers }: Allocation): string {
  const tables: readonly (readonly [string, Matrix | null, 'uJ' | 'ug'])[] = [
    ...ROUNDS.map((round) => [round, rounds[round], 'uJ'] as const),
    ...HANDING.map((round) => [`${round} flow`, flows[round], 'uJ'] as const),
    ['facility', facilityUj, 'uJ'],
    ['co2e', co2eUg, 'ug'],
    ['customers', customers?.energyUj ?? null, 'uJ'],
    ['customers co2e', customers?.co2eUg ?? null, 'ug'],
    ['sold', customers?.soldUj ?? null, 'uJ'],
  ]
  const lines = tables.flatMap(([name, matrix, unit]) => (matrix === null ? [] : linesOf(name, matrix, unit)))
  return ['table,row,column,amount,unit', ...lines].map((line) => `${line}\r\n`).join('')
}

function linesOf(table: string, matrix: Matrix, unit: string): string[] {
  const { rows, columns } = matrix
  return rows.flatMap((row) =>
    columns.flatMap((column) => {
      const amount = matrix.get(row, column)
      return amount === 0n ? [] : `${table},${textField(row)},${textField(column)},${amount},${unit}`
    }),
  )
}
