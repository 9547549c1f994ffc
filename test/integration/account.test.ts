import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  AccountRig,
  constant,
  type Meter,
  meter,
  type SourceKind,
  sumOf,
  type Truth,
  wholeMeter,
} from './account-rig.ts'

const watts = fc.integer({ min: 1, max: 900 })
const kind = fc.constantFrom<SourceKind[]>('counter', 'power', 'model')
/** One meter, and models that stand in for it. */
const plainCard = fc.record({
  w: watts,
  kinds: fc
    .tuple(fc.constantFrom<SourceKind[]>('counter', 'power'), fc.nat(2))
    .map(([first, models]): SourceKind[] => [first, ...Array<'model'>(models).fill('model')]),
})
const anyCard = fc.record({ w: watts, kinds: fc.array(kind, { minLength: 1, maxLength: 4 }) })
type What = 'fail' | 'close' | 'hold' | 'reset' | 'restart' | 'suspend' | 'collect'

function metersOf(machine: readonly { w: number; kinds: SourceKind[] }[]): Meter[] {
  return machine.flatMap(({ w, kinds }, card) =>
    kinds.map((kind, index) => meter(`sensor-${card}-${index}`, kind, `0000:${card}`, constant(w))),
  )
}

function happen(rig: AccountRig, { what, whom, ms }: { what: What; whom: number; ms: number }): void {
  const one = rig.meters[whom % rig.meters.length] as Meter
  if (what === 'fail') one.isFailing = !one.isFailing
  if (what === 'close') rig.open(one, !one.isOpen)
  if (what === 'hold') one.isHeld = !one.isHeld
  if (what === 'reset') one.reset()
  if (what === 'restart') rig.restart()
  if (what === 'suspend') rig.suspend(ms + 1_000)
  if (what === 'collect') rig.collect()
}

function bookedUj(rig: AccountRig): bigint {
  const { measured, estimated } = rig.state.energyUj
  return measured + estimated
}

/** Of a power that changes each second, from 1 to 1024 W; the same for the same seed. */
const changing = (seed: number): Truth => {
  const uj = [0n]
  return (atNs) => {
    const ms = Number(atNs / 1_000_000n)
    const second = Math.floor(ms / 1_000)
    const w = (n: number) => BigInt(Math.imul(n + seed, 2_654_435_761) >>> 22) + 1n
    while (uj.length <= second) uj.push((uj.at(-1) ?? 0n) + w(uj.length) * 1_000_000n)
    return (uj[second] ?? 0n) + w(second + 1) * BigInt(ms % 1_000) * 1_000n
  }
}

/** What every card would have brought in the time that the account says it knows of it. */
function expectedUj(rig: AccountRig, machine: readonly { w: number }[], { isRecovered = false } = {}): bigint {
  const { settledNs, unaccountedNs, leafGaps, missing } = rig.state
  const knownNs = (settledNs ?? 0n) - rig.startNs - (unaccountedNs - rig.clock.suspendedNs)
  return machine.reduce((sum, { w }, card) => {
    const name = `accelerators/0000:${card}`
    const gapNs = leafGaps.find((gap) => gap.name === name)?.unaccountedNs ?? 0n
    const sinceNs = missing.find((one) => one.name === name)?.sinceNs
    if (isRecovered) assert.equal(sinceNs, undefined, `${name} is waited for`)
    const openNs = sinceNs === undefined ? 0n : (settledNs ?? 0n) - sinceNs
    return sum + (BigInt(w) * (knownNs - gapNs - openNs)) / 1_000n
  }, 0n)
}

const script = (...whats: What[]) =>
  fc.array(
    fc.record({
      what: fc.constantFrom(...whats),
      whom: fc.nat(8),
      passes: fc.integer({ min: 0, max: 12 }),
      ms: fc.integer({ min: 100, max: 1_900 }),
    }),
    { maxLength: 25 },
  )

test('whatever comes and goes, each moment of each card is counted once, or is a gap, or is waited for', () => {
  fc.assert(
    fc.property(
      fc.array(plainCard, { minLength: 1, maxLength: 3 }),
      script('fail', 'close', 'hold', 'reset', 'restart', 'suspend', 'collect'),
      (machine, happenings) => {
        const rig = new AccountRig(metersOf(machine))
        rig.passes(2)
        for (const one of happenings) {
          happen(rig, one)
          rig.pass(one.ms)
          rig.passes(one.passes)
          assert.equal(bookedUj(rig), expectedUj(rig, machine))
        }
        rig.recover()
        assert.equal(bookedUj(rig), expectedUj(rig, machine, { isRecovered: true }))
        const { channels, node } = rig.collect().state
        const metered = channels.filter(({ key }) => rig.meters.some((one) => one.key === key && !one.isModel))
        // The ledger keeps of each channel what is not settled since its last gap.
        const lostUj = sumOf(metered) - node.energyUj.measured
        assert.ok(happenings.some(({ what }) => what === 'restart') ? lostUj >= 0n : lostUj === 0n)
      },
    ),
    { numRuns: 400, seed: 1 },
  )
})

test('of several meters of one card only one counts at a time, and the time of each is counted once', () => {
  fc.assert(
    fc.property(
      fc.array(anyCard, { minLength: 1, maxLength: 3 }),
      script('fail', 'close', 'hold', 'reset', 'suspend'),
      (machine, happenings) => {
        const rig = new AccountRig(metersOf(machine))
        rig.passes(2)
        for (const one of happenings) {
          happen(rig, one)
          rig.pass(one.ms)
          rig.passes(one.passes)
          assert.ok(bookedUj(rig) <= expectedUj(rig, machine))
        }
        rig.recover()
        assert.equal(bookedUj(rig), expectedUj(rig, machine, { isRecovered: true }))
      },
    ),
    { numRuns: 200, seed: 2 },
  )
})

test('whenever counters are read and whenever that arrives, the account is their truth, and no model stands beside them', () => {
  fc.assert(
    fc.property(
      fc.array(fc.record({ seed: fc.nat(1_000), isModelled: fc.boolean() }), { minLength: 1, maxLength: 4 }),
      script('fail', 'close', 'hold', 'restart', 'collect'),
      (machine, happenings) => {
        const cards = machine.map(({ seed, isModelled }, card) => {
          const counter = meter(`sensor-${card}`, 'counter', `0000:${card}`, changing(seed))
          return [counter, ...(isModelled ? [meter(`model-${card}`, 'model', `0000:${card}`, constant(5))] : [])]
        })
        const rig = new AccountRig(cards.flat())
        rig.pass()
        const firstNs = rig.clock.ns
        rig.pass()
        for (const one of happenings) {
          happen(rig, one)
          rig.pass(one.ms)
          rig.passes(one.passes)
        }
        rig.recover()
        const { energyUj, settledNs, unaccountedNs } = rig.state
        assert.deepEqual([settledNs, unaccountedNs], [rig.clock.ns, firstNs - rig.startNs])
        const truthUj = cards.reduce(
          (sum, [counter]) => sum + (counter?.truth(rig.clock.ns) ?? 0n) - (counter?.truth(firstNs) ?? 0n),
          0n,
        )
        assert.deepEqual(energyUj, { measured: truthUj, derived: 0n, estimated: 0n })
      },
    ),
    { numRuns: 200, seed: 3 },
  )
})

test('a meter of the whole machine may come and go: what it counts and what the cards count are the same energy once', () => {
  fc.assert(
    fc.property(
      fc.array(plainCard, { minLength: 1, maxLength: 3 }),
      fc.subarray(['ac_in', 'psys'] as const, { minLength: 1 }),
      script('fail', 'close', 'hold', 'reset', 'suspend', 'collect'),
      (machine, scopes, happenings) => {
        const sum = constant(machine.reduce((w, card) => w + card.w, 0))
        const rig = new AccountRig([...scopes.map((scope) => wholeMeter(scope, sum)), ...metersOf(machine)])
        rig.passes(2)
        for (const one of happenings) {
          happen(rig, one)
          rig.pass(one.ms)
          rig.passes(one.passes)
          assert.ok(bookedUj(rig) <= expectedUj(rig, machine))
        }
        rig.recover()
        assert.equal(bookedUj(rig), expectedUj(rig, machine, { isRecovered: true }))
        assert.ok(!rig.node.gauges().partsExceedMeter)
      },
    ),
    { numRuns: 200, seed: 4 },
  )
})
