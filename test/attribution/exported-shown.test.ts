import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Exported } from '../../src/attribution/exported.ts'
import { consumerTotal, ShownTotals, type Totals } from '../../src/integration/shown-totals.ts'
import { type AttributionTotals, NO_SERIES } from '../../src/model/attribution.ts'
import type { Consumer } from '../../src/model/consumer.ts'
import { NS_PER_S } from '../../src/model/units.ts'
import { totalsOfAttribution } from '../integration/bare-totals.ts'
import fc, { runs } from '../property.ts'

const START = 1_800_000_000_000
const FLUSH_S = 10

/** An agent on a disk, and one who scrapes it each second. */
class Agent {
  #disk: { readonly state: AttributionTotals; readonly ceilings: Totals } | null = null
  readonly #maxSeries: number
  #exported: Exported
  #shown = new ShownTotals(BigInt(FLUSH_S) * NS_PER_S, null)
  #scraped: ReadonlyMap<string, bigint> = new Map()
  #second = 0
  /** What each series showed last, also long ago. */
  readonly #last = new Map<string, bigint>()
  usedUj = 0n
  /** As `increase()` counts: a fall is a counter that began anew. */
  increaseUj = 0n
  /** Of emissions, of which each µJ causes 1 µg. */
  increaseUg = 0n

  constructor(maxSeries: number) {
    this.#maxSeries = maxSeries
    this.#exported = new Exported({ maxSeries, restored: null })
  }

  run(seconds: number, uses: readonly (readonly [Consumer, bigint])[], gone: readonly Consumer[]): void {
    for (let left = seconds; left > 0; left--) {
      this.#second++
      for (const [consumer, uj] of uses) {
        this.usedUj += 3n * uj
        this.#exported.add(consumer, 't', { idleUj: uj, dynamicUj: 2n * uj, figures: footprintOfUj(uj) }, START)
      }
      if (left === 1) for (const consumer of gone) this.#exported.gone(consumer, START + this.#second * 1e3)
      this.#exported.tick(START + this.#second * 1e3)
      // Somewhere between two rankings, and never early, as on a slow disk.
      if (this.#second % FLUSH_S === 3) this.#flush(false)
      this.#scrape()
    }
  }

  #increase(isEnergy: boolean, by: bigint): void {
    if (isEnergy) this.increaseUj += by
    else this.increaseUg += by
  }

  restart(isClean: boolean): void {
    if (isClean) this.#flush(true)
    const { state, ceilings } = this.#disk ?? { state: null, ceilings: new Map<string, bigint>() }
    this.#exported = new Exported({ maxSeries: this.#maxSeries, restored: state })
    this.#shown = new ShownTotals(BigInt(FLUSH_S) * NS_PER_S, state && { totals: totalsOfAttribution(state), ceilings })
  }

  #flush(isLast: boolean): void {
    const state = structuredClone(this.#exported.totals)
    const ceilings = this.#shown.ceilingsFor(totalsOfAttribution(state), BigInt(this.#second) * NS_PER_S, isLast)
    this.#disk = { state, ceilings }
    this.#shown.flushed(totalsOfAttribution(state), ceilings)
  }

  #scrape(): void {
    const scraped = new Map<string, bigint>()
    for (const one of this.#exported.totals.consumers.filter(({ goneUnixMs }) => goneUnixMs !== NO_SERIES)) {
      for (const part of ['idle', 'dynamic'] as const) {
        const name = consumerTotal(one, part)
        scraped.set(name, this.#shown.shown(name, one[`${part}Uj`]))
      }
      const name = consumerTotal(one, 'location/direct')
      scraped.set(name, this.#shown.shown(name, one.booked.co2eUg.location.direct))
    }
    for (const [name, uj] of this.#scraped) {
      const now = scraped.get(name)
      assert.ok(now === undefined || now >= uj, `${name} fell from ${uj} to ${now} at ${this.#second} s`)
    }
    for (const [name, uj] of scraped) {
      const last = this.#last.get(name) ?? 0n
      const isEnergy = !name.endsWith('location/direct')
      this.#increase(isEnergy, uj >= last ? uj - last : uj)
      this.#last.set(name, uj)
    }
    this.#scraped = scraped
  }
}

const footprintOfUj = (uj: bigint): bigint[] => [3n * uj, 0n, 0n, 0n, 0n, 0n, 0n, 0n]

const named = (name: string): Consumer => ({ kind: 'service', id: name, name, labels: {} })

test('who is exported again is never shown from below where it stood, so that nothing counts twice', () => {
  const uses = (a: bigint, b: bigint) => [[named('a'), a] as const, [named('b'), b] as const]
  for (const isRestarted of [false, true]) {
    const agent = new Agent(1)
    agent.run(300, uses(900n, 1n), [])
    agent.run(1_200, uses(1n, 900n), [])
    if (isRestarted) agent.restart(true)
    agent.run(1_200, uses(900n, 1n), [])
    // What is not shown yet comes with the next flush.
    const missingUj = agent.usedUj - agent.increaseUj
    assert.equal(agent.increaseUg, agent.increaseUj)
    assert.ok(missingUj >= 0n && missingUj <= 3n * 901n * 20n, `${missingUj} uJ of ${agent.usedUj} not shown`)
  }
})

test('no series that is scraped falls, whoever is promoted, ended or gone, and however the agent ends', () => {
  const who = fc.nat(7).map((number) => named(`${number}`))
  const step = fc.record({
    seconds: fc.constantFrom(1, 7, 30, 400),
    uses: fc.array(fc.tuple(who, fc.bigInt(1n, 1_000_000n)), { maxLength: 6 }),
    gone: fc.array(who, { maxLength: 1 }),
    end: fc.constantFrom('none', 'none', 'clean', 'kill'),
  })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 20 }), (steps) => {
      const agent = new Agent(3)
      for (const { seconds, uses, gone, end } of steps) {
        agent.run(seconds, uses, gone)
        if (end !== 'none') agent.restart(end === 'clean')
      }
      const isKilled = steps.some(({ end }) => end === 'kill')
      assert.ok(isKilled || agent.increaseUj <= agent.usedUj, `${agent.increaseUj} uJ shown of ${agent.usedUj}`)
    }),
    { numRuns: runs(60) },
  )
})
