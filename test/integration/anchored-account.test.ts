import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { scratchDirectory, startLedger } from '../ledger/setting.ts'
import fc, { runs } from '../property.ts'
import { AccountRig, constant, meter, type Truth } from './account-rig.ts'
import { bookedUj, happen, script } from './happenings.ts'
import { seconds } from './machine.ts'

const OVERHEAD = 1.2236

/** A socket that draws 30 W where the model of its class says 75, as a virtual fixture of Sapphire Rapids did. */
function socket(truth: Truth = constant(30), modelled: Truth = constant(75)) {
  const zone = meter('rapl', 'counter', 'socket-0', truth, 'package')
  const model = meter('estimate', 'model', 'socket-0', modelled, 'package')
  return { zone, model, rig: new AccountRig([zone, model]) }
}

const powerW = (rig: AccountRig): number => Number(rig.node.gauges().node?.powerUw ?? 0n) / 1e6

function assertNear(value: number, truth: number, within = 0.02): void {
  assert.ok(Math.abs(value / truth - 1) <= within, `${value}, where ${truth} is true`)
}

/** Stands still while `isStill`, and goes on from there: what it did not count is lost. */
function standing(truth: Truth): { truth: Truth; isStill: boolean } {
  let [stoodUj, lostUj] = [null as bigint | null, 0n]
  const register = {
    isStill: false,
    truth: (atNs: bigint) => {
      if (register.isStill) stoodUj ??= truth(atNs) - lostUj
      else if (stoodUj !== null) {
        lostUj = truth(atNs) - stoodUj
        stoodUj = null
      }
      return stoodUj ?? truth(atNs) - lostUj
    },
  }
  return register
}

test('while a register stands, a socket that was known for five seconds is shown at what it drew', () => {
  const register = standing(constant(30))
  const { rig } = socket(register.truth)
  rig.passes(6)
  const beforeUj = bookedUj(rig)
  register.isStill = true
  for (let second = 0; second < 30; second++) {
    rig.pass()
    assert.ok(powerW(rig) < 1.1 * 30 * OVERHEAD, `${powerW(rig)} W`)
  }
  register.isStill = false
  for (let second = 0; second < 12; second++) {
    rig.pass()
    assert.ok(powerW(rig) < 1.1 * 30 * OVERHEAD, `${powerW(rig)} W`)
  }
  assertNear(Number(bookedUj(rig) - beforeUj) / 1e6, 42 * 30 * OVERHEAD, 0.05)
})

test('the load goes on in the silence, and so does the figure', () => {
  const load = (s: number) => 1 + (Math.floor(s / 20) % 4)
  const course = (w: number): Truth => {
    const sumsUj = [0n]
    return (ns) => {
      const s = Number(ns / seconds(1))
      while (sumsUj.length <= s) sumsUj.push((sumsUj.at(-1) ?? 0n) + BigInt(w * load(sumsUj.length) * 1e6))
      return sumsUj[s] ?? 0n
    }
  }
  const { rig, zone } = socket(course(25), course(60))
  rig.passes(400)
  zone.isFailing = true
  rig.passes(700)
  const from = bookedUj(rig)
  rig.passes(400)
  assertNear(Number(bookedUj(rig, 'processors') - (from * 1_000_000n) / 1_223_600n) / 1e6, 25 * 2.5 * 400, 0.03)
})

test('what a meter taught outlives its sensor, the tree and a restart', async (t) => {
  const { rig, zone } = socket()
  rig.passes(300)
  rig.open(zone, false)
  rig.open(zone, true)
  rig.passes(10)
  const path = join(scratchDirectory(t), 'ledger.db')
  const written = await startLedger(t, path)
  assert.ok(written.write(rig.collect()))
  await written.stop()
  const ledger = await startLedger(t, path)
  rig.open(zone, false)
  rig.restart(ledger.restore())
  rig.passes(700)
  assertNear(powerW(rig), 30 * OVERHEAD)
})

test('nothing is learned of a time that was bridged: only its sum is known', () => {
  const { rig, zone } = socket(constant(60))
  rig.pass()
  zone.isFailing = true
  rig.passes(300)
  zone.isFailing = false
  rig.passes(2)
  zone.isFailing = true
  rig.passes(10)
  assert.ok(rig.state.energyUj.measured > 0n)
  assertNear(powerW(rig), 75 * OVERHEAD, 1e-6)
})

test('a model that was taught is less uncertain than its class, and more so with every hour', () => {
  const uncertaintyOf = (learnedS: number, silentS: number): number => {
    const { rig, zone } = socket()
    zone.isFailing = learnedS === 0
    rig.passes(learnedS)
    zone.isFailing = true
    rig.passes(silentS + 700)
    return rig.node.gauges().uncertaintyRatio ?? 0
  }
  const [untaught, taught, late] = [uncertaintyOf(0, 3600), uncertaintyOf(300, 0), uncertaintyOf(300, 7200)]
  assert.ok(taught < late && late <= untaught, `${taught}, ${late}, ${untaught}`)
})

test('whatever a meter and a model tell, parts are never negative, and what is modelled is bounded by the model', () => {
  const anyW = fc.integer({ min: 0, max: 900 })
  fc.assert(
    fc.property(
      anyW,
      anyW,
      script('fail', 'close', 'hold', 'reset', 'restart', 'collect'),
      (drawn, said, happenings) => {
        const { rig, zone } = socket(constant(drawn), constant(said))
        rig.passes(5)
        for (const one of happenings) happen(rig, one, [zone])
        rig.recover()
        const { energyUj, parts } = rig.state
        for (const part of parts) assert.ok(part.energyUj >= 0n)
        const modelledUj =
          parts.find(({ part, quality }) => part === 'processors' && quality === 'estimated')?.energyUj ?? 0n
        const sinceNs = rig.clock.ns - rig.startNs
        assert.ok(modelledUj <= (5n * BigInt(said) * sinceNs) / 1_000n)
        assert.ok(energyUj.measured <= (BigInt(drawn) * sinceNs) / 1_000n)
      },
    ),
    { numRuns: runs(200), seed: 1 },
  )
})

test('how late readings arrive changes nothing that is learned', () => {
  const booked = [1, 3].map((every) => {
    const { rig, zone, model } = socket()
    for (let second = 0; second < 60; second++) {
      zone.isHeld = second % every !== every - 1
      model.isHeld = second % every === 0 && every > 1
      rig.pass()
    }
    zone.isHeld = false
    model.isHeld = false
    rig.passes(6)
    zone.isFailing = true
    rig.passes(700)
    return powerW(rig)
  })
  assertNear(booked[0] ?? 0, booked[1] ?? 1, 1e-3)
})
