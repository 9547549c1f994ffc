import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc, { runs } from '../property.ts'
import { AccountRig, constant, meter, sumOf, wholeMeter } from './account-rig.ts'
import { anyCard, bookedUj, changing, happen, knownUj, leavesOf, metersOf, plainCard, script } from './happenings.ts'

test('whatever comes and goes, each moment of each card is counted once, or is a gap, or is waited for', () => {
  fc.assert(
    fc.property(
      fc.array(plainCard, { minLength: 1, maxLength: 3 }),
      script('fail', 'close', 'hold', 'reset', 'restart', 'suspend', 'collect'),
      (machine, happenings) => {
        const rig = new AccountRig(metersOf(machine))
        rig.passes(5)
        for (const one of happenings) {
          happen(rig, one)
          assert.equal(bookedUj(rig), knownUj(rig, leavesOf(machine)))
        }
        rig.recover()
        assert.equal(bookedUj(rig), knownUj(rig, leavesOf(machine), { isRecovered: true }))
        const { channels, node } = rig.collect().state
        const metered = channels.filter(({ key }) => rig.meters.some((one) => one.key === key && !one.isModel))
        // The ledger keeps of each channel what is not settled since its last gap.
        const lostUj = sumOf(metered) - node.energyUj.measured
        assert.ok(happenings.some(({ what }) => what === 'restart') ? lostUj >= 0n : lostUj === 0n)
      },
    ),
    { numRuns: runs(800), seed: 77 },
  )
})

test('a model counts for the gap between two stretches of its meter, though the later one teaches it', () => {
  const machine = [
    { w: 1, kinds: ['counter', 'model'] },
    { w: 1, kinds: ['counter'] },
  ] as const
  const rig = new AccountRig(metersOf(machine))
  rig.passes(5)
  happen(rig, { what: 'hold', whom: 0, ms: 100, passes: 0 })
  happen(rig, { what: 'reset', whom: 0, ms: 100, passes: 0 })
  happen(rig, { what: 'collect', whom: 0, ms: 801, passes: 4 })
  rig.recover()
  assert.equal(bookedUj(rig), knownUj(rig, leavesOf(machine), { isRecovered: true }))
  const estimated = rig.state.parts.filter(({ quality }) => quality === 'estimated')
  assert.equal(sumOf(estimated), 1_901_000n, 'the time from the last reading before the reset to the next one')
})

test('of several meters of one card only one counts at a time, and the time of each is counted once', () => {
  fc.assert(
    fc.property(
      fc.array(anyCard, { minLength: 1, maxLength: 3 }),
      script('fail', 'close', 'hold', 'reset', 'suspend'),
      (machine, happenings) => {
        const rig = new AccountRig(metersOf(machine))
        rig.passes(5)
        for (const one of happenings) {
          happen(rig, one)
          assert.ok(bookedUj(rig) <= knownUj(rig, leavesOf(machine)))
        }
        rig.recover()
        assert.equal(bookedUj(rig), knownUj(rig, leavesOf(machine), { isRecovered: true }))
      },
    ),
    { numRuns: runs(200), seed: 2 },
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
        rig.passes(4)
        for (const one of happenings) {
          happen(rig, one)
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
    { numRuns: runs(200), seed: 3 },
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
        rig.passes(5)
        for (const one of happenings) {
          happen(rig, one)
          assert.ok(bookedUj(rig) <= knownUj(rig, leavesOf(machine)))
        }
        rig.recover()
        assert.equal(bookedUj(rig), knownUj(rig, leavesOf(machine), { isRecovered: true }))
        assert.ok(!rig.node.gauges().partsExceedMeter)
      },
    ),
    { numRuns: runs(500), seed: 606_037_751 },
  )
})

test('whatever a meter of the whole machine says, the total is never below what the cards measure', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 1, max: 900 }), { minLength: 1, maxLength: 3 }),
      fc.array(fc.tuple(fc.constantFrom('ac_in', 'psys'), fc.nat(1_500)), { minLength: 1, maxLength: 2 }),
      script('fail', 'close', 'hold', 'reset', 'collect'),
      (cards, meters, happenings) => {
        const wholes = meters.map(([scope, seed], n) => wholeMeter(scope, changing(seed), { sensor: `whole-${n}` }))
        const counters = cards.map((w, n) => meter(`nvml-${n}`, 'counter', `0000:${n}`, constant(w)))
        const rig = new AccountRig([...wholes, ...counters])
        rig.passes(5)
        for (const one of happenings) {
          happen(rig, one, wholes)
          const { measured } = rig.state.energyUj
          assert.ok(measured >= knownUj(rig, leavesOf(cards.map((w) => ({ w, kinds: [] })))))
        }
        rig.recover()
        const { settledNs } = rig.state
        assert.equal(settledNs, rig.clock.ns)
      },
    ),
    { numRuns: runs(200), seed: 6 },
  )
})

test('what comes and goes of one leaf moves no other part, and each is counted by what it has', () => {
  // Sockets are alike, so that one of them may stand in for another.
  const sockets = fc.record({
    w: fc.integer({ min: 1, max: 400 }),
    haveDram: fc.array(fc.boolean(), { minLength: 1, maxLength: 2 }),
  })
  fc.assert(
    fc.property(
      sockets,
      fc.array(plainCard, { maxLength: 2 }),
      script('fail', 'close', 'hold', 'reset', 'restart', 'suspend'),
      ({ w, haveDram }, cards, happenings) => {
        const models = haveDram.map((_, n) => meter(`model-${n}`, 'model', `socket-${n}`, constant(w), 'package'))
        const meters = haveDram.flatMap((hasDram, n) => [
          meter(`rapl-${n}`, 'counter', `socket-${n}`, constant(w), 'package'),
          ...(hasDram ? [meter(`dram-${n}`, 'counter', `socket-${n}`, constant(71), 'dram')] : []),
        ])
        const rig = new AccountRig([...models, ...meters, ...metersOf(cards)], { memoryGb: haveDram.length * 250 })
        const parts = [
          ['processors', haveDram.map((_, n) => ({ name: `processors/socket-${n}`, w }))],
          ['memory', haveDram.map((_, n) => ({ name: `memory/socket-${n}`, w: 71 }))],
          ['accelerators', leavesOf(cards)],
        ] as const
        rig.passes(5)
        for (const one of happenings) {
          happen(rig, one, rig.meters.slice(models.length))
          for (const [part, leaves] of parts) assert.equal(bookedUj(rig, part), knownUj(rig, leaves), part)
        }
        rig.recover()
        for (const [part, leaves] of parts) {
          assert.equal(bookedUj(rig, part), knownUj(rig, leaves, { isRecovered: true }), part)
        }
      },
    ),
    { numRuns: runs(200), seed: 5 },
  )
})

test('the parts’ shares in the power of now sum to 1, and end with it', () => {
  const rig = new AccountRig([
    meter('rapl', 'counter', 'socket-0', constant(60), 'package'),
    wholeMeter('ac_in', constant(100)),
  ])
  assert.equal(rig.node.gauges().partShares.size, 0)
  rig.passes(5)
  const { partShares } = rig.node.gauges()
  assert.deepEqual(
    [...partShares],
    [
      ['processors', 0.6],
      ['rest', 0.4],
    ],
  )
  for (const one of rig.meters) one.isFailing = true
  rig.passes(120)
  assert.equal(rig.node.gauges().partShares.size, 0)
})
