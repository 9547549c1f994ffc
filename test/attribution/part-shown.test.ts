import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ShownTotals, type Totals } from '../../src/integration/shown-totals.ts'
import type { AttributionState, AttributionTotals } from '../../src/model/attribution.ts'
import { NS_PER_S } from '../../src/model/units.ts'
import { totalsOfAttribution } from '../integration/bare-totals.ts'
import fc, { runs } from '../property.ts'
import { Rig } from './rig.ts'

const FLUSH_NS = 10n * NS_PER_S

function statesOf(attribution: AttributionTotals): Totals {
  return new Map([...totalsOfAttribution(attribution)].filter(([name]) => name.startsWith('state/')))
}

/** An agent that is scraped each second, on a ledger that outlives it. */
class Agent {
  #rig = new Rig()
  #shown = new ShownTotals(FLUSH_NS, null)
  #disk: { readonly state: AttributionState; readonly ceilings: Totals; readonly nodeUj: bigint } | null = null
  #nodeUj = 0n
  readonly scraped = new Map<string, bigint>()

  second(powerW: Readonly<Record<string, number>>, cpuS: number | null): void {
    this.#rig.draw(1, powerW)
    if (cpuS !== null) this.#rig.look({ web: { cpuS } })
    for (const [name, uj] of statesOf(this.#rig.tick())) {
      const shownUj = this.#shown.shown(name, uj)
      assert.ok(shownUj >= (this.scraped.get(name) ?? 0n), name)
      this.scraped.set(name, shownUj)
    }
  }

  flush(isLast = false): void {
    const state = this.#rig.collect(isLast)
    const totals = statesOf(state)
    const ceilings = this.#shown.ceilingsFor(totals, this.#rig.clock.ns, isLast)
    this.#shown.flushed(totals, ceilings)
    this.#disk = { state, ceilings, nodeUj: this.nodeUj }
  }

  kill(): void {
    this.#nodeUj = this.#disk?.nodeUj ?? 0n
    this.#rig = new Rig()
    this.#shown = new ShownTotals(
      FLUSH_NS,
      this.#disk && { totals: statesOf(this.#disk.state), ceilings: this.#disk.ceilings },
    )
    if (this.#disk !== null) this.#rig.account.restore(this.#disk.state, this.#nodeUj, this.#rig.clock.wallMs)
  }

  get nodeUj(): bigint {
    return this.#nodeUj + this.#rig.postedUj
  }
}

const second = fc.record({
  do: fc.constant('second' as const),
  cpuW: fc.integer({ min: 0, max: 300 }),
  restW: fc.integer({ min: 0, max: 90 }),
  cpuS: fc.option(fc.double({ min: 0, max: 4, noNaN: true })),
})
const step = fc.oneof(
  { weight: 12, arbitrary: second },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('flush' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('kill' as const) }) },
)

test('what is shown of parts idle and dynamic never falls, also over kills, and is the node’s in the end', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 80, size: 'max' }), (steps) => {
      const agent = new Agent()
      for (const one of steps) {
        if (one.do === 'flush') agent.flush()
        else if (one.do === 'kill') agent.kill()
        else agent.second({ 'processors/socket-0': one.cpuW, rest: one.restW }, one.cpuS)
      }
      for (let left = 100; left > 0; left--) {
        agent.second({ 'processors/socket-0': 300, rest: 90 }, 1)
        if (left % 10 === 0) agent.flush()
      }
      agent.flush(true)
      agent.second({}, 0)
      const shownUj = [...agent.scraped.values()].reduce((sum, uj) => sum + uj, 0n)
      assert.equal(shownUj, agent.nodeUj)
    }),
    { numRuns: runs(150), seed: 1 },
  )
})
