import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createSupply, type Supply, type SupplySettings, supplyKnownBy } from '../../src/integration/supply.ts'
import { SUPPLY_RATINGS, supplyCurve } from '../../src/integration/supply-curve.ts'
import { NS_PER_S } from '../../src/model/units.ts'
import fc, { runs } from '../property.ts'
import { seconds, watts } from './machine.ts'

const supplyOf = (settings: Partial<SupplySettings>, firmwareW: number | null = null) =>
  createSupply({ rated_w: null, count: 2, rating: null, volts: 230, ...settings }, firmwareW)

/** Efficiency in per cent at a load in W, over a second. */
const efficiency = (supply: ReturnType<typeof supplyOf>, loadW: number) =>
  Number(((1e6 * loadW) / (1e6 * loadW + Number(supply.lossUj(watts(loadW), NS_PER_S)))).toFixed(4)) * 100

test('at its certified loads a supply has its certified efficiency', () => {
  for (const [settings, loads, expected] of [
    [{ rating: 'platinum' }, [200, 500, 1000], [90, 94, 91]],
    [{ rating: 'titanium' }, [100, 200, 500, 1000], [90, 94, 96, 91]],
    [{ rating: 'bronze' }, [200, 500, 1000], [81, 85, 81]],
    [{ rating: 'gold', volts: 115 }, [200, 500, 1000], [87, 90, 87]],
    [{ rating: 'titanium', volts: 115 }, [100, 200, 500, 1000], [90, 92, 94, 90]],
  ] as const) {
    const supply = supplyOf({ rated_w: 500, count: 2, ...settings })
    assert.deepEqual(
      loads.map((loadW) => efficiency(supply, loadW)),
      expected,
    )
  }
})

test('redundant supplies share the load: two of 800 W at 160 W are at 10 % each', () => {
  const [one, two] = [supplyOf({ rated_w: 800, count: 1 }), supplyOf({ rated_w: 800, count: 2 })]
  assert.ok(two.lossUj(watts(160), NS_PER_S) > one.lossUj(watts(160), NS_PER_S))
  const apart = two.lossUj(watts(320), NS_PER_S) - 2n * one.lossUj(watts(160), NS_PER_S)
  assert.ok(apart >= -2n && apart <= 2n, 'but for rounding')
})

test('without a known load the efficiency is that of the usual one; the firmware knows the load, the operator better', () => {
  assert.equal(efficiency(supplyOf({}), 1), 92)
  assert.equal(efficiency(supplyOf({ rating: 'titanium' }), 9_999), 95)
  assert.equal(efficiency(supplyOf({}, 1_000), 500), 94)
  assert.equal(efficiency(supplyOf({ rated_w: 1_250 }, 1_000), 500), 90)
})

test('a supply that is far too big for the load says nothing of its loss, which is no more than what it gives', () => {
  const chassis = supplyOf({}, 4_000)
  assert.equal(efficiency(chassis, 46), 50)
  assert.equal(efficiency(chassis, 800), 90, 'and from its first certified load on its curve holds')
})

test('the loss is surer where the level is on the label and the load known', () => {
  const [certified, assumed] = [supplyOf({ rated_w: 800, rating: 'gold' }), supplyOf({ rated_w: 800 })]
  assert.ok(certified.relativeUncertainty < assumed.relativeUncertainty)
  assert.equal(supplyOf({ rating: 'gold' }).relativeUncertainty, assumed.relativeUncertainty)
})

const anySupply = fc.oneof(
  fc.constant(supplyOf({})),
  fc
    .record({
      rated_w: fc.integer({ min: 10, max: 5_000 }),
      count: fc.integer({ min: 1, max: 4 }),
      rating: fc.option(fc.constantFrom(...SUPPLY_RATINGS)),
      volts: fc.constantFrom(115 as const, 230 as const),
    })
    .map((settings) => supplyOf(settings)),
)
const energy = fc.bigInt({ min: 1_000_000n, max: 10n ** 11n })
const duration = fc.bigInt({ min: NS_PER_S / 10n, max: 100n * NS_PER_S })

test('a supply loses something, and takes in more when it gives more', () => {
  fc.assert(
    fc.property(anySupply, energy, energy, duration, (supply, a, b, durationNs) => {
      const [less, more] = a < b ? [a, b] : [b, a]
      const [lessLost, moreLost] = [less, more].map((dcUj) => supply.lossUj(dcUj, durationNs)) as [bigint, bigint]
      assert.ok(lessLost > 0n)
      assert.ok(moreLost >= lessLost, 'the curves are convex in watts')
    }),
    { numRuns: runs(500) },
  )
})

test('at one power the loss goes with time, whatever the time is cut into', () => {
  const powerUw = fc.bigInt({ min: watts(1), max: watts(5_000) })
  fc.assert(
    fc.property(anySupply, powerUw, fc.integer({ min: 1, max: 60 }), (supply, power, s) => {
      const whole = supply.lossUj(power * BigInt(s), seconds(s))
      const cut = BigInt(s) * supply.lossUj(power, NS_PER_S)
      const apart = whole > cut ? whole - cut : cut - whole
      assert.ok(apart <= BigInt(s), `each is rounded down once: ${whole} ${cut}`)
    }),
  )
})

test('between and beside its points an efficiency is below that of the best point, and never jumps', () => {
  for (const volts of [115, 230] as const) {
    for (const rating of SUPPLY_RATINGS) {
      const supply = supplyOf({ rated_w: 1_000, count: 1, rating, volts })
      const best = Math.max(...supplyCurve(rating, volts).map(({ permille }) => Number(permille) / 10))
      let before = efficiency(supply, 20)
      for (let loadW = 21; loadW <= 1_200; loadW++) {
        const now = efficiency(supply, loadW)
        assert.ok(now <= best + 0.005 && Math.abs(now - before) < 2.5, `${rating} ${volts} V ${loadW} W`)
        before = now
      }
    }
  }
})

test('once a rating is told, the load counts from then on', () => {
  let now: Supply = supplyOf({})
  const supply = supplyKnownBy(() => now)
  assert.equal(efficiency(supply, 100), 92)
  now = supplyOf({ rating: 'platinum' }, 1_000)
  assert.equal(efficiency(supply, 500), 94)
  assert.deepEqual([supply.quality, supply.relativeUncertainty], [now.quality, now.relativeUncertainty])
})
