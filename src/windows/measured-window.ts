import { most } from '../model/bigint.ts'
import { NS_PER_MS } from '../model/units.ts'
import type { WindowEnd, WindowRow } from '../model/window.ts'
import { Amounts } from './amounts.ts'
import type { Piece } from './grain.ts'
import type { Bytes } from './network.ts'
import { type Block, isMostlyInside } from './peak.ts'

/** What a window has from its beginning on. */
export type WindowFacts = Omit<WindowRow, 'end' | 'isFinal' | 'energyUj' | 'co2eLocationUg' | 'sums'>

interface Sums {
  readonly amounts: Amounts
  readonly peakUw: bigint | null
  readonly network: Bytes | null
}

/** A window and all that was counted in it. */
export class MeasuredWindow {
  readonly facts: WindowFacts
  readonly #amounts: Amounts
  #peakUw: bigint | null
  #network: Bytes | null
  #end: WindowEnd | null
  #isFinal: boolean
  #isDirty = true

  constructor(facts: WindowFacts, row?: WindowRow) {
    const { amounts, peakUw, network } = row === undefined ? nothing() : sumsOf(row.sums)
    this.facts = facts
    this.#amounts = amounts
    this.#peakUw = peakUw
    this.#network = network
    this.#end = row?.end ?? null
    this.#isFinal = row?.isFinal ?? false
  }

  static from(row: WindowRow): MeasuredWindow {
    const { end, isFinal, energyUj, co2eLocationUg, sums, ...facts } = row
    return new MeasuredWindow(facts, row)
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

function nothing(): Sums {
  return { amounts: new Amounts(), peakUw: null, network: null }
}

/** Text that is damaged must not keep the agent from starting: nothing was counted then. */
function sumsOf(text: string): Sums {
  try {
    const { amounts, peakUw, network } = JSON.parse(text) as {
      readonly amounts: string
      readonly peakUw: string | null
      readonly network: Bytes | null
    }
    return { amounts: Amounts.fromText(amounts), peakUw: peakUw === null ? null : BigInt(peakUw), network }
  } catch {
    return nothing()
  }
}
