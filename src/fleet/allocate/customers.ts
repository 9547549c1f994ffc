import { type Amounts, add, divided, Matrix, sumOf } from './amounts.ts'
import type { Customers, Sale } from './inputs.ts'

/** What was sold of one product: a user whose energy customers buy. */
export interface Product {
  readonly product: string
  readonly energyUj: bigint
  readonly co2eUg: bigint
  /** What its emissions by the intensity of regions were multiplied by to be its own; null where there are none. */
  readonly alpha: number | null
}

export interface SkuEnergy {
  readonly sku: string
  readonly product: string
  /** In millionths. */
  readonly units: bigint
  readonly energyUj: bigint
}

/** By customer and region. */
export interface CustomerAllocation {
  readonly energyUj: Matrix
  /** Null where emissions are not known. */
  readonly co2eUg: Matrix | null
  /** Energy by product and customer. */
  readonly soldUj: Matrix
  readonly products: readonly Product[]
  readonly skus: readonly SkuEnergy[]
  /** Energy of users that sell nothing: no customer has it, while its emissions are spread over all by `beta`. */
  readonly unsoldUj: bigint
  readonly unsoldUg: bigint
  readonly beta: number | null
}

/** So that an intensity in µg per µJ is a whole number: one g/kWh is 2.8 × 10¹¹. */
const INTENSITY_SCALE = 10n ** 18n

/** What each line of sales weighs, by `nameOf`. */
type Weights = ReadonlyMap<string, bigint>

/** From users to their customers: energy by list prices, emissions by the intensity of the region too. */
export function customersOf(customers: Customers, byCluster: Matrix, ugByCluster: Matrix | null): CustomerAllocation {
  const { sales, prices } = customers
  const lines = sales.toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1))
  const energy = byRegion(customers, byCluster)
  const emissions = ugByCluster && byRegion(customers, ugByCluster)
  const [lineUj, lineUg] = [new Map<string, bigint>(), new Map<string, bigint>()]
  const products: Product[] = []
  for (const product of new Set([...prices.values()].map((price) => price.product).sort())) {
    const worth: Weights = new Map(
      lines.flatMap((line, at) => {
        const price = prices.get(line.sku)
        return price?.product === product ? [[nameOf(at), price.listPrice * line.units]] : []
      }),
    )
    const [energyUj, co2eUg] = [sumOf(energy.row(product).values()), sumOf(emissions?.row(product).values() ?? [])]
    const sold = divided(energyUj, worth)
    // Where nothing was sold, no customer has its energy.
    if (sold === null) continue
    for (const [line, uj] of sold) lineUj.set(line, uj)
    const weights = weighted(worth, lines, intensityOf(energy.row(product), emissions?.row(product) ?? new Map()))
    for (const [line, ug] of divided(co2eUg, weights) ?? []) lineUg.set(line, ug)
    products.push({ product, energyUj, co2eUg, alpha: alphaOf(co2eUg, weights, energyUj, worth) })
  }
  const [soldUj, soldUg] = [sumOf(lineUj.values()), sumOf(lineUg.values())]
  const allUg = ugByCluster?.total ?? 0n
  const spread = divided(allUg, lineUg)
  return {
    energyUj: byCustomer(lines, lineUj),
    co2eUg: ugByCluster && byCustomer(lines, spread ?? new Map()),
    soldUj: byProduct(customers, lines, lineUj),
    products,
    skus: skusOf(customers, lines, lineUj),
    unsoldUj: byCluster.total - soldUj,
    unsoldUg: allUg - soldUg,
    beta: soldUg === 0n ? null : Number(allUg) / Number(soldUg),
  }
}

/** Emissions per energy of a product by region, scaled; its mean in a region where it used nothing. */
function intensityOf(energyUj: Amounts, co2eUg: Amounts): (region: string) => bigint {
  const quotient = (ug: bigint, uj: bigint) => (uj === 0n ? 0n : (ug * INTENSITY_SCALE) / uj)
  const mean = quotient(sumOf(co2eUg.values()), sumOf(energyUj.values()))
  return (region) => {
    const uj = energyUj.get(region) ?? 0n
    return uj === 0n ? mean : quotient(co2eUg.get(region) ?? 0n, uj)
  }
}

function weighted(worth: Weights, lines: readonly Sale[], intensity: (region: string) => bigint): Weights {
  return new Map([...worth].map(([name, weight]) => [name, weight * intensity(lines[Number(name)]?.region ?? '')]))
}

/** CF ÷ Σ C·X·U, where X·U is the energy by worth. */
function alphaOf(co2eUg: bigint, weights: Weights, energyUj: bigint, worth: Weights): number | null {
  const priced = Number(sumOf(weights.values())) / Number(INTENSITY_SCALE)
  const perWorth = Number(energyUj) / Number(sumOf(worth.values()))
  return priced * perWorth === 0 ? null : Number(co2eUg) / (priced * perWorth)
}

function byRegion({ regions }: Customers, byCluster: Matrix): Matrix {
  const matrix = new Matrix()
  for (const row of byCluster.rows) {
    for (const [cluster, amount] of byCluster.row(row)) matrix.add(row, regions.get(cluster) ?? '', amount)
  }
  return matrix
}

function byCustomer(lines: readonly Sale[], amounts: Amounts): Matrix {
  const matrix = new Matrix()
  for (const [at, { customer, region }] of lines.entries()) matrix.add(customer, region, amounts.get(nameOf(at)) ?? 0n)
  return matrix
}

function byProduct({ prices }: Customers, lines: readonly Sale[], amounts: Amounts): Matrix {
  const matrix = new Matrix()
  for (const [at, { sku, customer }] of lines.entries()) {
    matrix.add(prices.get(sku)?.product ?? '', customer, amounts.get(nameOf(at)) ?? 0n)
  }
  return matrix
}

function skusOf({ prices }: Customers, lines: readonly Sale[], lineUj: Amounts): SkuEnergy[] {
  const [units, energyUj] = [new Map<string, bigint>(), new Map<string, bigint>()]
  for (const [at, { sku, units: sold }] of lines.entries()) {
    add(units, sku, sold)
    add(energyUj, sku, lineUj.get(nameOf(at)) ?? 0n)
  }
  return [...prices]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([sku, { product }]) => ({
      sku,
      product,
      units: units.get(sku) ?? 0n,
      energyUj: energyUj.get(sku) ?? 0n,
    }))
}

const keyOf = ({ sku, region, customer }: Sale): string => [sku, region, customer].join('\n')
/** Names that stand in the order of their numbers. */
const nameOf = (at: number): string => String(at).padStart(9, '0')
