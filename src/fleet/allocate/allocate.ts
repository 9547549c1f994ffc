import { DAY_MS, floorTo, HOUR_MS } from '../../model/time.ts'
import { FleetFault } from '../fleet-fault.ts'
import { Matrix } from './amounts.ts'
import { emissionsOf } from './carbon.ts'
import { movesByCost } from './costs.ts'
import { type CustomerAllocation, customersOf } from './customers.ts'
import type { Inputs, Machine, Moves } from './inputs.ts'
import { moved, movesByUse } from './moves.ts'
import { physicalOf } from './physical.ts'

/** In their order. The first two add up to `physical`, and each later one has the same total. */
export const ROUNDS = ['idle', 'dynamic', 'physical', 'major', 'storage', 'cost-1', 'cost-2'] as const
export type Round = (typeof ROUNDS)[number]
/** Those that hand energy on from user to user. */
export const HANDING = ['major', 'storage', 'cost-1', 'cost-2'] as const satisfies readonly Round[]
export type Handing = (typeof HANDING)[number]

/** The energy of a fleet by who answers for it. */
export interface Allocation {
  readonly fromUnixMs: number
  readonly untilUnixMs: number
  /** µJ by user and cluster. */
  readonly rounds: Readonly<Record<Round, Matrix>>
  /** µJ by giver and receiver. */
  readonly flows: Readonly<Record<Handing, Matrix>>
  /** µJ at the site's entrance and µg, by user and cluster; null where emissions were not asked for. */
  readonly facilityUj: Matrix | null
  readonly co2eUg: Matrix | null
  readonly customers: CustomerAllocation | null
  /** Hours of machines, and those among them whose power is not known, by machine in order. */
  readonly machineHours: number
  readonly missingHours: ReadonlyMap<string, number>
  /** UTC days on which nobody paid for a minor service, so that nothing was handed on; null without minor services. */
  readonly daysWithoutCosts: number | null
}

const named = <Name extends string>(names: readonly Name[]) =>
  Object.fromEntries(names.map((name) => [name, new Matrix()])) as Record<Name, Matrix>

/** The books of one run. */
class Books {
  readonly rounds = named(ROUNDS)
  readonly flows = named(HANDING)
  readonly facilityUj = new Matrix()
  readonly co2eUg = new Matrix()
  readonly missingHours = new Map<string, number>()
  machineHours = 0
  daysWithoutCosts = 0

  /** Books one cluster in one hour. */
  take(inputs: Inputs, cluster: string, machines: readonly [string, Machine][], costs: Moves, unixMs: number): void {
    const { idle, dynamic, missing } = physicalOf(inputs, cluster, machines, unixMs)
    this.machineHours += machines.length
    for (const name of missing) this.missingHours.set(name, (this.missingHours.get(name) ?? 0) + 1)
    const physical = new Map(idle)
    for (const [user, uj] of dynamic) physical.set(user, (physical.get(user) ?? 0n) + uj)
    const flow = (round: Handing) => (from: string, to: string, uj: bigint) => this.flows[round].add(from, to, uj)
    const by = (kind: 'major' | 'storage') => movesByUse(inputs, kind, cluster, unixMs)
    const major = moved(physical, by('major'), dynamic, flow('major'))
    const storage = moved(major, by('storage'), dynamic, flow('storage'))
    const first = moved(storage, costs, storage, flow('cost-1'))
    const second = moved(first, costs, first, flow('cost-2'))
    const results = { idle, dynamic, physical, major, storage, 'cost-1': first, 'cost-2': second }
    for (const round of ROUNDS) this.rounds[round].addColumn(cluster, results[round])
    const emitted = emissionsOf(inputs, cluster, second, unixMs)
    if (emitted === null) return
    this.facilityUj.addColumn(cluster, emitted.facilityUj)
    this.co2eUg.addColumn(cluster, emitted.co2eUg)
  }
}

/** What is known of no machine is no zero. */
function requireKnown({ machineHours, missingHours }: Books): void {
  const lacking = machineHours === 0 ? 'machines' : 'power'
  const missing = [...missingHours.values()].reduce((sum, hours) => sum + hours, 0)
  if (machineHours > missing) return
  const text = `${lacking}: expected rows of that time, found none: ask for the time of its rows with --from and --to`
  throw new FleetFault('FLEET_NO_DATA', text)
}

/** Throws a FleetFault. `onProgress` gets the share that is done. */
export function allocate(inputs: Inputs, onProgress: (done: number) => void = () => {}): Allocation {
  const { fromUnixMs, untilUnixMs, machines, customers } = inputs
  const books = new Books()
  let day = { unixMs: Number.NaN, costs: new Map() as Moves }
  for (let hour = fromUnixMs; hour < untilUnixMs; hour += HOUR_MS) {
    const dayUnixMs = floorTo(DAY_MS, hour)
    if (day.unixMs !== dayUnixMs) {
      day = { unixMs: dayUnixMs, costs: movesByCost(inputs, dayUnixMs) }
      if (day.costs.size === 0) books.daysWithoutCosts += 1
    }
    const clusters = Map.groupBy(machines.at('', hour), ([, { cluster }]) => cluster)
    for (const [cluster, its] of clusters) books.take(inputs, cluster, its, day.costs, hour)
    onProgress((hour + HOUR_MS - fromUnixMs) / (untilUnixMs - fromUnixMs))
  }
  requireKnown(books)
  const isEmitted = inputs.pue !== null && inputs.intensity !== null
  const { rounds, flows, facilityUj, co2eUg, machineHours, missingHours, daysWithoutCosts } = books
  return {
    fromUnixMs,
    untilUnixMs,
    rounds,
    flows,
    facilityUj: isEmitted ? facilityUj : null,
    co2eUg: isEmitted ? co2eUg : null,
    customers: customers && customersOf(customers, rounds['cost-2'], isEmitted ? co2eUg : null),
    machineHours,
    missingHours: new Map([...missingHours].sort(([a], [b]) => (a < b ? -1 : 1))),
    daysWithoutCosts: inputs.netCosts.groups().length === 0 ? null : daysWithoutCosts,
  }
}
