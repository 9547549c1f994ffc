import assert from 'node:assert/strict'
import { test } from 'node:test'
import { meterHours } from '../../src/fleet/collect/meter-hours.ts'
import { parseTopology } from '../../src/fleet/read-topology.ts'
import type { Meter } from '../../src/fleet/topology.ts'
import fc, { runs } from '../property.ts'

const T0 = Date.UTC(2026, 10, 1)
const MINUTE = 60_000
const HOUR = 3_600_000

function meter(unit: string, more = ''): Meter {
  const text = `places: { r1: { level: rack } }\nmeters: { m: { measures: pdu, place: r1, series: x, unit: ${unit}${more} } }`
  return parseTopology(text, 'topology.yaml').meters.get('m') as Meter
}

const hours = (one: Meter, samples: [number, number][], count = 2) =>
  meterHours(
    one,
    samples.map(([at, value]) => [at, String(value)] as const),
    { fromUnixMs: T0, untilUnixMs: T0 + count * HOUR },
  )

test('power is integrated by the trapezoid rule, split at the hour, and a gap adds nothing', () => {
  // 1 kW from ten minutes before the first hour to its 50th minute, 2 kW from its 58th on.
  const samples: [number, number][] = []
  for (let at = -10; at <= 50; at++) samples.push([T0 + at * MINUTE, 1])
  for (let at = 58; at <= 130; at++) samples.push([T0 + at * MINUTE, 2])
  const [first, second] = hours(meter('kW'), samples)
  assert.deepEqual([first?.amount, first?.coveredMs], [BigInt(50 * 60 * 1e3 + 2 * 60 * 2e3) * 1_000_000n, 52 * MINUTE])
  assert.deepEqual([second?.amount, second?.coveredMs, second?.spreadMs], [7_200_000_000_000n, HOUR, 0])
})

test('a counter is differenced, interpolated to the hour, and its sum survives a gap', () => {
  const [first, second] = hours(meter('kWh'), [
    [T0 - MINUTE, 10],
    [T0 + MINUTE, 12],
    [T0 + 61 * MINUTE, 72],
    [T0 + 121 * MINUTE, 192],
  ])
  // Half of the first 2 kWh, then 1 kWh a minute, then 2.
  assert.deepEqual(
    [first?.amount, second?.amount],
    [60n, 119n].map((kwh) => kwh * 3_600_000_000_000n),
  )
  assert.deepEqual([first?.coveredMs, first?.spreadMs, second?.spreadMs], [MINUTE, 59 * MINUTE, HOUR])
})

test('a counter that falls adds nothing for that step, and is counted; a meter of another time has no hours', () => {
  const [first] = hours(meter('J'), [
    [T0, 1000],
    [T0 + MINUTE, 1100],
    [T0 + 2 * MINUTE, 40],
    [T0 + 3 * MINUTE, 90],
  ])
  assert.deepEqual([first?.amount, first?.falls, first?.coveredMs], [150_000_000n, 1, 2 * MINUTE])
  const later = meter('J', ", since: '2026-11-01T01:00Z'")
  assert.deepEqual(
    hours(later, [
      [T0, 5],
      [T0 + 2 * HOUR, 9],
    ]).map(({ hourUnixMs }) => hourUnixMs),
    [T0 + HOUR],
  )
})

test('hours of a counter sum to its difference, wherever its samples lie', () => {
  const step = fc.record({ ms: fc.integer({ min: 1, max: 40 * MINUTE }), joules: fc.nat(1_000_000) })
  fc.assert(
    fc.property(fc.array(step, { minLength: 1, maxLength: 60 }), (steps) => {
      const samples: [number, number][] = [[T0, 1000]]
      for (const { ms, joules } of steps) {
        const [at = 0, value = 0] = samples.at(-1) ?? []
        samples.push([at + ms, value + joules])
      }
      const sum = hours(meter('J'), samples, 48).reduce((all, { amount }) => all + amount, 0n)
      const whole = BigInt(((samples.at(-1)?.[1] ?? 0) - 1000) * 1e6)
      const off = sum > whole ? sum - whole : whole - sum
      assert.ok(off <= 48n, `${sum} ${whole}`)
    }),
    { numRuns: runs(100) },
  )
})
