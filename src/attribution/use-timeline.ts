import { least, most } from '../model/bigint.ts'
import { NS_PER_S } from '../model/units.ts'
import { ClaimSum, type Claims } from './claims.ts'

/** Frames are kept as they came for so long, since most energy is a few seconds late. */
const FINE_NS = 60n * NS_PER_S
/** Then they are joined to frames of about so long. */
const COARSE_NS = 30n * NS_PER_S
/** What an earlier process read last may be older than its last pass. */
const EDGE_NS = 10n * NS_PER_S
/** A counter that is away is waited for ten minutes, and its energy may come as late. */
const KEPT_NS = 1_200n * NS_PER_S

/** Consumers in all frames, where thousands are born and die in a minute: of the oldest energy nobody knows then. */
const MOST_ENTRIES = 200_000

/** Claims of some time, as far as they are known. */
export interface KnownClaims extends Claims {
  /** How much of the time frames cover. */
  readonly coveredNs: bigint
}

/** Who used the machine in the last twenty minutes, in frames that follow each other. */
export class UseTimeline {
  #coarse: Claims[] = []
  #fine: Claims[] = []
  #entries = 0
  /** The time of an outage, whose edges nobody saw: it stands for a while before it too. */
  #outage: Claims | null = null
  #newestNs: bigint | null = null

  add(claims: Claims, isOutage = false): void {
    const frame = sharing(claims, this.#fine.at(-1))
    if (isOutage) this.#outage = frame
    this.#newestNs = frame.endNs
    // The first pass is only where counting begins.
    if (frame.endNs <= frame.startNs) return
    this.#fine.push(frame)
    this.#entries += frame.consumers.length
    const oldestNs = this.#fine[0]?.startNs ?? frame.startNs
    if (frame.endNs - oldestNs > FINE_NS + COARSE_NS) this.#join(oldestNs + COARSE_NS)
    this.#forget(frame.endNs - KEPT_NS)
  }

  /** Up to when the use is known; null before the first pass. */
  get newestNs(): bigint | null {
    return this.#newestNs
  }

  /**
   * What was claimed in exactly that time: frames that overlap it count in proportion; null where none does. The newest
   * frame stands for `graceNs` after it too.
   */
  between(startNs: bigint, endNs: bigint, graceNs = 0n): KnownClaims | null {
    const last = this.#fine.at(-1)
    const pieces: { readonly frame: Claims; readonly ns: bigint }[] = []
    for (const frames of [this.#fine, this.#coarse]) {
      for (let index = frames.length - 1; index >= 0; index--) {
        const frame = frames[index]
        if (frame === undefined || frame.endNs + graceNs <= startNs) break
        const untilNs = frame === last ? frame.endNs + graceNs : frame.endNs
        const fromNs = frame === this.#outage ? frame.startNs - EDGE_NS : frame.startNs
        const ns = least(untilNs, endNs) - most(fromNs, startNs)
        if (ns > 0n) pieces.push({ frame, ns })
      }
    }
    return pieces.length === 0 ? null : joined(pieces, startNs, endNs)
  }

  #forget(beforeNs: bigint): void {
    for (;;) {
      const first = this.#coarse[0] ?? this.#fine[0]
      const isSurplus = this.#entries > MOST_ENTRIES && this.#coarse.length + this.#fine.length > 1
      if (!first || (first.endNs >= beforeNs && !isSurplus)) return
      if (this.#coarse.shift() === undefined) this.#fine.shift()
      this.#entries -= first.consumers.length
    }
  }

  #join(untilNs: bigint): void {
    const old = this.#fine.filter(({ endNs }) => endNs <= untilNs)
    const [first] = old
    const last = old.at(-1)
    // One that is longer by itself, because a pass hung, stays what it is.
    if (!first || !last) {
      this.#coarse.push(...this.#fine.splice(0, 1))
      return
    }
    this.#fine.splice(0, old.length)
    const pieces = old.map((frame) => ({ frame, ns: frame.endNs - frame.startNs }))
    const frame = joined(pieces, first.startNs, last.endNs)
    this.#coarse.push(frame)
    this.#entries += frame.consumers.length
    for (const { consumers } of old) this.#entries -= consumers.length
  }
}

/** With the lists of the frame before where they are the same: frames are kept for a minute and more. */
function sharing(frame: Claims, before: Claims | undefined): Claims {
  if (before === undefined) return frame
  const { startNs, endNs, cpuNs, capacity } = frame
  const consumers = sameAs(before.consumers, frame.consumers)
  const cores = sameAs(before.cores, frame.cores)
  return {
    startNs,
    endNs,
    consumers,
    cpuNs,
    cores,
    memoryBytes: sameAs(before.memoryBytes, frame.memoryBytes),
    capacity,
  }
}

function sameAs<Item>(before: readonly Item[], list: readonly Item[]): readonly Item[] {
  if (before.length !== list.length) return list
  for (let index = 0; index < list.length; index++) if (before[index] !== list[index]) return list
  return before
}

function joined(
  pieces: readonly { readonly frame: Claims; readonly ns: bigint }[],
  startNs: bigint,
  endNs: bigint,
): KnownClaims {
  let coveredNs = 0n
  for (const { ns } of pieces) coveredNs += ns
  const [only] = pieces
  if (only && pieces.length === 1 && only.ns === only.frame.endNs - only.frame.startNs) {
    return { ...only.frame, startNs, endNs, coveredNs }
  }
  const claims = new ClaimSum()
  let [cpus, memoryBytes] = [0, 0]
  for (const { frame, ns } of pieces) {
    const ofFrame = Number(ns) / Number(frame.endNs - frame.startNs)
    const ofTime = Number(ns) / Number(coveredNs)
    cpus += frame.capacity.cpus * ofTime
    memoryBytes += frame.capacity.memoryBytes * ofTime
    claims.add(frame, ofFrame, ofTime)
  }
  return { startNs, endNs, ...claims.lists, capacity: { cpus, memoryBytes }, coveredNs }
}
