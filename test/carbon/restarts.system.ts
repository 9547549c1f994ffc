import assert from 'node:assert/strict'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { MarketMix } from '../../src/carbon/market/market-mix.ts'
import { StaticSource } from '../../src/carbon/sources/static.ts'
import { openReadOnly } from '../../src/ledger/read-only.ts'
import type { CarbonTotals } from '../../src/model/carbon.ts'
import { scratchDirectory } from '../ledger/setting.ts'
import fc from '../property.ts'
import { aCarbon, PutSource, period } from './a-carbon.ts'
import { DailyPue, SimulatedAgent, sumUg } from './simulated-agent.ts'

const MINUTE = 60_000
const QUARTER = 15 * MINUTE
const T0 = Date.UTC(2026, 5, 1)
const HOURS = 2
const pue = new DailyPue((hour) => 1_200_000n + BigInt(hour) * 10_007n)

/** What a source says of a quarter, energy of a minute, a flush, and the end of one agent and the beginning of the next. */
const happening = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ minute: fc.nat(60 * HOURS - 1), energyUj: fc.bigInt({ min: 1n, max: 10n ** 13n }) }),
  },
  { weight: 6, arbitrary: fc.record({ quarter: fc.nat(4 * HOURS - 1), gPerKwh: fc.nat(2_000) }) },
  { weight: 3, arbitrary: fc.constant('flush' as const) },
  { weight: 2, arbitrary: fc.constant('restart' as const) },
)
type Happening = typeof happening extends fc.Arbitrary<infer H> ? H : never

const figureOf = ({ quarter, gPerKwh }: { quarter: number; gPerKwh: number }) =>
  period(T0 + quarter * QUARTER, T0 + (quarter + 1) * QUARTER, gPerKwh)

const figuresIn = (happenings: readonly Happening[]) =>
  happenings.flatMap((one) => (typeof one === 'object' && 'quarter' in one ? [figureOf(one)] : []))

async function live(path: string, happenings: readonly Happening[]): Promise<CarbonTotals> {
  const clock = { nowUnixMs: T0 + HOURS * 60 * MINUTE }
  let grid = new PutSource('grid', QUARTER)
  const sources = () => [grid, new StaticSource('DE')]
  const begin = () => SimulatedAgent.start({ path, clock, pue, sources, contractPpm: 0n })
  let agent = await begin()
  let totals = agent.flush()
  for (const one of happenings) {
    if (one === 'flush') {
      const before = totals
      totals = agent.flush()
      for (const basis of ['direct', 'life-cycle'] as const) {
        assert.ok(totals.bookedUg.location[basis] >= before.bookedUg.location[basis])
      }
    } else if (one === 'restart') {
      agent.flush()
      await agent.stop()
      // The new agent has to be told again, so that energy may come to a restated booking with the stand-in.
      grid = new PutSource('grid', QUARTER)
      agent = await begin()
    } else if ('quarter' in one) {
      grid.put(figureOf(one))
    } else {
      agent.post(one.energyUj, T0 + one.minute * MINUTE, T0 + (one.minute + 1) * MINUTE)
    }
  }
  agent.flush()
  grid.put(...figuresIn(happenings))
  totals = agent.flush()
  await agent.stop()
  return totals
}

/** The same energy at figures that were never other than they are in the end. */
function afresh(happenings: readonly Happening[]): bigint {
  const grid = new PutSource('grid', QUARTER)
  grid.put(...figuresIn(happenings))
  const { carbon } = aCarbon({ sources: [grid, new StaticSource('DE')], pue, market: new MarketMix([], null) })
  for (const one of happenings) {
    if (typeof one === 'string' || 'quarter' in one) continue
    carbon.book(one.energyUj, T0 + one.minute * MINUTE, T0 + (one.minute + 1) * MINUTE)
  }
  return sumUg(carbon.collect().totals, 'bookedUg', 'location')
}

test('over any restarts: views and exported totals agree to the µg, and with a computation afresh', async (t) => {
  await fc.assert(
    fc.asyncProperty(fc.array(happening, { minLength: 20, maxLength: 80 }), async (happenings) => {
      const directory = scratchDirectory(t)
      const path = join(directory, 'ledger.db')
      const totals = await live(path, happenings)
      const db = openReadOnly(path)
      try {
        const ug = (sql: string) =>
          BigInt(db.prepare<[], number>(`SELECT CAST(round(1e6 * ifnull((${sql}), 0)) AS INTEGER)`).pluck().get() ?? -1)
        const bookings = db.prepare<[], number>('SELECT count(*) / 2 FROM emission').pluck().get() ?? 0
        for (const account of ['location', 'market'] as const) {
          const [booked, correction] = [sumUg(totals, 'bookedUg', account), sumUg(totals, 'correctionUg', account)]
          assert.equal(ug(`SELECT sum(booked_g) FROM emissions WHERE account = '${account}'`), booked)
          assert.equal(ug(`SELECT sum(co2e_g) FROM emissions WHERE account = '${account}'`), booked + correction)
          assert.equal(ug(`SELECT sum(co2e_${account}_g) FROM node_hourly`), booked + correction)
          assert.equal(ug(`SELECT sum(co2e_${account}_g) FROM node_daily`), booked + correction)
          // A booking is rounded down once.
          const computed = afresh(happenings)
          const settled = booked + correction
          assert.ok(
            settled <= computed && computed - settled <= BigInt(bookings),
            `${settled} µg, afresh ${computed} µg`,
          )
        }
        for (const basis of ['direct', 'life-cycle'] as const) {
          const settled = totals.bookedUg.location[basis] + totals.correctionUg.location[basis]
          assert.equal(
            ug(`SELECT sum(co2e_g) FROM emissions WHERE account = 'location' AND ef_basis = '${basis}'`),
            settled,
          )
        }
        const changed = sumUg(totals, 'correctionUg', 'location') + sumUg(totals, 'correctionUg', 'market')
        assert.equal(ug('SELECT sum(change_g) FROM restatements'), changed)
      } finally {
        db.close()
        rmSync(directory, { recursive: true })
      }
    }),
    // Each run has a ledger of its own: a failure is not made smaller.
    { numRuns: 20, endOnFailure: true },
  )
})
