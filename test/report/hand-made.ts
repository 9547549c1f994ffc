import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import type { ConsumerRow } from '../../src/model/attribution.ts'
import type { LedgerBatch, NodeRow } from '../../src/model/batch.ts'
import type { EmissionRow, Factor, RestatementRow } from '../../src/model/carbon.ts'
import type { Consumer } from '../../src/model/consumer.ts'
import type { StageShare } from '../../src/model/life-stage.ts'
import { HOUR_MS } from '../../src/model/time.ts'
import { POD, WEB } from '../ledger/consumers-setting.ts'
import { scratchDirectory, startLedger, steadyBatch } from '../ledger/setting.ts'

/*
 * A ledger of four hours over the end of a month, written by the ledger's own writer. All that a report says of it follows
 * from this table by hand:
 *
 * | hour (UTC)       | kWh                          | covered | location g                  | embodied | grid l |
 * |------------------|------------------------------|---------|-----------------------------|----------|--------|
 * | 2026-10-31 22:00 | 1 measured                   | 60 min  | 1 × 1.25 × 400 =        500 | 10 g     | 2      |
 * | 2026-10-31 23:00 | 1.5 measured + 0.5 estimated | 60 min  | 2 × 1.25 × 400 =      1,000 | 10 g     | 4      |
 * | 2026-11-01 00:00 | none: reboot                 | 0       |                             |          |        |
 * | 2026-11-01 01:00 | 4 measured                   | 30 min  | 4 × 1.25 × 400 → 300, 1,500 | 5 g      | 8      |
 *
 * In all: 7 kWh, 2.5 of 4 hours (62.5 %), 3,000 g by location of which a restatement took 500 g away, 25 g, 14 l; at 0.30
 * for a kWh 2.10. Measured 6.5 of 7 kWh.
 *
 * Uncertainty (k = 1): the meter's 2 % of 6.5 kWh is 0.13 kWh, the model's 20 % of 0.5 kWh is 0.1 kWh; together
 * √(0.13² + 0.1²) = 0.164012 kWh, so that 95 % are 2 × 0.164012 / 7 = 4.686 %. Of the grams: 17 % of the 1,500 g by the
 * yearly figure are 255 g, 10 % of the 1,500 g by the hour's figure 150 g, and 2.8 % of all by the PUE 84 g; together with
 * the energy's 2.34303 % that is 2 × √(0.0234303² + (255² + 150² + 84²) / 3000²) = 21.0314 %.
 *
 * Consumers, kWh idle + dynamic:
 *
 * | hour  | web of shop | train of lab | unallocated | not split |
 * |-------|-------------|--------------|-------------|-----------|
 * | 22:00 | 0.1 + 0.3   | 0.1 + 0.1    | 0.4 + 0     |           |
 * | 23:00 | 0   + 0.8   | 0.2 + 0.6    | 0.4 + 0     |           |
 * | 01:00 | 0   + 1     |              | 1   + 0     | 2         |
 *
 * October of lab: 0.2 + 0.8 = 1 kWh, of which 0.3 idle (30 %); 500 × 0.2 + 1,000 × 0.4 = 500 g; by idle energy
 * 10 × 0.1/0.6 + 10 × 0.2/0.6 = 5 g of the making; 0.30. Unallocated are 0.8 kWh and 500 × 0.4 + 1,000 × 0.2 = 400 g, and
 * shop had 1.2 kWh: so 0.8 × 1/2.2 = 0.363636 kWh and 400 × 1/2.2 = 181.818182 g more fall to lab.
 */

export const MWH_UJ = 3_600_000_000n
export const KWH_UJ = 1000n * MWH_UJ
export const START = Date.UTC(2026, 9, 31, 22)

const UNALLOCATED: Consumer = { kind: 'unallocated', id: '', name: 'unallocated', labels: {} }
const PUE = { puePpm: 1_250_000n, pueRelativeUncertainty: 0.028 }

const yearly: Factor = {
  zone: 'DE',
  basis: 'life-cycle',
  mgPerKwh: 400_000n,
  source: 'static:ember-2024',
  instrument: 'grid',
  status: 'final',
  startsUnixMs: 0,
  endsUnixMs: null,
  dataQuality: 4,
  relativeUncertainty: 0.17,
  reason: null,
}
const hourly: Factor = {
  ...yearly,
  mgPerKwh: 300_000n,
  source: 'electricitymaps',
  startsUnixMs: START + 3 * HOUR_MS,
  endsUnixMs: START + 4 * HOUR_MS,
  dataQuality: 1,
  relativeUncertainty: 0.1,
}
const making: Factor = {
  ...yearly,
  zone: '',
  mgPerKwh: null,
  source: 'formulas',
  instrument: 'manufacture',
  dataQuality: 3,
  relativeUncertainty: 0.35,
}

/** An hour of so many Wh, its meter's 2 % uncertainty and 1.25 × 400 g for a kWh. */
function node(hour: number, wh: bigint, over: Partial<NodeRow> = {}): NodeRow {
  const startUnixMs = START + hour * HOUR_MS
  const energyUj = wh * MWH_UJ
  return {
    startUnixMs,
    // Pieces lie inside a minute; what counts is in which hour.
    endUnixMs: startUnixMs + 60_000,
    meter: 'dcmi',
    quality: 'measured',
    energyUj,
    uncertaintyUj: energyUj / 50n,
    coveredMs: HOUR_MS,
    co2eLocationUg: wh * 500_000n,
    co2eMarketUg: null,
    embodiedUg: 10_000_000n,
    siteWaterUl: null,
    gridWaterUl: wh * 2_000n,
    facilityUj: (energyUj * 5n) / 4n,
    ...over,
  }
}

function booking(id: number, hour: number, wh: bigint, more: Partial<EmissionRow> = {}): EmissionRow {
  const startUnixMs = START + hour * HOUR_MS
  const [energyUj, co2eUg] = [wh * MWH_UJ, wh * 500_000n]
  return {
    id,
    account: 'location',
    startUnixMs,
    endUnixMs: startUnixMs + HOUR_MS,
    factor: yearly,
    ...PUE,
    energyUj,
    co2eUg,
    ...more,
  }
}

const made = (id: number, hour: number, co2eUg: bigint) =>
  booking(id, hour, 0n, { account: 'embodied', factor: making, co2eUg })

function used(hour: number, consumer: Consumer, tenant: string, idleWh: bigint, dynamicWh: bigint): ConsumerRow {
  const [idleUj, dynamicUj] = [idleWh * MWH_UJ, dynamicWh * MWH_UJ]
  return { hourUnixMs: START + hour * HOUR_MS, consumer, tenant, idleUj, dynamicUj }
}

const restatement: RestatementRow = {
  id: 1,
  atUnixMs: Date.UTC(2026, 10, 3, 12),
  emissionId: 3,
  replacesId: null,
  factor: hourly,
  beforeUg: 2_000_000_000n,
  afterUg: 1_500_000_000n,
}

/** Of the 25 g of making: 1 g of transport, from 0.8 to 1.25, and 0.5 g of its end, from 0.2 to 1. */
const STAGES: readonly StageShare[] = [
  { stage: 'manufacturing', ppm: 1_000_000n, lowPpm: 500_000n, highPpm: 2_000_000n, source: 'formulas' },
  { stage: 'transport', ppm: 40_000n, lowPpm: 32_000n, highPpm: 50_000n, source: 'six footprints' },
  { stage: 'end-of-life', ppm: 20_000n, lowPpm: 8_000n, highPpm: 40_000n, source: 'six footprints' },
]

const NOTHING_ELSE = { co2eLocationUg: 0n, embodiedUg: 0n, gridWaterUl: 0n, facilityUj: 0n }

export function handMadeBatch(): LedgerBatch {
  const steady = steadyBatch(0)
  const atUnixMs = START + 4 * HOUR_MS + 10_000
  return {
    ...steady,
    atUnixMs,
    settledUnixMs: atUnixMs,
    channelRows: steady.channelRows.map((row) => ({
      ...row,
      startUnixMs: START,
      endUnixMs: START + 60_000,
      energyUj: 3n * KWH_UJ,
      coveredMs: 2 * HOUR_MS,
    })),
    nodeRows: [
      node(0, 1000n),
      node(1, 1500n, { co2eLocationUg: 1_000_000_000n, gridWaterUl: 4_000_000n, facilityUj: (5n * KWH_UJ) / 2n }),
      node(1, 500n, {
        ...NOTHING_ELSE,
        meter: 'estimate',
        quality: 'estimated',
        uncertaintyUj: KWH_UJ / 10n,
        coveredMs: 0,
      }),
      node(3, 4000n, { coveredMs: HOUR_MS / 2, embodiedUg: 5_000_000n }),
    ],
    partRows: [
      { startUnixMs: START, endUnixMs: START + 60_000, part: 'processors', quality: 'measured', energyUj: KWH_UJ },
      {
        startUnixMs: START + HOUR_MS,
        endUnixMs: START + HOUR_MS + 60_000,
        part: 'processors',
        quality: 'measured',
        energyUj: (3n * KWH_UJ) / 2n,
      },
      {
        startUnixMs: START + HOUR_MS,
        endUnixMs: START + HOUR_MS + 60_000,
        part: 'rest',
        quality: 'estimated',
        energyUj: KWH_UJ / 2n,
      },
      {
        startUnixMs: START + 3 * HOUR_MS,
        endUnixMs: START + 3 * HOUR_MS + 60_000,
        part: 'processors',
        quality: 'measured',
        energyUj: 3n * KWH_UJ,
      },
      {
        startUnixMs: START + 3 * HOUR_MS,
        endUnixMs: START + 3 * HOUR_MS + 60_000,
        part: 'rest',
        quality: 'measured',
        energyUj: KWH_UJ,
      },
    ],
    gaps: [
      {
        key: null,
        startedUnixMs: START + 2 * HOUR_MS,
        endedUnixMs: START + 3 * HOUR_MS + HOUR_MS / 4,
        reason: 'reboot',
      },
    ],
    carbon: {
      emissions: [
        booking(1, 0, 1000n),
        booking(2, 1, 2000n),
        booking(3, 3, 4000n),
        made(4, 0, 10_000_000n),
        made(5, 1, 10_000_000n),
        made(6, 3, 5_000_000n),
      ],
      restatements: [restatement],
      stages: STAGES,
    },
    consumerRows: [
      used(0, WEB, 'shop', 100n, 300n),
      used(0, POD, 'lab', 100n, 100n),
      used(0, UNALLOCATED, 'unassigned', 400n, 0n),
      used(1, WEB, 'shop', 0n, 800n),
      used(1, POD, 'lab', 200n, 600n),
      used(1, UNALLOCATED, 'unassigned', 400n, 0n),
      used(3, WEB, 'shop', 0n, 1000n),
      used(3, UNALLOCATED, 'unassigned', 1000n, 0n),
    ],
  }
}

/** The folder of a ledger with the table above. */
export async function handMade(t: TestContext): Promise<string> {
  const folder = scratchDirectory(t)
  mkdirSync(folder, { recursive: true })
  const ledger = await startLedger(t, join(folder, 'ledger.db'), { unixMs: () => START + 4 * HOUR_MS + 10_000 })
  ledger.write(handMadeBatch())
  await ledger.stop()
  return folder
}
