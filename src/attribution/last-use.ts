/** What had been used at a pass, for a process that comes later: the kernel goes on counting while nobody looks. */
export interface LastUse {
  /** CLOCK_MONOTONIC of the pass. */
  readonly endNs: bigint
  /** By inode, which no other group has in this boot: counts of the groups with which consumers begin. */
  readonly countsNs: ReadonlyMap<bigint, bigint>
  /** None is left out: what is not here is younger. */
  readonly isWhole: boolean
}

/** Some 40 kB. */
const MOST_COUNTS = 2_000

/** `place`: the boot and the tree, in which alone inodes and counts mean the same. */
export function lastUseText({ endNs, countsNs, isWhole }: LastUse, place: string): string {
  const counts = [...countsNs].slice(0, MOST_COUNTS).map(([inode, ns]) => `${inode.toString(16)} ${ns.toString(16)}`)
  const extent = isWhole && countsNs.size <= MOST_COUNTS ? 'whole' : 'part'
  return [place, `${extent} ${endNs}`, ...counts].join('\n')
}

/** Null for anything but what `lastUseText` said in the same place. */
export function lastUseIn(text: string, place: string): LastUse | null {
  if (!text.startsWith(`${place}\n`)) return null
  const [head = '', ...lines] = text.slice(place.length + 1).split('\n')
  const [, extent, endNs] = /^(whole|part) (\d{1,19})$/.exec(head) ?? []
  if (endNs === undefined) return null
  const countsNs = new Map<bigint, bigint>()
  for (const line of lines.slice(0, MOST_COUNTS)) {
    const [, inode, ns] = /^([0-9a-f]{1,16}) ([0-9a-f]{1,16})$/.exec(line) ?? []
    if (inode === undefined) return null
    countsNs.set(BigInt(`0x${inode}`), BigInt(`0x${ns}`))
  }
  return { endNs: BigInt(endNs), countsNs, isWhole: extent === 'whole' }
}
