import { join } from 'node:path'
import type { TestContext } from 'node:test'
import type { Ledger, LedgerOptions } from '../../src/ledger/ledger.ts'
import type { LedgerBatch } from '../../src/model/batch.ts'
import { DAY_MS, HOUR_MS } from '../../src/model/time.ts'
import { sealDays } from '../../src/seal/seal-days.ts'
import { type Verdict, verifySeals } from '../../src/seal/verify.ts'
import { consumerRow, POD, WEB } from '../ledger/consumers-setting.ts'
import {
  PACKAGE,
  packageChannel,
  scratchDirectory,
  standInHour,
  startLedger,
  steadyBatch,
  T0,
} from '../ledger/setting.ts'

/** 2026-11-22T00:00:00Z, two hours before the ledger begins. */
export const DAY0 = T0 - 2 * HOUR_MS

/** The UTC day so many days after the ledger's first. */
export function dayName(day: number): string {
  return new Date(DAY0 + day * DAY_MS).toISOString().slice(0, 10)
}

/** The n-th hour of a steady agent, as one batch that closes it: a row of each kind, and a gap every sixth hour. */
export function hourBatch(n: number): LedgerBatch {
  const batch = steadyBatch(n)
  const startUnixMs = T0 + n * HOUR_MS
  const endUnixMs = startUnixMs + HOUR_MS
  const span = { startUnixMs, endUnixMs }
  const atUnixMs = endUnixMs + 1_000
  const hourly = <Row extends object>(rows: readonly Row[]) => rows.map((row) => ({ ...row, ...span }))
  return {
    ...batch,
    atUnixMs,
    settledUnixMs: atUnixMs,
    channels: [packageChannel()],
    channelRows: hourly(batch.channelRows),
    nodeRows: hourly(batch.nodeRows),
    partRows: hourly(batch.partRows),
    consumerRows: [
      consumerRow(WEB, 'shop', { hourUnixMs: startUnixMs, idleUj: 400_000_000n, dynamicUj: BigInt(n) }),
      consumerRow(POD, 'lab', { hourUnixMs: startUnixMs, idleUj: 600_000_000n }),
    ],
    gaps:
      n % 6 === 0
        ? [
            {
              key: PACKAGE,
              reason: 'stalled',
              startedUnixMs: startUnixMs + 60_000,
              endedUnixMs: startUnixMs + 90_000,
            },
          ]
        : [],
    events: n % 24 === 0 ? [{ atUnixMs, what: 'meter_changed', detail: `from "a" to "b", ${n}` }] : [],
    carbon: { emissions: [standInHour(n + 1, n, `reason ${Math.floor(n / 24)}`)], restatements: [] },
    state: { ...batch.state, atUnixMs },
  }
}

export interface Sealed {
  readonly state: string
  readonly path: string
  readonly ledger: Ledger
  /** Writes the hours `[from, until)` of the ledger's time. */
  write(from: number, until: number): void
  /** Seals what is over at the hour of the clock. */
  seal(): Promise<readonly string[]>
  verify(): Promise<Verdict>
  /** The wall clock, which `write` moves on. */
  readonly clock: { unixMs: number }
}

/** A ledger of hours in a state folder of its own. */
export async function sealedLedger(t: TestContext, options: Partial<LedgerOptions> = {}): Promise<Sealed> {
  const state = scratchDirectory(t)
  const path = join(state, 'ledger.db')
  const clock = { unixMs: T0 }
  const ledger = await startLedger(t, path, { unixMs: () => clock.unixMs, ...options })
  const { signal } = new AbortController()
  return {
    state,
    path,
    ledger,
    clock,
    write(from, until) {
      for (let n = from; n < until; n++) {
        const batch = hourBatch(n)
        clock.unixMs = batch.atUnixMs
        ledger.write(batch)
      }
    },
    async seal() {
      const heads = await sealDays({ state, ledger: path, unixMs: () => clock.unixMs, version: '1.2.3', signal })
      return heads.map(({ day }) => day)
    },
    verify: () => verifySeals({ state, ledger: path, mostNamed: 1000 }),
  }
}
