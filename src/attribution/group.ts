import { most } from '../model/bigint.ts'
import type { Consumer } from '../model/consumer.ts'
import { shareOut } from '../model/share.ts'
import { NS_PER_S } from '../model/units.ts'
import type { CgroupBirth, CgroupRow, Reservation } from '../native/cgroup-watch.ts'
import { descend, type Place, ROOT } from './consumer-of.ts'
import { isLimited } from './limits.ts'

/**
 * Groups are read one after another, so that their counts may be ahead of their parent's. By a tenth they wait for it; beyond
 * that the parent has counted too little, as the root of cgroup v2 does, which counts by ticks what its groups count exactly.
 */
const WAITING_SHARE = 10n
/** What a group was given ahead of its count is taken back from its own use, up to a second of one processor. */
const MOST_AHEAD_NS = -NS_PER_S

const NONE: readonly Reservation[] = []

/** A control group, and the CPU time of one interval on its way from the counts to the groups' own. */
export class Group<Owner> {
  readonly id: number
  readonly inode: bigint
  readonly parent: Group<Owner> | null
  readonly place: Place
  readonly owner: Owner
  readonly children = new Set<Group<Owner>>()
  row: CgroupRow | null = null
  isDead = false
  /** Of the dead: time in which it used what nobody counted. */
  unreadNs = 0n
  /** Null before the first count. */
  #countNs: bigint | null
  /** Null when no count came, or the first. */
  #usedNs: bigint | null = null
  /** Counted in earlier intervals and not given yet; negative for what was given ahead of the count. */
  #owedNs = 0n
  #countedNs = 0n
  #claimNs = 0n
  /** The list of its reservation, kept with it. */
  #own: readonly Reservation[] = NONE

  constructor(
    { id, inode, fresh, name }: CgroupBirth,
    parent: Group<Owner> | null,
    own: (consumer: Consumer) => Owner,
  ) {
    this.id = id
    this.inode = inode
    this.parent = parent
    this.place = parent ? descend(parent.place, name) : ROOT
    this.owner = own(this.place.consumer)
    this.#countNs = fresh ? 0n : null
    parent?.children.add(this)
  }

  /** Whether a consumer begins with it: groups inside are mostly parts of the same. */
  get isFirst(): boolean {
    return this.parent === null || this.parent.place.consumer !== this.place.consumer
  }

  /** All that was ever used in it, as far as it was counted; null before the first count. */
  get countNs(): bigint | null {
    return this.#countNs
  }

  /** What an earlier process counted last. */
  resume(countNs: bigint): void {
    this.#countNs = countNs
  }

  /** Takes in a count of all that was ever used in the group. False when it is below the one before, and adds nothing. */
  count(usageNs: bigint | null): boolean {
    if (usageNs === null) return true
    const beforeNs = this.#countNs
    this.#countNs = usageNs
    // The first count only says where counting begins.
    if (beforeNs === null) return true
    if (usageNs === beforeNs) {
      this.#usedNs ??= 0n
      return true
    }
    const sinceNs = usageNs - beforeNs
    this.#usedNs = (this.#usedNs ?? 0n) + most(sinceNs, 0n)
    return sinceNs >= 0n
  }

  /** It has nobody inside, used nothing and is owed nothing, as most. */
  get #isAsleep(): boolean {
    return this.#usedNs === 0n && this.#owedNs === 0n && this.children.size === 0
  }

  /** What the group and those inside are to have of this interval, by their own counts. */
  claim(): bigint {
    if (this.#isAsleep) {
      this.#countedNs = 0n
      this.#claimNs = 0n
      return 0n
    }
    let innerNs = 0n
    this.children.forEach((child) => {
      innerNs += child.claim()
    })
    this.#countedNs = this.#usedNs === null ? innerNs : this.#usedNs + this.#owedNs
    // The last count of the dead may be older than those of their children, and no other comes for which they could wait.
    const leastNs = this.isDead ? innerNs : innerNs - innerNs / WAITING_SHARE
    this.#claimNs = most(this.#countedNs, leastNs)
    return this.#claimNs
  }

  /**
   * Divides what the group gets between those inside and itself, and hands each group's own to `take`. The children come
   * first; what they claim beyond that they are owed. A slice runs nothing itself, so that what is left there was used by
   * those who died, in proportion to the time since they were counted; elsewhere it is the group's own.
   */
  give(givenNs: bigint, take: (owner: Owner, ownNs: bigint) => void): void {
    if (givenNs === 0n && this.#isAsleep) {
      this.#usedNs = null
      return
    }
    this.#owedNs = most(this.#countedNs - givenNs, MOST_AHEAD_NS)
    this.#usedNs = null
    if (this.children.size === 0) {
      take(this.owner, givenNs)
      return
    }
    const children = [...this.children]
    const claims = children.map((child) => child.#claimNs)
    const claimedNs = claims.reduce((sum, claimNs) => (claimNs === 0n ? sum : sum + claimNs), 0n)
    const parts = claimedNs > givenNs ? shareOut(givenNs, claims) : claims
    const leftNs = claimedNs > givenNs ? 0n : givenNs - claimedNs
    const isSlice = this.place.consumer.kind === 'slice' || this.place.trail[0]?.endsWith('.slice')
    const mayBeOfDead = isSlice && children.some(({ isDead }) => isDead)
    const extra = mayBeOfDead
      ? shareOut(
          leftNs,
          children.map(({ unreadNs }) => unreadNs),
        )
      : []
    children.forEach((child, index) => {
      child.give((parts[index] ?? 0n) + (extra[index] ?? 0n), take)
    })
    take(
      this.owner,
      extra.reduce((ownNs, partNs) => ownNs - partNs, leftNs),
    )
  }

  /** Its own; where nobody has limited it and it follows no scheme, those of the groups inside that somebody has. */
  reservations(): readonly Reservation[] {
    const limits = this.place.consumer.kind === 'group' ? this.#limits() : NONE
    if (limits.length > 0) return limits
    if (this.row === null) return NONE
    const { reservation } = this.row
    if (this.#own[0] !== reservation) this.#own = [reservation]
    return this.#own
  }

  #limits(): Reservation[] {
    if (this.row && isLimited(this.row.reservation, this.parent?.row?.reservation ?? null))
      return [this.row.reservation]
    const inner = [...this.children].filter(({ place }) => place.consumer === this.place.consumer)
    return inner.flatMap((child) => child.#limits())
  }

  /** Memory that is not that of the groups inside; null when it is not known. */
  ownMemoryBytes(): bigint | null {
    const bytes = this.row?.memoryBytes ?? null
    if (bytes === null) return null
    if (this.children.size === 0) return bytes
    let innerBytes = 0n
    this.children.forEach((child) => {
      innerBytes += child.row?.memoryBytes ?? 0n
    })
    return bytes > innerBytes ? bytes - innerBytes : 0n
  }
}
