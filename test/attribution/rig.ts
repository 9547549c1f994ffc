import type { AcceleratorUse } from '../../src/attribution/accelerator-use.ts'
import { Attribution, type AttributionOptions } from '../../src/attribution/attribution.ts'
import type { Capacity } from '../../src/attribution/capacity.ts'
import { loadCurves } from '../../src/attribution/load-curves.ts'
import type { ConsumerUse, CpuUse } from '../../src/attribution/usage.ts'
import type {
  AttributionState,
  AttributionTotals,
  ConsumerRow,
  LeafEnergy,
  PartIdleRow,
} from '../../src/model/attribution.ts'
import { type Consumer, type ConsumerKind, SYSTEM } from '../../src/model/consumer.ts'
import { NO_FOOTPRINT } from '../../src/model/footprint.ts'
import type { Part } from '../../src/model/part.ts'
import type { Reservation } from '../../src/native/cgroup-watch.ts'
import { TestClock } from '../integration/machine.ts'
import { RecordingLogger } from '../sampling/fakes.ts'
import { UNRESERVED } from './kernel.ts'

export const SECOND = 1_000_000_000n
export const GIB = 2n ** 30n
export const CAPACITY: Capacity = { cpus: 4, memoryBytes: Number(16n * GIB), usedBytes: Number(4n * GIB) }

export const consumer = (name: string, kind: ConsumerKind = 'service'): Consumer => ({
  kind,
  id: name,
  name,
  labels: {},
})

/** A usual machine of this size: as others, it draws most of what the load costs at half and at full load. */
export const USUAL = {
  processorsW: (load: number): number => 20 + 50 * load + 30 * load ** 3,
  memoryW: (load: number): number => 3 + 6 * load,
}

/** A reservation of whole cores by quota. */
export const cores = (count: number): Reservation => ({
  ...UNRESERVED,
  quotaUs: BigInt(Math.round(count * 100_000)),
  periodUs: 100_000n,
})

export interface Using {
  readonly cpuS?: number
  readonly memory?: bigint | null
  readonly reserved?: Partial<Reservation>
  readonly isGone?: boolean
  readonly kind?: ConsumerKind
}

/** Attribution with a clock that only moves when told, and a machine of four threads that uses what a test says. */
export class Rig {
  readonly clock = new TestClock()
  readonly logger = new RecordingLogger()
  readonly account: Attribution
  capacity = CAPACITY
  /** Folders that the passes to come leave out. */
  truncated = 0
  cards: AcceleratorUse[] = []
  readonly source = { isReading: true, weights: 2 as 1 | 2, take: () => this.#take(), resume: () => {}, lastUse: '' }
  readonly rows: ConsumerRow[] = []
  readonly idleRows: PartIdleRow[] = []
  readonly #consumers = new Map<string, Consumer>()
  /** What commands of measured windows got. */
  readonly own: { window: string; uid: string | null; part: string; energyUj: bigint }[] = []
  /** What the books have of the node. */
  booked = NO_FOOTPRINT
  #pending: CpuUse | null = null
  #lookedNs: bigint | null = null
  postedUj = 0n

  constructor(options: Partial<AttributionOptions> = {}) {
    this.account = new Attribution({
      source: this.source,
      accelerators: { take: () => this.cards.splice(0), cards: [] },
      capacity: () => this.capacity,
      curves: loadCurves(USUAL),
      tenantOf: ({ name }) => (name.startsWith('a') ? 'tenant-a' : 'unassigned'),
      booked: () => this.booked,
      takeOwn: (window, uid, part, energyUj) => void this.own.push({ window, uid, part, energyUj }),
      maxSeries: 200,
      unallocated: 'separate',
      clock: this.clock,
      logger: this.logger,
      ...options,
    })
  }

  /** A pass over the groups now: who used what since the one before. */
  look(users: Readonly<Record<string, Using>> = {}): void {
    const uses = Object.entries(users).map(([name, using]) => this.using(name, using))
    if (!uses.some(({ consumer }) => consumer === SYSTEM)) uses.push(this.using('system', {}))
    this.lookAt(uses)
  }

  lookAt(uses: readonly ConsumerUse[], more: Partial<CpuUse> = {}): void {
    const totalNs = uses.reduce((sum, { cpuNs }) => sum + cpuNs, 0n)
    this.#pending = {
      startNs: this.#lookedNs ?? this.clock.ns,
      endNs: this.clock.ns,
      totalNs,
      uses,
      truncated: this.truncated,
      falls: 0,
      ...more,
    }
    this.#lookedNs = this.clock.ns
    this.tick()
  }

  tick(): AttributionTotals {
    return this.account.totals
  }

  /** Time goes on, and the machine draws so much in it, in W by leaf. */
  draw(seconds: number, powerW: Readonly<Record<string, number>>): void {
    const startNs = this.clock.ns
    this.clock.advance(BigInt(Math.round(seconds * 1e9)))
    this.post(startNs, this.clock.ns, powerW)
  }

  post(startNs: bigint, endNs: bigint, powerW: Readonly<Record<string, number>>): void {
    const seconds = Number(endNs - startNs) / 1e9
    const shares = Object.entries(powerW).map(([leaf, watts]): LeafEnergy => {
      const part = leaf.split('/')[0] as Part
      return { leaf, part, quality: 'measured', energyUj: BigInt(Math.round(watts * seconds * 1e6)) }
    })
    for (const { energyUj } of shares) this.postedUj += energyUj
    this.account.post({ startNs, endNs, shares }, this.clock.wallMs - Number((this.clock.ns - startNs) / 1_000_000n))
  }

  collect(isLast = false): AttributionState {
    const { rows, idleRows, state } = this.account.collect(isLast)
    this.rows.push(...rows)
    this.idleRows.push(...idleRows)
    return state
  }

  /** What each consumer has in all rows, in J: idle and dynamic. */
  joules(): Record<string, [number, number]> {
    const sums: Record<string, [number, number]> = {}
    for (const { consumer, idleUj, dynamicUj } of this.rows) {
      const [idle, dynamic] = sums[consumer.name] ?? [0, 0]
      sums[consumer.name] = [idle + Number(idleUj) / 1e6, dynamic + Number(dynamicUj) / 1e6]
    }
    return sums
  }

  get attributedUj(): bigint {
    return this.rows.reduce((sum, { idleUj, dynamicUj }) => sum + idleUj + dynamicUj, 0n)
  }

  using(name: string, { cpuS = 0, memory = null, reserved, isGone = false, kind }: Using): ConsumerUse {
    const known = this.#consumers.get(name) ?? (name === 'system' ? SYSTEM : consumer(name, kind))
    this.#consumers.set(name, known)
    return {
      consumer: known,
      cpuNs: BigInt(Math.round(cpuS * 1e9)),
      memoryBytes: memory,
      reservations: reserved ? [{ ...UNRESERVED, ...reserved }] : [],
      bornNs: this.clock.ns,
      isGone,
    }
  }

  #take(): CpuUse | null {
    const use = this.#pending
    this.#pending = null
    return use
  }
}

export function rounded(joules: Record<string, [number, number]>, digits = 0): Record<string, number[]> {
  return Object.fromEntries(
    Object.entries(joules).map(([name, parts]) => [name, parts.map((part) => Number(part.toFixed(digits)))]),
  )
}
