import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Consumer } from '../../src/model/consumer.ts'
import { DAY_MS, floorTo, HOUR_MS } from '../../src/model/time.ts'
import { consumerRow } from '../ledger/consumers-setting.ts'
import { PACKAGE, packageChannel, standIn, T0 } from '../ledger/setting.ts'
import fc from '../property.ts'
import { hourBatch, sealedLedger } from './setting.ts'

const ODD = packageChannel({ scope: 'gpu', device: 'gpu-0' })
const ODD_KEY = 'rapl/gpu/gpu-0'

/** What an agent may write in an hour, whatever the clock did: energy, gaps and emissions of any time. */
const arbitraryHour = fc.record({
  /** How the wall clock went on since the last. */
  stepMs: fc.oneof(
    { weight: 6, arbitrary: fc.constant(HOUR_MS) },
    { weight: 2, arbitrary: fc.integer({ min: 1, max: 10 * HOUR_MS }) },
    { weight: 1, arbitrary: fc.integer({ min: -30 * HOUR_MS, max: 0 }) },
    { weight: 1, arbitrary: fc.integer({ min: DAY_MS, max: 4 * DAY_MS }) },
  ),
  /** Rows of earlier times, by how long before now, and by kind. */
  late: fc.array(fc.tuple(fc.integer({ min: 0, max: 100 * HOUR_MS }), fc.nat(5)), { maxLength: 4 }),
  consumers: fc.array(fc.nat(5), { maxLength: 3 }),
  isRestating: fc.boolean(),
  isSealing: fc.boolean(),
})

test('whatever the agent writes, however late, is no change to be found', async (t) => {
  const property = fc.asyncProperty(fc.array(arbitraryHour, { minLength: 20, maxLength: 60 }), async (hours) => {
    const keep = { rawMs: HOUR_MS, minutesMs: HOUR_MS, consumersMs: 2 * DAY_MS }
    const { ledger, clock, seal, verify } = await sealedLedger(t, { keep })
    let emissions = 0
    let restatements = 0
    for (const { stepMs, late, consumers, isRestating, isSealing } of hours) {
      clock.unixMs = Math.max(T0, clock.unixMs + stepMs)
      const now = clock.unixMs
      const batch = hourBatch(0)
      const spans = [0, ...late.map(([agoMs]) => agoMs)].map((agoMs) => ({
        startUnixMs: now - agoMs,
        endUnixMs: now - agoMs + 1000,
      }))
      const of = (kind: number) => spans.filter((_, index) => index === 0 || late[index - 1]?.[1] === kind)
      const each = <Row extends object>(rows: readonly Row[], kind: number) =>
        of(kind).flatMap((span) => rows.map((row) => ({ ...row, ...span })))
      ledger.write({
        ...batch,
        atUnixMs: now,
        settledUnixMs: now,
        channels: [packageChannel(), ODD],
        channelRows: each(batch.channelRows, 0).flatMap((row) => [row, { ...row, key: ODD_KEY }]),
        nodeRows: each(batch.nodeRows, 1),
        partRows: each(batch.partRows, 2),
        gaps: of(3).flatMap(({ startUnixMs }) =>
          [PACKAGE, null].map((key) => ({
            key,
            reason: 'stalled' as const,
            startedUnixMs: floorTo(HOUR_MS, startUnixMs) - 500,
            endedUnixMs: floorTo(HOUR_MS, startUnixMs),
          })),
        ),
        events: [{ atUnixMs: now, what: 'meter_changed', detail: 'a' }],
        consumerRows: of(4).flatMap(({ startUnixMs }) =>
          consumers.map((n) =>
            consumerRow(consumerOf(n), `t${n % 2}`, { hourUnixMs: startUnixMs, idleUj: BigInt(n), dynamicUj: 5n }),
          ),
        ),
        carbon: {
          emissions: of(5).map(({ startUnixMs }) => ({
            id: ++emissions,
            account: 'location' as const,
            startUnixMs,
            endUnixMs: startUnixMs + 1000,
            factor: standIn(`reason ${emissions % 3}`),
            energyUj: 1n,
            puePpm: 1_000_000n,
            pueRelativeUncertainty: 0,
            co2eUg: 100n,
          })),
          restatements: isRestating
            ? [
                {
                  id: ++restatements,
                  atUnixMs: now,
                  emissionId: emissions,
                  replacesId: null,
                  factor: standIn('better'),
                  beforeUg: 100n,
                  afterUg: 50n,
                },
              ]
            : [],
        },
        state: { ...batch.state, atUnixMs: now },
      })
      if (!isSealing) continue
      await seal()
      assert.deepEqual((await verify()).changes, [])
    }
    clock.unixMs += DAY_MS
    assert.deepEqual((await verify()).changes, [])
    await ledger.stop()
  })
  await fc.assert(property, { numRuns: 4, seed: 7 })
})

function consumerOf(n: number): Consumer {
  return { kind: 'container', id: `c${n}`, name: `name ${n}`, labels: {} }
}
