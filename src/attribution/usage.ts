import { type Consumer, consumerKey } from '../model/consumer.ts'
import type { CgroupFrame, Reservation } from '../native/cgroup-watch.ts'
import { Group } from './group.ts'
import type { LastUse } from './last-use.ts'

export interface ConsumerUse {
  readonly consumer: Consumer
  /** Of this consumer alone: what others inside it used is theirs. */
  readonly cpuNs: bigint
  /** At the end of the interval; null when it is not known. */
  readonly memoryBytes: bigint | null
  /** Of each group with which the consumer begins: one, but for a container runtime that spreads a pod over several. */
  readonly reservations: readonly Reservation[]
  /** In whose group it begins; null for the root. */
  readonly holder?: Consumer | null
  /** When it was first seen. */
  readonly bornNs: bigint
  /** It has no group any more: this is its last interval. */
  readonly isGone: boolean
}

/** Who used the processors in `[startNs, endNs)`. */
export interface CpuUse {
  readonly startNs: bigint
  readonly endNs: bigint
  /** The sum of all uses, and the root's use where its count agrees with its groups'. */
  readonly totalNs: bigint
  /** `system` is always among them. */
  readonly uses: readonly ConsumerUse[]
  /** Folders whose groups are not followed; what is used there is of the consumer around them. */
  readonly truncated: number
  /** Counts that fell, and added nothing. */
  readonly falls: number
  /** Nobody looked since an earlier process did: what was used is the difference of the counts. */
  readonly isOutage?: boolean
}

interface Entry {
  /** As its groups tell, and as it is named by now. */
  readonly given: Consumer
  consumer: Consumer
  cpuNs: bigint
  memoryBytes: bigint | null
  reservations: readonly Reservation[]
  holder: Consumer | null
  readonly bornNs: bigint
  groups: number
  /** Of the last interval: one who sleeps and holds what it held is told of by the same object. */
  use: ConsumerUse | null
}

const NONE: readonly Reservation[] = []

/**
 * Turns the counts of nested groups into disjoint uses of consumers: each nanosecond of the root's count is somebody's, and
 * nobody's use is negative, whoever is born and dies meanwhile. A group's own use is its count less those of the groups
 * inside, and belongs to the innermost consumer around it.
 */
export class UsageBook {
  readonly #name: (consumer: Consumer) => Consumer
  readonly #groups = new Map<number, Group<Entry>>()
  readonly #entries = new Map<string, Entry>()
  #root: Group<Entry> | null = null
  #endNs: bigint | null = null
  /** Of an earlier process, until the first frame. */
  #before: LastUse | null
  #isWhole = true

  constructor(name: (consumer: Consumer) => Consumer = (consumer) => consumer, before: LastUse | null = null) {
    this.#name = name
    this.#before = before
  }

  /**
   * The use since the frame before; the first frame has the interval since an earlier process, or an empty one. Frames come
   * in the order of their passes.
   */
  take(frame: CgroupFrame): CpuUse {
    this.#enter(frame)
    const before = this.#resume(frame)
    const startNs = this.#endNs ?? before?.endNs ?? frame.afterNs
    this.#endNs = frame.afterNs
    this.#isWhole = frame.truncated === 0
    const falls = this.#count(frame)
    this.#divide()
    this.#measure()
    const dead = frame.deaths.flatMap(({ id }) => this.#groups.get(id) ?? [])
    for (const group of dead) this.#leave(group)
    const uses: ConsumerUse[] = []
    let totalNs = 0n
    this.#entries.forEach((entry, key) => {
      uses.push(useOf(entry))
      totalNs += entry.cpuNs
      if (entry.groups === 0) this.#entries.delete(key)
    })
    const use = { startNs, endNs: frame.afterNs, totalNs, uses, truncated: frame.truncated, falls }
    return before === null ? use : { ...use, isOutage: true }
  }

  /** As of the last frame; null before the first. */
  get lastUse(): LastUse | null {
    if (this.#endNs === null) return null
    const countsNs = new Map<bigint, bigint>()
    let isWhole = this.#isWhole
    for (const { isFirst, inode, countNs } of this.#groups.values()) {
      if (!isFirst) continue
      if (countNs === null) isWhole = false
      else countsNs.set(inode, countNs)
    }
    return { endNs: this.#endNs, countsNs, isWhole }
  }

  /** Goes on from the counts of an earlier process, if it followed the same tree. */
  #resume({ afterNs }: CgroupFrame): LastUse | null {
    const before = this.#before
    this.#before = null
    if (before === null || this.#root === null) return null
    if (before.endNs >= afterNs || !before.countsNs.has(this.#root.inode)) return null
    for (const group of this.#groups.values()) {
      // Inside a consumer it makes no difference.
      const countNs = before.countsNs.get(group.inode) ?? (before.isWhole && group.isFirst ? 0n : null)
      if (countNs !== null && group.countNs === null) group.resume(countNs)
    }
    return before
  }

  #enter({ births, afterNs }: CgroupFrame): void {
    for (const birth of births) {
      const parent = this.#groups.get(birth.parent) ?? null
      // One whose parent came and went unseen is part of the nearest group that is known.
      if (parent === null && birth.parent !== 0) continue
      const group = new Group(birth, parent, (consumer) => this.#entryOf(consumer, afterNs))
      this.#root ??= group
      this.#groups.set(birth.id, group)
      group.owner.groups++
    }
  }

  #count({ rows, deaths }: CgroupFrame): number {
    let falls = 0
    rows.forEach((row) => {
      const group = this.#groups.get(row.id)
      if (!group) return
      group.row = row
      if (!group.count(row.usageNs)) falls++
    })
    for (const { id, usageNs, unreadNs } of deaths) {
      const group = this.#groups.get(id)
      if (!group) continue
      group.isDead = true
      group.unreadNs = unreadNs
      if (!group.count(usageNs)) falls++
    }
    return falls
  }

  #divide(): void {
    this.#entries.forEach((entry) => {
      entry.cpuNs = 0n
    })
    this.#root?.give(this.#root.claim(), (entry, ownNs) => {
      entry.cpuNs += ownNs
    })
  }

  #measure(): void {
    this.#entries.forEach((entry) => {
      if (entry.consumer === entry.given) entry.consumer = this.#name(entry.given)
      entry.memoryBytes = null
      entry.reservations = NONE
    })
    this.#groups.forEach((group) => {
      if (group.isDead) return
      const entry = group.owner
      const bytes = group.ownMemoryBytes()
      if (bytes !== null) entry.memoryBytes = entry.memoryBytes === null ? bytes : entry.memoryBytes + bytes
      if (!group.isFirst) return
      const own = group.reservations()
      entry.reservations = entry.reservations === NONE ? own : [...entry.reservations, ...own]
      entry.holder = group.parent?.place.consumer ?? null
    })
  }

  #leave(group: Group<Entry>): void {
    group.parent?.children.delete(group)
    this.#groups.delete(group.id)
    group.owner.groups--
  }

  #entryOf(given: Consumer, bornNs: bigint): Entry {
    const key = consumerKey(given)
    const known = this.#entries.get(key)
    if (known) return known
    const empty = { cpuNs: 0n, memoryBytes: null, reservations: NONE, holder: null, groups: 0, use: null }
    const entry = { given, consumer: given, bornNs, ...empty }
    this.#entries.set(key, entry)
    return entry
  }
}

function useOf(entry: Entry): ConsumerUse {
  const { consumer, cpuNs, memoryBytes, reservations, holder, bornNs, groups, use } = entry
  const isGone = groups === 0 && consumer.kind !== 'system'
  const isSame =
    use !== null &&
    use.consumer === consumer &&
    use.cpuNs === cpuNs &&
    use.memoryBytes === memoryBytes &&
    use.reservations === reservations &&
    use.holder === holder &&
    use.isGone === isGone
  entry.use = isSame ? use : { consumer, cpuNs, memoryBytes, reservations, holder, bornNs, isGone }
  return entry.use
}
