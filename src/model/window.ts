/** A measured window as the ledger keeps it. Times are of the wall clock, but for those that end in Ns. */
export interface WindowRow {
  readonly id: string
  /** Unix uid of who began it; null for who came with the token. */
  readonly uid: number | null
  readonly name: string
  readonly tags: Readonly<Record<string, string>>
  /** Of windows that are repeated: which they are, and how many there will be; null where nobody said. */
  readonly series: string
  readonly repeats: number | null
  /** Power that the machine draws without the work, as its owner has measured it; null where it is not known. */
  readonly baselineUw: bigint | null
  /** Monotonic times mean nothing under another boot. */
  readonly bootId: string
  readonly startNs: bigint
  readonly startUnixMs: number
  /** By when it is ended if nobody has. */
  readonly limitMs: number
  /** Null while it is open. */
  readonly end: WindowEnd | null
  readonly isFinal: boolean
  readonly energyUj: bigint
  readonly co2eLocationUg: bigint | null
  /** All that was counted, as text that only the windows read. */
  readonly sums: string
}

/** The systemd scope of a command that runs for a window, by which its own use is known. */
export function scopeOfWindow(id: string): string {
  return `wattledger-${id}.scope`
}

/** The window whose scope has this name; null for any other. */
export function windowOfScope(name: string): string | null {
  return /^wattledger-([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\.scope$/.exec(name)?.[1] ?? null
}

export interface WindowEnd {
  readonly ns: bigint
  readonly unixMs: number
  readonly by: ClosedBy
}

export interface EndedWindow {
  readonly id: string
  readonly end: WindowEnd
}

/** Who ended a window: its client, its limit, or a boot. */
export type ClosedBy = 'client' | 'limit' | 'reboot'

/** Windows of the ledger by which ones are wanted, the newest first. */
export interface WindowQuery {
  /** Null for everybody's. */
  readonly uid: number | null
  readonly name: string | null
  readonly series: string | null
  readonly most: number
}
