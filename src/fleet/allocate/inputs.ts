import type { Amounts } from './amounts.ts'
import type { Timeline } from './timeline.ts'

/** Idle energy that nobody reserved, and dynamic energy of machines of whose users nothing is known. */
export const UNALLOCATED = 'unallocated'
export const UNATTRIBUTED = 'unattributed'

export interface Machine {
  readonly cluster: string
  /** Null for a shared machine. */
  readonly owner: string | null
  /** What it draws while nothing happens, in µW. */
  readonly idleUw: bigint
}

export type ServiceKind = 'major' | 'storage'

/** What a customer took of a SKU in a region; units in millionths. */
export interface Sale {
  readonly sku: string
  readonly region: string
  readonly customer: string
  readonly units: bigint
}

export interface Price {
  /** The user whose energy it sells. */
  readonly product: string
  /** Of one unit, in a billionth of a currency that all prices have. */
  readonly listPrice: bigint
}

export interface Customers {
  /** By cluster. */
  readonly regions: ReadonlyMap<string, string>
  /** By SKU. */
  readonly prices: ReadonlyMap<string, Price>
  readonly sales: readonly Sale[]
}

/** All that an allocation rests on. Weights, use and costs are whole numbers of a small unit, alike within a timeline. */
export interface Inputs {
  /** Whole UTC hours. */
  readonly fromUnixMs: number
  readonly untilUnixMs: number
  /** By machine, in the group ''. */
  readonly machines: Timeline<Machine>
  /** Mean power in µW, by machine in the group ''. */
  readonly power: Timeline<bigint>
  /** Weighted reservations, by user in the group of a cluster. */
  readonly reservations: Timeline<bigint>
  /** Processor use, by user in the group of a machine. */
  readonly usage: Timeline<bigint>
  readonly services: ReadonlyMap<string, ServiceKind>
  /** Weighted use of a service, by user in the group `serviceGroup`. */
  readonly serviceUsage: Timeline<bigint>
  /** Net cost by user, in the group of a minor service: above zero pays. A row is a UTC day. */
  readonly netCosts: Timeline<bigint>
  /** What a user pays for by itself, in the group ''. A row is a UTC day. */
  readonly directCosts: Timeline<bigint>
  /** In parts per million and mg/kWh, by cluster in the group ''; null where emissions are not asked for. */
  readonly pue: Timeline<bigint> | null
  readonly intensity: Timeline<bigint> | null
  readonly customers: Customers | null
}

/** No name holds a line break. */
export const serviceGroup = (cluster: string, service: string): string => `${cluster}\n${service}`

/** Who has which share of what a provider used, by provider. */
export type Moves = ReadonlyMap<string, Amounts>
