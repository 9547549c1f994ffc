import { MAX_G_PER_KWH, mgPerKwhOf } from '../../carbon/intensity/source.ts'
import type { TableLine } from '../../carbon/table/table-line.ts'
import type { Stretch } from '../../carbon/time/time-series.ts'
import { EXPECTED_PUE, puePpmOf } from '../../model/pue.ts'
import { DAY_MS, floorTo } from '../../model/time.ts'
import { FleetFault } from '../fleet-fault.ts'
import { type Inputs, type Machine, type Price, type Sale, serviceGroup } from './inputs.ts'
import type { Plan } from './read-plan.ts'
import { amountOf, dayIn, MOST, nameIn, refuse, stretchIn, userIn, weighed } from './term-fields.ts'
import type { TermSpan } from './term-lines.ts'
import type { TermName } from './terms.ts'
import { Timeline } from './timeline.ts'

type Keys = readonly [group: string, key: string]

/** Puts lines of terms where the allocation finds them. Each `take` throws a TableError for a bad line. */
export class TermBooks {
  readonly #plan: Plan
  readonly #span: TermSpan
  readonly #machines = new Timeline<Machine>()
  readonly #clusters = new Set<string>()
  readonly #lines: Record<Exclude<TermName, 'machines' | 'regions' | 'prices' | 'sales'>, Timeline<bigint>> = {
    power: new Timeline(),
    reservations: new Timeline(),
    usage: new Timeline(),
    service_usage: new Timeline(),
    net_costs: new Timeline(),
    direct_costs: new Timeline(),
    pue: new Timeline(),
    intensity: new Timeline(),
  }
  readonly #regions = new Map<string, string>()
  readonly #regionNames = new Set<string>()
  readonly #prices = new Map<string, Price>()
  readonly #sales = new Map<string, Sale>()

  constructor(plan: Plan, span: TermSpan) {
    this.#plan = plan
    this.#span = span
  }

  /** Throws a TableError. */
  take(name: TermName, line: TableLine): void {
    this.#takers[name](line)
  }

  /** Throws a FleetFault. */
  inputs(): Inputs {
    const { terms, services } = this.#plan
    const { power, reservations, usage, service_usage, net_costs, direct_costs, pue, intensity } = this.#lines
    const hasCustomers = terms.sales !== null
    for (const cluster of hasCustomers ? this.#clusters : []) {
      if (this.#regions.has(cluster)) continue
      throw new FleetFault('FLEET_FILE', `regions: expected a row for cluster ${cluster}, found none: add it`)
    }
    return {
      ...this.#span,
      machines: this.#machines,
      power,
      reservations,
      usage,
      services: new Map(Object.entries(services)),
      serviceUsage: service_usage,
      netCosts: net_costs,
      directCosts: direct_costs,
      pue: terms.pue === null ? null : pue,
      intensity: terms.intensity === null ? null : intensity,
      customers: hasCustomers
        ? { regions: this.#regions, prices: this.#prices, sales: [...this.#sales.values()] }
        : null,
    }
  }

  readonly #takers: Readonly<Record<TermName, (line: TableLine) => void>> = {
    machines: (line) => {
      const [cluster, machine] = [nameIn(line, 2), nameIn(line, 3)]
      const owner = line.field(4) === '' ? null : userIn(line, 4)
      const row = { cluster, owner, idleUw: amountOf(line, 5, 6, MOST.watts) }
      this.#clusters.add(cluster)
      this.#put(this.#machines, line, 3, ['', machine], row)
    },
    power: (line) => {
      const machine = this.#machineIn(line)
      this.#put(this.#lines.power, line, 2, ['', machine], amountOf(line, 3, 6, MOST.watts))
    },
    reservations: (line) => {
      const [cluster, user] = [this.#clusterIn(line), userIn(line, 3)]
      const { gcu = 0, ram_gib = 0, ssd_tib = 0, hdd_tib = 0 } = this.#plan.weights.reservation
      const weight = weighed(line, 4, [gcu, ram_gib, ssd_tib, hdd_tib])
      this.#put(this.#lines.reservations, line, 3, [cluster, user], weight)
    },
    usage: (line) => {
      const [machine, user] = [this.#machineIn(line), userIn(line, 3)]
      this.#put(this.#lines.usage, line, 3, [machine, user], amountOf(line, 4, 9, MOST.resource))
    },
    service_usage: (line) => {
      const [cluster, service, user] = [this.#clusterIn(line), nameIn(line, 3), userIn(line, 4)]
      const kind = Object.hasOwn(this.#plan.services, service) ? this.#plan.services[service] : undefined
      const { gcu = 0, ssd_tib = 0, hdd_tib = 0 } = this.#plan.weights.storage
      if (kind === undefined) refuse(line, 3, 'a service that the plan names', Object.keys(this.#plan.services))
      // Other services are used by their processors alone.
      const weight = weighed(line, 5, kind === 'storage' ? [gcu, ssd_tib, hdd_tib] : [1, 0, 0])
      this.#put(this.#lines.service_usage, line, 4, [serviceGroup(cluster, service), user], weight)
    },
    net_costs: (line) => {
      const [service, user] = [nameIn(line, 1), userIn(line, 2)]
      if (Object.hasOwn(this.#plan.services, service)) {
        line.fail(1, 'a minor service, which the plan does not name among services: its energy goes by use already')
      }
      this.#put(this.#lines.net_costs, line, 2, [service, user], amountOf(line, 3, 6, MOST.cost, true), dayIn(line))
    },
    direct_costs: (line) => {
      this.#put(this.#lines.direct_costs, line, 1, ['', userIn(line, 1)], amountOf(line, 2, 6, MOST.cost), dayIn(line))
    },
    pue: (line) => {
      const puePpm = puePpmOf(line.number(3)) ?? line.fail(3, EXPECTED_PUE)
      this.#put(this.#lines.pue, line, 2, ['', nameIn(line, 2)], puePpm)
    },
    intensity: (line) => {
      const mgPerKwh = mgPerKwhOf(line.number(3)) ?? line.fail(3, `g/kWh from 0 to ${MAX_G_PER_KWH}`)
      this.#put(this.#lines.intensity, line, 2, ['', nameIn(line, 2)], mgPerKwh)
    },
    regions: (line) => {
      if (this.#regions.has(nameIn(line, 0))) line.fail(0, 'one region of each cluster')
      this.#regions.set(nameIn(line, 0), nameIn(line, 1))
      this.#regionNames.add(nameIn(line, 1))
    },
    prices: (line) => {
      const [sku, product] = [nameIn(line, 0), userIn(line, 1)]
      if (this.#prices.has(sku)) line.fail(0, 'one price of each SKU')
      this.#prices.set(sku, { product, listPrice: amountOf(line, 2, 9, MOST.cost) })
    },
    sales: (line) => {
      const [sku, region, customer] = [nameIn(line, 0), nameIn(line, 1), nameIn(line, 2)]
      if (!this.#prices.has(sku)) refuse(line, 0, 'a SKU of the term prices', [...this.#prices.keys()])
      if (!this.#regionNames.has(region)) refuse(line, 1, 'a region of the term regions', [...this.#regionNames])
      const key = [sku, region, customer].join('\n')
      if (this.#sales.has(key)) line.fail(2, 'one row of each customer for a SKU in a region')
      this.#sales.set(key, { sku, region, customer, units: amountOf(line, 3, 6, MOST.resource) })
    },
  }

  /** The machine of a row, which is declared for all of the row's time. */
  #machineIn(line: TableLine): string {
    const [machine, stretch] = [line.field(2), this.#clipped(stretchIn(line))]
    const isDeclared = stretch === null || this.#machines.covers('', machine, stretch)
    if (!isDeclared) refuse(line, 2, 'a machine of the term machines in that time', this.#machines.keys(''))
    return machine
  }

  #clusterIn(line: TableLine): string {
    if (!this.#clusters.has(line.field(2))) refuse(line, 2, 'a cluster of the term machines', [...this.#clusters])
    return line.field(2)
  }

  /** `index` is the column of the key. */
  #put<Row>(
    timeline: Timeline<Row>,
    line: TableLine,
    index: number,
    [group, key]: Keys,
    row: Row,
    its = stretchIn(line),
  ) {
    const stretch = this.#clipped(its)
    if (stretch === null || timeline.put(group, key, stretch, row)) return
    line.fail(index, 'one row at a time, and another one has its hours')
  }

  #clipped({ startsUnixMs, endsUnixMs }: Stretch): Stretch | null {
    const stretch = {
      startsUnixMs: Math.max(startsUnixMs, floorTo(DAY_MS, this.#span.fromUnixMs)),
      endsUnixMs: Math.min(endsUnixMs, floorTo(DAY_MS, this.#span.untilUnixMs - 1) + DAY_MS),
    }
    return stretch.startsUnixMs < stretch.endsUnixMs ? stretch : null
  }
}
