import assert from 'node:assert/strict'
import { afterEach, mock, test } from 'node:test'
import { type ShownRecord, ShownRecorder, shownBeyond } from '../../src/integration/shown-record.ts'
import { ShownTotals, type Totals } from '../../src/integration/shown-totals.ts'
import type { LedgerState } from '../../src/model/batch.ts'
import { NS_PER_S } from '../../src/model/units.ts'
import fc, { runs } from '../property.ts'
import { watts } from './machine.ts'
import { AgentLife, PROCESSOR, type RuntimeMood } from './shown-totals-agent.ts'

afterEach(() => mock.timers.reset())

const MINUTE_MS = 60_000
const GPU = 'channel/nvml/gpu/gpu-0/energy'

async function agentFor(seconds: number): Promise<AgentLife> {
  const life = new AgentLife(MINUTE_MS)
  life.hasRuntime = true
  await life.start()
  live(life, seconds)
  return life
}

function live(life: AgentLife, seconds: number): void {
  for (let s = 0; s < seconds; s++) life.second()
}

const shownBy = (life: AgentLife): Totals => life.shown ?? assert.fail('nothing is shown')
const energyIn = (totals: Totals, name = PROCESSOR): bigint => totals.get(name) ?? assert.fail(`no ${name}`)

test('after a kill every total goes on from what was shown, with a minute between two flushes', async () => {
  const life = await agentFor(176)
  const before = shownBy(life)
  assert.ok(energyIn(before) - energyIn(life.disk.onDisk) > 50n * watts(200), 'most of a minute is not on disk')
  life.kill()
  life.second()
  await life.start()
  live(life, 2)
  const after = shownBy(life)
  for (const [name, total] of before) {
    assert.ok(energyIn(after, name) >= total, `${name} fell`)
    // Of 176 s three have passed since, where ceilings lie up to two minutes ahead.
    if (!name.includes('unaccounted')) {
      assert.ok(50n * (energyIn(after, name) - total) <= total, `${name} rose from ${total} to ${after.get(name)}`)
    }
  }
  assert.equal(energyIn(after), life.registerUj)
})

test('what a meter of watts had told since it was kept stands until the truth has passed it, ten seconds at the most', async () => {
  const life = await agentFor(170)
  live(life, 9)
  const before = energyIn(shownBy(life), GPU)
  assert.ok(before - energyIn(life.disk.onDisk, GPU) > 50n * watts(100), 'most of a minute is not on disk')
  life.kill()
  await life.start()
  let standing = 0
  for (let s = 0; s < 60; s++) {
    life.second()
    if (energyIn(shownBy(life), GPU) === before) standing++
  }
  assert.ok(standing >= 5 && standing <= 11, `${standing} s`)
})

function assertNoFall(before: Totals, after: Totals): void {
  for (const [name, total] of before) assert.ok((after.get(name) ?? 0n) >= total, `${name} fell`)
}

/** Three agents, one after another, while the disk takes nothing. */
async function outage(life: AgentLife): Promise<void> {
  const { ceilings } = life.disk
  life.disk.mood = 'lost'
  for (let agent = 0; agent < 3; agent++) {
    live(life, 200)
    const before = shownBy(life)
    life.kill()
    await life.start()
    live(life, 2)
    const after = shownBy(life)
    assertNoFall(before, after)
    for (const [name, total] of after) assert.ok(total <= (ceilings.get(name) ?? 0n), `${name} is above its ceiling`)
  }
}

test('agents that are killed while the disk takes nothing lose no more of it than any that is killed', async () => {
  const life = await agentFor(176)
  await outage(life)
  life.disk.mood = 'writes'
  live(life, 20)
  await life.stop()
  assert.equal(energyIn(life.disk.onDisk), life.registerUj)
  const missing = watts(100) * (176n + 600n + 6n + 20n) - energyIn(life.disk.onDisk, GPU)
  assert.ok(missing <= watts(100) * 45n, `${missing} µJ of watts are missing`)
})

test('an agent that is killed soon after it came while the disk takes nothing is gone on from, and not from its ceilings', async () => {
  const life = await agentFor(170)
  life.disk.mood = 'lost'
  live(life, 12)
  for (let agent = 0; agent < 3; agent++) {
    life.kill()
    await life.start()
    live(life, 2)
    const behindUj = life.registerUj - energyIn(shownBy(life))
    assert.ok(behindUj >= 0n && behindUj <= 2n * watts(200), `${behindUj} µJ behind`)
  }
})

test('a power cut after agents that came while the disk took nothing makes no total fall', async () => {
  const life = await agentFor(176)
  await outage(life)
  const before = shownBy(life)
  life.kill()
  life.disk.mood = 'writes'
  life.disk.kept = life.runtime.record = null
  life.bootId = 'boot-2'
  await life.start()
  live(life, 2)
  assertNoFall(before, shownBy(life))
})

test('where nothing can be kept, each flush is as soon as it would have been', async () => {
  const life = await agentFor(60)
  life.disk.isKeeping = false
  const { tries } = life.disk
  live(life, 600)
  assert.equal(life.disk.tries - tries, 60)
})

test('between two flushes nothing is written to the disk, and an outage is over ten seconds after its end', async () => {
  // The first flush was a second after the start, as soon as there was some energy.
  const life = await agentFor(61)
  const { tries } = life.disk
  live(life, 600)
  assert.equal(life.disk.tries - tries, 10)
  life.disk.mood = 'lost'
  live(life, 600)
  assert.equal(life.disk.tries - tries, 10 + 60 - 5, 'a minute finds it, and then each ten seconds it is tried')
  life.disk.mood = 'writes'
  live(life, 10)
  assert.equal(energyIn(life.disk.onDisk), life.registerUj)
})

test('each second pass of five seconds keeps a batch, and the clock does where no pass comes', async () => {
  const life = await agentFor(61)
  const pass = (passes: number) => {
    for (let n = 0; n < passes; n++) {
      life.clock.advance(5n * NS_PER_S)
      life.books?.tick()
    }
    return life.disk.kept
  }
  const before = pass(2)
  assert.ok(before)
  assert.equal(pass(1), before)
  const after = pass(1)
  assert.notEqual(after, before)
  life.clock.advance(10n * NS_PER_S)
  mock.timers.tick(10_499)
  assert.equal(life.disk.kept, after, 'a pass may be late by a hair')
  mock.timers.tick(1)
  assert.notEqual(life.disk.kept, after)
})

test('who reads the ledger has it written first, if that was ten seconds ago and the disk takes writes', async () => {
  const life = await agentFor(165)
  const { tries } = life.disk
  const freshen = () => life.books?.freshen()
  freshen()
  assert.equal(energyIn(life.disk.onDisk), life.registerUj)
  live(life, 9)
  freshen()
  assert.equal(life.disk.tries - tries, 1, 'it was written nine seconds ago')
  live(life, 1)
  life.disk.mood = 'lost'
  for (const _ of [1, 2]) freshen()
  assert.equal(life.disk.tries - tries, 2, 'an outage is not tried for whoever asks')
})

test('what was kept is not written twice where the flush came to the disk and nobody heard of it', async () => {
  const life = await agentFor(176)
  life.disk.mood = 'unheard'
  live(life, 60)
  const before = shownBy(life)
  life.kill()
  life.disk.mood = 'writes'
  await life.start()
  live(life, 3)
  for (const [name, total] of before) assert.ok(energyIn(shownBy(life), name) >= total, `${name} fell`)
  assert.equal(energyIn(shownBy(life)), life.registerUj)
})

const UNFIT: Readonly<Record<string, (life: AgentLife) => void>> = {
  'another boot': (life) => {
    life.bootId = 'boot-2'
  },
  'no record': (life) => {
    life.runtime.record = null
  },
  'a record of another ledger': ({ runtime }) => {
    runtime.record = runtime.record && { ...runtime.record, bornUnixMs: 1 }
  },
  'a record of before a flush that it does not know': ({ runtime }) => {
    runtime.record = runtime.record && { ...runtime.record, durableNs: 0n, pendingNs: 1n }
  },
  'no runtime directory': (life) => {
    life.hasRuntime = false
  },
}

for (const [what, happens] of Object.entries(UNFIT)) {
  test(`with ${what} totals stand at their ceilings`, async () => {
    const life = await agentFor(200)
    shownBy(life)
    life.kill()
    happens(life)
    const ceiling = energyIn(life.disk.ceilings, GPU)
    await life.start()
    life.second()
    assert.equal(energyIn(shownBy(life), GPU), ceiling)
  })
}

test('a record that an agent without a runtime directory made obsolete is not believed', async () => {
  const life = await agentFor(200)
  shownBy(life)
  life.kill()
  life.hasRuntime = false
  await life.start()
  live(life, 1)
  const before = shownBy(life)
  life.kill()
  life.hasRuntime = true
  await life.start()
  live(life, 1)
  assertNoFall(before, shownBy(life))
})

test('where a record can be neither written nor removed, nothing is shown that it does not know, until a flush makes it obsolete', async () => {
  const life = await agentFor(200)
  const before = energyIn(shownBy(life))
  life.runtime.mood = 'stuck'
  life.disk.mood = 'lost'
  live(life, 100)
  assert.equal(energyIn(shownBy(life)), before)
  life.disk.mood = 'writes'
  live(life, 60)
  assert.equal(energyIn(shownBy(life)), life.registerUj)
})

test('whatever a record says, a total is within what the ledger has and its ceiling', () => {
  const amount = fc.bigInt({ min: -(10n ** 12n), max: 10n ** 30n })
  const small = fc.bigInt({ min: 0n, max: 10n ** 12n })
  const record = fc.dictionary(fc.constantFrom('a', 'b', 'c', '__proto__', ''), amount)
  fc.assert(
    fc.property(small, small, record, (total, ahead, seen) => {
      const restored = { totals: new Map([['a', total]]), ceilings: new Map([['a', total + ahead]]) }
      const shown = new ShownTotals(NS_PER_S, restored, new Map(Object.entries(seen)))
      const assertWithin = () => {
        const a = shown.shown('a', total)
        assert.ok(a >= total && a <= total + ahead, `${a}`)
      }
      assertWithin()
      const { totals } = restored
      shown.flushed(totals, shown.ceilingsFor(totals, NS_PER_S, false))
      assertWithin()
    }),
  )
})

/** Two totals of agents whose ledger and record fail at any time and that are killed between any two of their steps. */
const happening = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ what: fc.constant('grow' as const), by: fc.constantFrom(0n, 1n, 500n, 10n ** 9n) }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ what: fc.constant('flush' as const), mood: fc.constantFrom('writes', 'lost', 'unheard') }),
  },
  { weight: 4, arbitrary: fc.constant({ what: 'look' as const }) },
  {
    weight: 2,
    arbitrary: fc.record({
      what: fc.constant('runtime' as const),
      mood: fc.constantFrom<RuntimeMood[]>('writes', 'lost', 'stuck'),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ what: fc.constant('kill' as const), amidFlush: fc.constantFrom(null, 'before', 'after') }),
  },
)

test('agents that are killed between any two steps, ledgers and records that fail at any time: nothing falls', () => {
  fc.assert(
    fc.property(fc.array(happening, { maxLength: 150, size: 'max' }), (happenings) => {
      let [nowNs, total] = [1n, 0n]
      let disk: { readonly state: LedgerState; readonly totals: Totals; readonly ceilings: Totals } | null = null
      let standing: ShownRecord | null = null
      let mood: RuntimeMood = 'writes'
      let seen = 0n
      /** The least that the next agent may show, and whether the record has all of it. */
      let [floor, isRecorded] = [0n, false]
      const store = {
        load: () => standing,
        save: (record: ShownRecord) => {
          if (mood === 'writes') standing = { ...record, shown: new Map(record.shown) }
          if (mood === 'lost') standing = null
          isRecorded &&= mood === 'writes'
          return mood !== 'stuck'
        },
      }
      const begin = () => {
        const state = disk?.state ?? null
        total = disk?.totals.get('a') ?? 0n
        const shown = new ShownTotals(10n * NS_PER_S, disk, state && shownBeyond(state, 'boot', store.load()))
        const least = shown.floors.get('a') ?? 0n
        if (isRecorded) assert.equal(least, floor > total ? floor : total, 'goes on from what was shown')
        ;[floor, isRecorded] = [least, true]
        const of = { bornUnixMs: 7, bootId: 'boot', restored: state, durable: state, nowNs }
        return { shown, recorder: new ShownRecorder({ ...of, store, shown: shown.floors }) }
      }
      let agent = begin()
      const flush = (how: string, isKilled = false) => {
        const totals = new Map([['a', total]])
        const ceilings = agent.shown.ceilingsFor(totals, nowNs, false)
        agent.recorder.saving(nowNs)
        if (how !== 'lost')
          disk = { state: { bornUnixMs: 7, bootId: 'boot', atMonotonicNs: nowNs } as LedgerState, totals, ceilings }
        if (how !== 'writes' || isKilled) return
        agent.shown.flushed(totals, ceilings)
        agent.recorder.flushed()
      }
      for (const one of happenings) {
        nowNs += NS_PER_S
        if (one.what === 'grow') total += one.by
        else if (one.what === 'flush') flush(one.mood)
        else if (one.what === 'runtime') mood = one.mood
        else if (one.what === 'kill') {
          if (one.amidFlush !== null) flush(one.amidFlush === 'after' ? 'writes' : 'lost', true)
          nowNs += NS_PER_S
          agent = begin()
        } else {
          const shown = agent.recorder.see(agent.shown.of(new Map([['a', total]]))).get('a') ?? 0n
          assert.ok(shown >= seen, `fell from ${seen} to ${shown}`)
          const ceiling =
            disk === null
              ? 0n
              : ((disk as { ceilings: Totals }).ceilings.get('a') ?? (disk as { totals: Totals }).totals.get('a') ?? 0n)
          assert.ok(shown <= ceiling, `${shown} is above the ceiling ${ceiling}`)
          seen = shown
          floor = shown > floor ? shown : floor
        }
      }
    }),
    { numRuns: runs(3_000) },
  )
})
