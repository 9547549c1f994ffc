import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ChannelAccount } from '../../../src/integration/channel-account.ts'
import type { Json } from '../../../src/io/answer.ts'
import { NS_PER_S } from '../../../src/model/units.ts'
import { Meter } from '../../../src/sensors/redfish/meter.ts'
import { sensorSource } from '../../../src/sensors/redfish/source.ts'
import { TestClock, watts } from '../../integration/machine.ts'
import fc, { runs } from '../../property.ts'

/*
 * Whatever a controller says beside the truth makes no energy. Each step is 30 s, in which the machine draws a power.
 */

const INTERVAL_MS = 30_000
const STEP_NS = 30n * NS_PER_S

/** What no controller measures, in watts or in kWh. */
const SENTINELS: readonly Json[] = [
  null,
  'nan',
  'N/A',
  '',
  0,
  '0',
  -1,
  65_535,
  4_294_967.295,
  4_294_967_295,
  1e18,
  true,
  [],
  {},
]

type Step = { readonly w: number } & (
  | { readonly says: 'truth' | 'nothing' | 'stale' }
  | { readonly says: 'sentinel'; readonly value: Json }
  | { readonly says: 'reset'; readonly toKwh: number; readonly isTold: boolean }
)

const w = fc.integer({ min: 50, max: 2_000 })
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ w, says: fc.constant('truth' as const) }) },
  fc.record({ w, says: fc.constantFrom('nothing' as const, 'stale' as const) }),
  fc.record({ w, says: fc.constant('sentinel' as const), value: fc.constantFrom(...SENTINELS) }),
  fc.record({
    w,
    says: fc.constant('reset' as const),
    toKwh: fc.integer({ min: 0, max: 9_000 }),
    isTold: fc.boolean(),
  }),
)
const steady = Array.from({ length: 5 }, (): Step => ({ w: 300, says: 'truth' }))

/** One sensor with its account, as sampling drives them: opened anew when it says that it changed. */
class Setting {
  readonly clock = new TestClock()
  readonly #quantity: 'Power' | 'EnergykWh'
  #meter: Meter
  readonly account: ChannelAccount

  constructor(quantity: 'Power' | 'EnergykWh', resource: Json) {
    this.#quantity = quantity
    this.#meter = this.#open(resource) ?? assert.fail()
    this.account = new ChannelAccount(this.#meter.channel, null)
  }

  /** Whether a reading came of it. */
  read(resource: Json): boolean {
    const atNs = this.clock.monotonicNs()
    const reading = this.#meter.read(resource, { beforeNs: atNs, afterNs: atNs })
    if (reading !== null && reading.status !== 'failed') this.account.accept(reading)
    if (this.#meter.isOutdated) {
      this.#meter = this.#open(resource) ?? this.#meter
      this.account.redefine(this.#meter.channel)
    }
    return reading !== null && reading.status !== 'failed'
  }

  #open(resource: Json): Meter | null {
    const source = sensorSource(resource, (all) => all, { path: '/s', quantity: this.#quantity, label: 's' })
    if (source === null) return null
    return new Meter(
      { source, scope: 'ac_in', device: 'bmc' },
      { intervalMs: INTERVAL_MS, nodeMeter: 'redfish', facts: {}, ratedW: null },
    )
  }
}

const timeOf = (at: number): string => new Date(Date.UTC(2026, 0, 1) + at * INTERVAL_MS).toISOString()

test('power makes energy between two true readings that follow each other, and none else', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const setting = new Setting('Power', { Reading: 300, ReadingTime: timeOf(0) })
      let expectedUj = 0n
      let last: { readonly w: number; readonly at: number } | null = null
      for (const [index, { w, ...step }] of [...steady, ...steps].entries()) {
        const at = index + 1
        setting.clock.advance(STEP_NS)
        if (step.says === 'nothing') continue
        const isTrue = step.says === 'truth' || step.says === 'reset'
        const Reading = step.says === 'sentinel' ? step.value : step.says === 'stale' ? w + 500 : w
        setting.read({ Reading, ReadingTime: timeOf(step.says === 'stale' ? (last?.at ?? 0) : at) })
        if (!isTrue) continue
        if (last !== null && at - last.at <= 3) expectedUj += (watts(w + last.w) * BigInt(at - last.at) * 30n) / 2n
        last = { w, at }
      }
      assert.equal(setting.account.state.energyUj, expectedUj)
    }),
    { numRuns: runs(300) },
  )
})

test('a counter makes no more energy than the machine drew, whatever it says in between', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      let since = timeOf(0)
      let base = 4_711
      let [trueUj, sinceResetWs] = [0n, 0]
      const shown = () => Math.floor((base + sinceResetWs / 3.6e6) * 1_000) / 1_000
      const setting = new Setting('EnergykWh', { Reading: shown(), ReadingTime: timeOf(0), SensorResetTime: since })
      let read = 0
      for (const [index, { w, ...step }] of [...steady, ...steps, ...steady].entries()) {
        const at = index + 1
        setting.clock.advance(STEP_NS)
        trueUj += watts(w) * 30n
        sinceResetWs += w * 30
        if (step.says === 'reset') {
          // Of one that is not told of, only a fall tells; it begins at nothing.
          if (step.isTold) since = timeOf(at)
          base = step.isTold ? step.toKwh : 0
          sinceResetWs = 0
        }
        if (step.says === 'nothing') continue
        const Reading = step.says === 'sentinel' ? step.value : step.says === 'stale' ? shown() + 1 : shown()
        setting.read({ Reading, ReadingTime: timeOf(step.says === 'stale' ? read : at), SensorResetTime: since })
        if (step.says === 'truth' || step.says === 'reset') read = at
      }
      assert.ok(setting.account.state.energyUj <= trueUj, `${setting.account.state.energyUj} of ${trueUj} µJ`)
    }),
    { numRuns: runs(500) },
  )
})

test('without faults a counter tells all of it', () => {
  fc.assert(
    fc.property(fc.array(w, { minLength: 20, maxLength: 60 }), (powers) => {
      const shown = (joules: number) => ({ Reading: Math.floor(4_711_000 + joules / 3_600) / 1_000 })
      const setting = new Setting('EnergykWh', shown(0))
      let joules = 0
      for (const w of [...steady, ...powers.map((w) => ({ w })), ...steady].map(({ w }) => w)) {
        setting.clock.advance(STEP_NS)
        joules += w * 30
        setting.read(shown(joules))
      }
      const missing = joules - Number(setting.account.state.energyUj) / 1e6
      // The first step, in which it begins, and a watt-hour on either side.
      assert.ok(missing >= -3_600 && missing <= 300 * 30 + 2 * 3_600, `${missing} J`)
    }),
  )
})
