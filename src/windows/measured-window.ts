import { most } from '../model/bigint.ts'
import { NS_PER_MS } from '../model/units.ts'
import type { WindowEnd, WindowRow } from '../model/window.ts'
import { Amounts } from './amounts.ts'
import type { Piece } from './grain.ts'
import type { Bytes } from './network.ts'
import { type Block, isMostlyInside } from './peak.ts'

/** What a window has from its beginning on. */
export type WindowFacts = Omit<WindowRow, 'end' | 'isFinal' | 'energyUj' | 'co2eLocationUg' | 'sums'>

/** What a command of the window's own used, as far as its scope was seen. */
export interface Own {
  readonly isSeen: boolean
  readonly idleUj: bigint
  readonly dynamicUj: bigint
}

const NONE_YET: Own = { isSeen: false, idleUj: 0n, dynamicUj: 0n }

interface Sums {
  readonly amounts: Amounts
  readonly own: Own | null
  readonly peakUw: bigint | null
  readonly network: Bytes | null
}

/** A window and all that was counted in it. */
export class MeasuredWindow {
  readonly facts: WindowFacts
  readonly #amounts: Amounts
  #peakUw: bigint | null
  #network: Bytes | null
  #own: Own | null
  #end: WindowEnd | null
  #isFinal: boolean
  #isDirty = true

  /** `hasScope`: a command of its own will run in the window's scope. */
  constructor(facts: WindowFacts, hasScope: boolean, row?: WindowRow) {
    const { amounts, own, peakUw, network } = row === undefined ? nothing(hasScope) : sumsOf(row.sums)
    this.facts = facts
    this.#amounts = amounts
    this.#peakUw = peakUw
    this.#network = network
    this.#own = own
    this.#end = row?.end ?? null
    this.#isFinal = row?.isFinal ?? false
  }

  static from(row: WindowRow): MeasuredWindow {
    const { end, isFinal, energyUj, co2eLocationUg, sums, ...facts } = row
    return new MeasuredWindow(facts, false, row)
  }

  get end(): WindowEnd | null {
    return this.#end
  }

  get isFinal(): boolean {
    return this.#isFinal
  }

  get amounts(): Amounts {
    return this.#amounts
  }

  /** The largest mean power of a second; null where it was too short to have one. */
  get peakUw(): bigint | null {
    return this.#peakUw
  }

  /** What the network namespace of its process carried; null where nobody could tell. */
  get network(): Bytes | null {
    return this.#network
  }

  /** Null where it has no command of its own. */
  get own(): Own | null {
    return this.#own
  }

  get durationNs(): bigint | null {
    return this.#end === null ? null : this.#end.ns - this.facts.startNs
  }

  /** When its limit ends it. */
  get limit(): WindowEnd {
    const { startNs, startUnixMs, limitMs } = this.facts
    return { ns: startNs + BigInt(limitMs) * NS_PER_MS, unixMs: startUnixMs + limitMs, by: 'limit' }
  }

  add(piece: Piece): void {
    if (!this.#overlaps(piece)) return
    this.#amounts.add(this.#partOf(piece))
    this.#isDirty = true
  }

  addOwn(part: 'idle' | 'dynamic', energyUj: bigint): void {
    if (this.#own === null) return
    const { idleUj, dynamicUj } = this.#own
    this.#own =
      part === 'idle'
        ? { isSeen: true, idleUj: idleUj + energyUj, dynamicUj }
        : { isSeen: true, idleUj, dynamicUj: dynamicUj + energyUj }
    this.#isDirty = true
  }

  addPeak(block: Block): void {
    if (!isMostlyInside(block, this.facts.startNs, (this.#end ?? this.limit).ns)) return
    this.#peakUw = most(this.#peakUw ?? 0n, block.powerUw)
    this.#isDirty = true
  }

  close(end: WindowEnd, network: Bytes | null = null): void {
    if (this.#end !== null) return
    this.#end = end
    this.#network = network
    this.#isDirty = true
  }

  /** Nothing more will be counted in it. */
  finish(): void {
    this.#isFinal = true
    this.#isDirty = true
  }

  /** Whether its row is another one than the last; `open` as below. */
  isChanged(open: Piece | null): boolean {
    return this.#isDirty || (open !== null && this.#overlaps(open))
  }

  /** As the ledger keeps it; `open` is what has been posted since, which a restart would not see again. */
  row(open: Piece | null): WindowRow {
    // The piece that is open now may end without this window, and then its share is no longer there.
    this.#isDirty = open !== null && this.#overlaps(open)
    const amounts = new Amounts()
    amounts.add(this.#amounts)
    if (open !== null) amounts.add(this.#partOf(open))
    return {
      ...this.facts,
      end: this.#end,
      isFinal: this.#isFinal,
      energyUj: amounts.energyUj,
      co2eLocationUg: amounts.of('location'),
      sums: JSON.stringify({
        amounts: amounts.toText(),
        peakUw: this.#peakUw?.toString() ?? null,
        network: this.#network,
        own: this.#own && [this.#own.isSeen, `${this.#own.idleUj}`, `${this.#own.dynamicUj}`],
      }),
    }
  }

  #overlaps({ startNs, endNs }: Piece): boolean {
    return endNs > this.facts.startNs && startNs < (this.#end ?? this.limit).ns
  }

  #partOf(piece: Piece): Amounts {
    return piece.amounts.within(piece, this.facts.startNs, (this.#end ?? this.limit).ns)
  }
}

function nothing(hasScope: boolean): Sums {
  return { amounts: new Amounts(), own: hasScope ? NONE_YET : null, peakUw: null, network: null }
}

/** Text that is damaged must not keep the agent from starting: nothing was counted then. */
function sumsOf(text: string): Sums {
  try {
    const { amounts, own, peakUw, network } = JSON.parse(text) as {
      readonly amounts: string
      readonly peakUw: string | null
      readonly network: Bytes | null
      readonly own: readonly [isSeen: boolean, idleUj: string, dynamicUj: string] | null
    }
    return {
      amounts: Amounts.fromText(amounts),
      own: own && { isSeen: own[0], idleUj: BigInt(own[1]), dynamicUj: BigInt(own[2]) },
      peakUw: peakUw === null ? null : BigInt(peakUw),
      network,
    }
  } catch {
    return nothing(false)
  }
}
