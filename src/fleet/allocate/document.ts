import { printable } from '../../model/printable.ts'
import { fixed } from '../../report/digits.ts'
import type { Fact, ReportDocument, Section, Table } from '../../report/document-shape.ts'
import { utc } from '../../report/span.ts'
import { type Allocation, ROUNDS, type Round } from './allocate.ts'
import { sumOf } from './amounts.ts'
import type { CustomerAllocation } from './customers.ts'
import { UNALLOCATED, UNATTRIBUTED } from './inputs.ts'
import { amountText, KG, KWH, matrixTable } from './shown.ts'

const ABOUT: Readonly<Record<Round, readonly [heading: string, about: string]>> = {
  idle: [
    'Idle',
    'What machines draw while nothing happens: of dedicated ones by owner, of shared ones by reservation.',
  ],
  dynamic: ['Dynamic', 'What machines draw beyond, by use of each machine in each hour.'],
  physical: ['Physical', 'Idle and dynamic together.'],
  major: ['After major services', 'Their dynamic energy is handed on by processor use.'],
  storage: ['After storage services', 'Their dynamic energy is handed on by weighted use.'],
  'cost-1': ['After minor services', 'Energy of those that provide them is handed on by net cost.'],
  'cost-2': ['After minor services once more', 'As what they use of each other is handed on, too. This is the result.'],
}

/** Names the machines that lack power, up to so many. */
const MOST_NAMED = 5

/** An allocation as people read it. */
export function allocationDocument(allocation: Allocation): ReportDocument {
  const { fromUnixMs, untilUnixMs, rounds, facilityUj, co2eUg, customers } = allocation
  const { columns } = rounds.physical
  const sections = ROUNDS.map((round) => ({
    ...section(...ABOUT[round], matrixTable(rounds[round], 'User', KWH, columns)),
    isRows: round === 'cost-2',
  }))
  if (facilityUj !== null && co2eUg !== null) {
    const about = 'At the hourly PUE of each cluster, in proportion to the energy of users.'
    sections.push(
      section('Energy of the site', about, matrixTable(facilityUj, 'User', KWH, columns)),
      section(
        'Emissions',
        'At the hourly PUE and intensity of each cluster, location-based.',
        matrixTable(co2eUg, 'User', KG, columns),
      ),
    )
  }
  return {
    title: 'Allocation of energy in a fleet',
    subtitle: `${utc(fromUnixMs)} to ${utc(untilUnixMs)}, times in UTC`,
    facts: factsOf(allocation),
    sections: [...sections, ...(customers === null ? [] : customerSections(customers))],
  }
}

function factsOf({ rounds, co2eUg, machineHours, missingHours, daysWithoutCosts }: Allocation): Fact[] {
  const { idle, dynamic, physical } = rounds
  const without = (user: string) => sumOf(physical.row(user).values())
  const [missing, machines] = [[...missingHours.values()].reduce((sum, hours) => sum + hours, 0), [...missingHours]]
  const named = machines.toSorted(([a, ours], [b, theirs]) => theirs - ours || (a < b ? -1 : 1)).slice(0, MOST_NAMED)
  const names = named.map(([name, hours]) => `${printable(name)} ${hours} h`).join(', ')
  const others = machines.length > named.length ? ` and ${machines.length - named.length} more machines` : ''
  return [
    ['Energy', amountText(physical.total, KWH)],
    ['Idle, dynamic', `${amountText(idle.total, KWH)}, ${amountText(dynamic.total, KWH)}`],
    ['Nobody reserved', amountText(without(UNALLOCATED), KWH)],
    ['Of unknown users', amountText(without(UNATTRIBUTED), KWH)],
    ...(co2eUg === null ? [] : [['Emissions', amountText(co2eUg.total, KG)] as const]),
    [
      'Machine hours',
      `${machineHours}${missing === 0 ? ', power known of all' : `, of which ${missing} without power are not in the energy: ${names}${others}`}`,
    ],
    ...((daysWithoutCosts ?? 0) === 0
      ? []
      : [['Days without costs', `${daysWithoutCosts}, on which minor services keep their energy`] as const]),
  ]
}

function customerSections(customers: CustomerAllocation): Section[] {
  const { energyUj, co2eUg, products, skus, unsoldUj, unsoldUg, beta } = customers
  const ratio = (value: number | null) => fixed(value, 6)
  const about = `By list price. Energy of users that sold nothing is no customer's: ${amountText(unsoldUj, KWH)}.`
  const productTable: Table = {
    head: ['Product', 'Energy', 'Emissions', 'alpha'],
    rows: products.map((one) => [
      printable(one.product),
      amountText(one.energyUj, KWH),
      co2eUg === null ? fixed(null, 0) : amountText(one.co2eUg, KG),
      ratio(one.alpha),
    ]),
    total: null,
    right: new Set([1, 2, 3]),
  }
  const skuTable: Table = {
    head: ['SKU', 'Product', 'Units', 'Energy', 'Wh per unit'],
    rows: skus.map(({ sku, product, units, energyUj: uj }) => [
      printable(sku),
      printable(product),
      String(Number(units) / 1e6),
      amountText(uj, KWH),
      fixed(units === 0n ? null : Number(uj) / 3600 / Number(units), 6),
    ]),
    total: null,
    right: new Set([2, 3, 4]),
  }
  return [
    section('Customers: energy', about, matrixTable(energyUj, 'Customer', KWH)),
    ...(co2eUg === null
      ? []
      : [
          section(
            'Customers: emissions',
            `By list price and intensity of regions, multiplied by alpha of the product, and by beta = ${ratio(beta)}, which spreads the ${amountText(unsoldUg, KG)} of users that sold nothing.`,
            matrixTable(co2eUg, 'Customer', KG),
          ),
        ]),
    section('Products', 'alpha brings what regions emit for a product to the emissions that it has.', productTable),
    section('SKUs', '', skuTable),
  ]
}

function section(heading: string, about: string, table: Table): Section {
  return { heading, about, table: table.rows.length === 0 ? null : table, facts: [], isRows: false }
}
