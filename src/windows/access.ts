/** Who asks. */
export interface Caller {
  /** Unix uid; null for who came over TCP with the token. */
  readonly uid: number | null
  /** The process; null for who came over TCP. */
  readonly pid: number | null
  /** Sees the windows of all: root, the agent's own user, its group, and who has the token. */
  readonly isTrusted: boolean
}

/** The other end of a unix socket, as the kernel knows it. */
export interface PeerCredentials {
  readonly pid: number
  readonly uid: number
  readonly gid: number
  readonly groups: readonly number[]
}

/** The user and the group that the agent runs as: whoever may read the ledger sees there what is asked for here. */
export interface Owner {
  readonly uid: number
  readonly gid: number
}

export const TOKEN_HOLDER: Caller = { uid: null, pid: null, isTrusted: true }

export function callerOf({ pid, uid, gid, groups }: PeerCredentials, owner: Owner): Caller {
  const isOfGroup = gid === owner.gid || groups.includes(owner.gid)
  return { uid, pid, isTrusted: uid === 0 || uid === owner.uid || isOfGroup }
}

export function maySee(caller: Caller, owner: number | null): boolean {
  return caller.isTrusted || caller.uid === owner
}
