import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { AccountRig, constant, type Meter, meter, type SourceKind } from './account-rig.ts'

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
      },
    ),
    { numRuns: 200, seed: 1 },
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
