import type { CgroupBirth, CgroupDeath, CgroupFrame, CgroupRow, Reservation } from '../../src/native/cgroup-watch.ts'

export const UNRESERVED: Reservation = {
  quotaUs: null,
  periodUs: null,
  weight: null,
  cpus: null,
  memoryMaxBytes: null,
  memoryLowBytes: null,
  memoryMinBytes: null,
}

export interface FakeGroup {
  readonly id: number
  readonly name: string
  readonly parent: FakeGroup | null
  readonly children: Set<FakeGroup>
  /** As the kernel counts: with all that was used inside, also by the dead. */
  usageNs: bigint
  memoryBytes: bigint | null
  reservation: Reservation
  /** At the last read; null before one. */
  readNs: bigint | null
  /** Used since then in the group itself, or by those inside who died unread. */
  unreadNs: bigint
}

/** A kernel with control groups, and the reader that looks at them. */
export class FakeKernel {
  readonly root: FakeGroup = this.#make('', null)
  #births: CgroupBirth[] = [{ id: this.root.id, parent: 0, inode: 1n, fresh: false, name: '' }]
  #deaths: CgroupDeath[] = []
  #nowNs = 0n
  #lastId = 1

  #make(name: string, parent: FakeGroup | null): FakeGroup {
    const id = parent === null ? 1 : ++this.#lastId
    return {
      id,
      name,
      parent,
      children: new Set(),
      usageNs: 0n,
      memoryBytes: null,
      reservation: UNRESERVED,
      readNs: null,
      unreadNs: 0n,
    }
  }

  birth(parent: FakeGroup, name: string, fresh = true): FakeGroup {
    const group = this.#make(name, parent)
    parent.children.add(group)
    this.#births.push({ id: group.id, parent: parent.id, inode: BigInt(group.id), fresh, name })
    return group
  }

  /** Another reader looks from now on, which finds the groups as they are. */
  readAnew(): void {
    this.#births = []
    this.#deaths = []
    const find = (group: FakeGroup): void => {
      const { id, name } = group
      this.#births.push({ id, name, parent: group.parent?.id ?? 0, inode: BigInt(id), fresh: false })
      for (const child of group.children) find(child)
    }
    find(this.root)
  }

  use(group: FakeGroup, ns: bigint): void {
    group.unreadNs += ns
    for (let at: FakeGroup | null = group; at !== null; at = at.parent) at.usageNs += ns
  }

  /** With all inside. `isRead`: the reader came in time for a last reading, else `unreadNs` had passed since the one before. */
  death(group: FakeGroup, isRead: boolean, unreadNs = 1n): void {
    for (const child of group.children) this.death(child, isRead, unreadNs)
    if (isRead) group.readNs = group.usageNs
    group.parent?.children.delete(group)
    this.#deaths.push({ id: group.id, usageNs: group.readNs, unreadNs: isRead ? 0n : unreadNs })
  }

  /** `between` is called before each group is read, which takes time. */
  pass(between: (next: FakeGroup) => void = () => {}): CgroupFrame {
    const births = this.#births
    const deaths = this.#deaths
    this.#births = []
    this.#deaths = []
    this.#nowNs += 1_000_000_000n
    const rows: CgroupRow[] = []
    const read = (group: FakeGroup): void => {
      for (const child of [...group.children]) read(child)
      between(group)
      group.readNs = group.usageNs
      group.unreadNs = 0n
      const { id, usageNs, memoryBytes, reservation } = group
      rows.push({ id, usageNs, memoryBytes, reservation })
    }
    read(this.root)
    const afterNs = this.#nowNs
    return { beforeNs: afterNs - 1n, afterNs, truncated: 0, rows, births, deaths }
  }
}
