import assert from 'node:assert/strict'
import { afterEach, mock, test } from 'node:test'
import { ShownTotals, type Totals } from '../../src/integration/shown-totals.ts'
import { most } from '../../src/model/bigint.ts'
import { NS_PER_S } from '../../src/model/units.ts'
import fc, { runs } from '../property.ts'
import { AgentLife, type DiskMood, PROCESSOR, withMachine } from './shown-totals-agent.ts'

const mood = fc.constantFrom<DiskMood[]>('writes', 'writes', 'lost', 'unheard')

/** What may happen to three totals, of which one begins late. */
const happening = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      what: fc.constant('grow' as const),
      name: fc.constantFrom('a', 'b', 'late'),
      by: fc.constantFrom(0n, 1n, 100n, 10_000n, 10n ** 12n),
      inNs: fc.constantFrom(0n, 1n, NS_PER_S, 20n * NS_PER_S),
    }),
  },
  { weight: 5, arbitrary: fc.record({ what: fc.constant('flush' as const), mood }) },
  { weight: 1, arbitrary: fc.constant({ what: 'kill' as const }) },
  { weight: 1, arbitrary: fc.constant({ what: 'stop' as const }) },
)
type Happening = typeof happening extends fc.Arbitrary<infer H> ? H : never

/** The ledger, the totals of the running process and what it shows of them. */
class Life {
  #disk: { readonly totals: Totals; readonly ceilings: Totals } | null = null
  #totals: Totals = new Map([
    ['a', 0n],
    ['b', 0n],
  ])
  #shown = new ShownTotals(10n * NS_PER_S, null)
  /** What earlier processes that were killed may have shown. */
  #floors: Totals = new Map()
  #seen: Totals = new Map()
  #isWritten = false
  #ns = 0n

  live(happening: Happening): void {
    if (happening.what === 'grow') {
      this.#ns += happening.inNs
      this.#totals.set(happening.name, (this.#totals.get(happening.name) ?? 0n) + happening.by)
      this.#isWritten = false
    } else if (happening.what === 'flush') this.#flush(happening.mood, false)
    else if (happening.what === 'stop') {
      this.#flush('writes', true)
      for (const name of this.#totals.keys()) assert.equal(this.#disk?.ceilings.get(name), this.#ceilingOf(name))
      this.#begin()
    } else this.#begin()
    this.#look()
  }

  #flush(mood: DiskMood, isLast: boolean): void {
    const totals = new Map(this.#totals)
    const ceilings = this.#shown.ceilingsFor(totals, this.#ns, isLast)
    if (mood !== 'lost') this.#disk = { totals, ceilings }
    if (mood === 'writes') this.#shown.flushed(totals, ceilings)
    this.#isWritten = mood === 'writes'
  }

  #begin(): void {
    this.#totals = new Map(
      this.#disk?.totals ?? [
        ['a', 0n],
        ['b', 0n],
      ],
    )
    this.#floors = new Map([...this.#totals, ...(this.#disk?.ceilings ?? [])])
    this.#shown = new ShownTotals(10n * NS_PER_S, this.#disk)
    this.#isWritten = true
  }

  #ceilingOf(name: string): bigint | undefined {
    const [total, floor] = [this.#totals.get(name) ?? 0n, this.#floors.get(name) ?? 0n]
    return floor > total ? floor : undefined
  }

  #look(): void {
    const isNear = this.#shown.isNear(this.#totals)
    for (const [name, total] of this.#totals) {
      const shown = this.#shown.shown(name, total)
      assert.ok(shown >= (this.#seen.get(name) ?? 0n), `${name} fell from ${this.#seen.get(name)} to ${shown}`)
      assert.ok(
        shown <= (this.#disk?.ceilings.get(name) ?? this.#disk?.totals.get(name) ?? 0n),
        `${name} above its ceiling`,
      )
      const whole = this.#ceilingOf(name) ?? total
      assert.ok(shown <= whole, `${name} shows more than there is`)
      if (this.#isWritten || !isNear) assert.equal(shown, whole, `${name} shows less than it may`)
      this.#seen.set(name, shown)
    }
  }
}

test('whatever grows, fails and ends: no shown total falls, none is above its ceiling on disk, and it is the true one again', () => {
  fc.assert(
    fc.property(fc.array(happening, { maxLength: 200, size: 'max' }), (happenings) => {
      const life = new Life()
      for (const one of happenings) life.live(one)
    }),
    { numRuns: runs(1_000) },
  )
})

/** A few seconds of an agent's life, and how they begin. */
const chapter = fc.record({
  begins: fc.constantFrom('kill', 'stop', 'mood', 'load'),
  seconds: fc.integer({ min: 1, max: 25 }),
  looksEveryS: fc.integer({ min: 1, max: 25 }),
  mood,
  // A first second of eight times what follows is not believed, and is a gap; so is what counts nothing for ten seconds.
  watts: fc.integer({ min: 120, max: 900 }),
  gpuWatts: fc.option(fc.integer({ min: 0, max: 900 })),
  downS: fc.integer({ min: 0, max: 90 }),
})

for (const hasRuntime of [false, true]) {
  const what = `that ${hasRuntime ? 'record' : 'do not record'} what they show`
  test(`agents ${what}, killed and stopped at any time, on a disk that fails at any time: nothing falls, nothing counts twice`, () =>
    fc.assert(lives(hasRuntime), { numRuns: runs(60) }))
}

function lives(hasRuntime: boolean) {
  return fc.asyncProperty(fc.array(chapter, { maxLength: 25 }), async (chapters) => {
    const life = new AgentLife()
    life.hasRuntime = hasRuntime
    let seen: Totals = new Map()
    /** Where the register stood when the ledger began, and the most that may have been shown of it since. */
    let [fromUj, floorUj] = [0n, 0n]
    const look = () => {
      const { shown } = life
      const { ceilings } = life.disk
      for (const [name, total] of shown ?? []) {
        assert.ok(total >= (seen.get(name) ?? 0n), `${name} fell from ${seen.get(name)} to ${total}`)
        assert.ok(total <= (ceilings.get(name) ?? 0n), `${name} is above its ceiling`)
      }
      if (shown !== null) assert.deepEqual(shown, withMachine(shown))
      seen = new Map([...seen, ...(shown ?? [])])
    }
    const start = async () => {
      if (life.disk.state === null) fromUj = life.registerUj
      const { ceilings, onDisk } = life.disk
      const known = [floorUj, seen.get(PROCESSOR) ?? 0n, onDisk.get(PROCESSOR) ?? 0n]
      floorUj = hasRuntime ? known.reduce(most) : (ceilings.get(PROCESSOR) ?? 0n)
      await life.start()
    }
    await start()
    for (const { begins, seconds, looksEveryS, ...next } of [...chapters, LAST]) {
      if (begins === 'mood') life.disk.mood = next.mood
      else if (begins === 'load') [life.watts, life.gpuWatts] = [next.watts, next.gpuWatts]
      else {
        if (begins === 'stop') await life.stop()
        else life.kill()
        for (let s = 0; s < next.downS; s++) life.second()
        await start()
      }
      for (let s = 0; s < seconds; s++) {
        life.second()
        if (s % looksEveryS === 0) look()
      }
    }
    const trueUj = life.registerUj - fromUj
    assert.equal(life.shown?.get(PROCESSOR), trueUj > floorUj ? trueUj : floorUj)
    await life.stop()
    const { channels = [], node } = life.disk.state ?? assert.fail()
    assert.equal(channels.find(({ key }) => key === 'rapl/package/package-0')?.energyUj, trueUj)
    const sumUj = (energies: readonly bigint[]) => energies.reduce((sum, uj) => sum + uj, 0n)
    assert.equal(sumUj(node.parts.map(({ energyUj }) => energyUj)), sumUj(Object.values(node.energyUj)))
    const processorsUj = node.parts.find(({ part }) => part === 'processors')?.energyUj ?? 0n
    assert.ok(processorsUj <= trueUj, `${processorsUj} µJ of ${trueUj}`)
  })
}

/** Two flushes: one that brings the ceilings of what the disk did not take, and one before whose end all of it is shown. */
const LAST = {
  begins: 'mood',
  seconds: 21,
  looksEveryS: 1,
  mood: 'writes',
  watts: 0,
  gpuWatts: null,
  downS: 0,
} as const

afterEach(() => mock.timers.reset())
