import type { Feed } from '../src/carbon/feeds/feed.ts'
import { LiveSource } from '../src/carbon/feeds/live.ts'
import type { NodeRow } from '../src/model/batch.ts'
import type { Emissions } from '../src/model/carbon.ts'
import { NS_PER_MS } from '../src/model/units.ts'
import {
  aCarbon,
  aLedger,
  batchOf,
  cpuMs,
  energyUj,
  gPerKwh,
  HOUR_MS,
  HOURS,
  START_UNIX_MS,
  silent,
} from './carbon-setting.ts'

const LATE_HOURS = 3
const REVISED_HOURS = 24
const FINAL_HOURS = 48

/** An hour's figure comes three hours late, is revised after a day, and is final after two. */
function lateFeed(clock: { readonly nowUnixMs: number }): Feed {
  const figure = (startsUnixMs: number, moreG: number) => ({
    zone: 'DE',
    mgPerKwh: BigInt(gPerKwh(startsUnixMs) + moreG) * 1_000n,
    status: 'provisional' as const,
    startsUnixMs,
    endsUnixMs: startsUnixMs + HOUR_MS,
  })
  return {
    name: 'late',
    basis: 'direct',
    cacheKey: 'late',
    everyMs: HOUR_MS,
    backMs: FINAL_HOURS * HOUR_MS,
    aheadMs: 0,
    keyFile: null,
    quality: (status) => ({ dataQuality: status === 'final' ? 1 : 2, relativeUncertainty: 0.05 }),
    request: () => ({ url: new URL('http://grid'), headers: {} }),
    parse: () => [
      figure(clock.nowUnixMs - (LATE_HOURS + 1) * HOUR_MS, 0),
      figure(clock.nowUnixMs - REVISED_HOURS * HOUR_MS, 7),
    ],
  }
}

export interface SettlementYear {
  /** CPU seconds of booking, settling and collecting. */
  readonly booksS: number
  /** CPU seconds of the ledger's transactions. */
  readonly commitS: number
  readonly bookings: number
  readonly restatements: number
  readonly heapGrowthBytes: number
}

/**
 * A year as it happens: each hour is booked with a stand-in, by location and by market, restated when its figure comes,
 * when that is revised and when it is final, and committed to a ledger. Every hour all that is open is looked at.
 */
export async function settlementYear(path: string, collectGarbage: () => void): Promise<SettlementYear> {
  const clock = { nowUnixMs: START_UNIX_MS }
  const unixMs = () => clock.nowUnixMs
  const ledger = await aLedger(path, unixMs)
  const source = new LiveSource({
    feed: lateFeed(clock),
    cache: ledger.intensityCache,
    get: async () => '',
    holdMs: 0,
    unixMs,
    random: () => 0.5,
    logger: silent,
  })
  const carbon = await aCarbon(source, ledger, unixMs)
  const heaps: number[] = []
  let [booksMs, commitMs, bookings, restatements] = [0, 0, 0, 0]
  for (let hour = 0; hour < HOURS; hour++) {
    const startUnixMs = clock.nowUnixMs
    clock.nowUnixMs += HOUR_MS
    await source.refresh(new AbortController().signal)
    const begun = cpuMs()
    const uj = energyUj(hour)
    const emissions = carbon.book(uj, startUnixMs, clock.nowUnixMs)
    const collected = carbon.collect()
    const booked = cpuMs()
    ledger.write(
      batchOf(
        clock.nowUnixMs,
        [rowOf(startUnixMs, uj, { ...emissions, embodiedUg: carbon.cover(startUnixMs, BigInt(HOUR_MS) * NS_PER_MS) })],
        collected,
      ),
    )
    commitMs += cpuMs() - booked
    booksMs += booked - begun
    bookings += collected.emissions.length
    restatements += collected.restatements.length
    if (hour % (HOURS / 12) === 0) {
      collectGarbage()
      heaps.push(process.memoryUsage().heapUsed)
    }
  }
  await ledger.stop()
  return {
    booksS: booksMs / 1e3,
    commitS: commitMs / 1e3,
    bookings,
    restatements,
    // By the third month as many bookings are open as ever will be.
    heapGrowthBytes: (heaps.at(-1) ?? Number.NaN) - (heaps[2] ?? Number.NaN),
  }
}

function rowOf(
  startUnixMs: number,
  uj: bigint,
  { puePpm, ...emissions }: Emissions & Pick<NodeRow, 'embodiedUg'>,
): NodeRow {
  return {
    startUnixMs,
    endUnixMs: startUnixMs + HOUR_MS,
    meter: 'components',
    quality: 'derived',
    energyUj: uj,
    uncertaintyUj: uj / 20n,
    coveredMs: HOUR_MS,
    facilityUj: (uj * puePpm) / 1_000_000n,
    ...emissions,
  }
}
