import assert from 'node:assert/strict'
import { test } from 'node:test'
import { xeon2s } from '../fixtures/machines/rapl.ts'
import { Host } from './agent.ts'
import { bare } from './bare.ts'

/** Sensors are drained once a second; what is left is the rounding of clocks. */
const LEAST_MS = 950
const WATCHED_MS = 6_000
const SCRAPES = 60

interface Shown {
  readonly atUnixMs: number
  readonly node: { readonly powerUw: string | null; readonly totals: { readonly energyUj: object } }
  readonly channels: readonly { readonly powerUw: string | null; readonly energyUj: string }[]
}

test('however often registers are read and the agent is scraped, no series has more than one figure a second', async () => {
  const fastest = { sensors: { rapl: { interval: '100ms' } }, ledger: { flush: '1s' } }
  await using host = new Host({ ...bare, ...xeon2s }, fastest)
  const agent = await host.start()
  await agent.scrapeUntil((samples) =>
    [...samples.keys()].some((name) => name.startsWith('wattledger_power_watts{sensor="rapl"')),
  )
  /** When each series was first seen to have its value, by the agent's own clock. */
  const changes = new Map<string, { value: string; readonly atUnixMs: number[] }>()
  const untilMs = performance.now() + WATCHED_MS
  const counted = (): number => changes.get('energy 0')?.atUnixMs.length ?? 0
  for (let scrapes = 0; performance.now() < untilMs || scrapes < SCRAPES || counted() < 3; scrapes++) {
    const { atUnixMs, node, channels } = JSON.parse(await agent.get('/api/v1/snapshot')) as Shown
    const values = {
      'node power': node.powerUw,
      'node energy': JSON.stringify(node.totals.energyUj),
      ...Object.fromEntries(channels.map(({ powerUw }, index) => [`power ${index}`, powerUw])),
      ...Object.fromEntries(channels.map(({ energyUj }, index) => [`energy ${index}`, energyUj])),
    }
    for (const [name, value] of Object.entries(values)) {
      const series = changes.get(name) ?? { value: String(value), atUnixMs: [] }
      if (series.value !== String(value)) series.atUnixMs.push(atUnixMs)
      changes.set(name, { ...series, value: String(value) })
    }
  }
  for (const [name, { atUnixMs }] of changes) {
    // A change is seen up to a second late, so that the first and the last may be so much further apart.
    const [first = 0, last = 0] = [atUnixMs[0], atUnixMs.at(-1)]
    const most = 1 + (last - first + 1_000) / LEAST_MS
    assert.ok(atUnixMs.length <= most, `${name} changed ${atUnixMs.length} times in ${last - first} ms`)
  }
})
