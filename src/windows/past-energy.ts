import type { LedgerSpan, LedgerSpanRow } from '../model/ledger-span.ts'
import { type BookedPosting, NOTHING_BOOKED } from '../model/node-taker.ts'
import { NS_PER_MS } from '../model/units.ts'
import { Amounts } from './amounts.ts'
import type { EnergyHistory } from './energy-history.ts'
import type { WindowStore } from './window-store.ts'

export interface PastEnergy {
  readonly amounts: Amounts
  /** What is longer than this is exact; at its ends the span is apportioned by time. */
  readonly resolutionMs: number
  readonly source: 'memory' | 'ledger'
}

type Stretch = LedgerSpanRow | LedgerSpan['parts'][number]

/** The node's energy of any time: from memory where that reaches back so far, else from the ledger. */
export function pastEnergy(
  history: EnergyHistory,
  store: Pick<WindowStore, 'spanOf'>,
  fromUnixMs: number,
  toUnixMs: number,
  nowUnixMs: number,
): PastEnergy {
  if (history.sinceUnixMs !== null && history.sinceUnixMs <= fromUnixMs) {
    return { ...history.energyOf(fromUnixMs, toUnixMs), source: 'memory' }
  }
  const { resolutionMs, rows, parts } = store.spanOf(fromUnixMs, toUnixMs)
  const amounts = new Amounts()
  const [fromNs, toNs] = [nsOf(fromUnixMs), nsOf(toUnixMs)]
  for (const row of [...rows, ...parts]) {
    const own = Amounts.of(postingOf(row))
    if (!row.isCut) amounts.add(own)
    else {
      // One that still runs has energy of its beginning alone.
      const endUnixMs = Math.max(row.startUnixMs + 1, Math.min(row.startUnixMs + resolutionMs, nowUnixMs))
      amounts.add(own.within({ startNs: nsOf(row.startUnixMs), endNs: nsOf(endUnixMs) }, fromNs, toNs))
    }
  }
  return { amounts, resolutionMs, source: 'ledger' }
}

function postingOf(row: Stretch): BookedPosting {
  const none = { startNs: 0n, endNs: 0n, shares: [], coveredNs: 0n, uncertainty: new Map(), booked: NOTHING_BOOKED }
  if ('part' in row) return { ...none, shares: [{ leaf: row.part, ...row }] }
  const { meter, uncertaintyUj, coveredMs, facilityUj, co2eLocationUg, co2eMarketUg, embodiedUg } = row
  return {
    ...none,
    coveredNs: nsOf(coveredMs),
    uncertainty: new Map([[meter, Number(uncertaintyUj)]]),
    booked: { ...NOTHING_BOOKED, facilityUj, co2eLocationUg, co2eMarketUg, embodiedUg },
  }
}

const nsOf = (ms: number): bigint => BigInt(Math.round(ms)) * NS_PER_MS
