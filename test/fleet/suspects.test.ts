import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { HostSeries } from '../../src/fleet/account/account.ts'
import type { PlaceBalance } from '../../src/fleet/account/balances.ts'
import { suspectsOf } from '../../src/fleet/check/suspects.ts'

const RACKS = 24
const HOSTS = 40
const HOURS = 240

/** -0.5 to 0.5, the same in every run. */
function chance(...words: readonly number[]): number {
  const wave = Math.sin(words.reduce((sum, word, n) => sum + word * (12.9898 + 65.233 * n), 0.1)) * 43758.5453
  return wave - Math.floor(wave) - 0.5
}

/** Machines of one kind, which all go by the same day. */
const joulesOf = (rack: number, host: number): Float64Array =>
  Float64Array.from(
    { length: HOURS },
    (_, hour) =>
      3600 * (300 + 5 * host + 100 * Math.sin((hour / 24) * 2 * Math.PI + host) + 60 * chance(rack, host, hour)),
  )
const sumOf = (series: Iterable<number>): number => [...series].reduce((sum, one) => sum + one, 0)

/** Racks whose meters are off by up to a hundredth all the time, and `noise` by the hour. `standsIn` is where hosts truly are. */
function racksOf(noise: number, standsIn: (rack: number, host: number) => number = (rack) => rack): PlaceBalance[] {
  const all = Array.from({ length: RACKS * HOSTS }, (_, n) => {
    const [rack, host] = [Math.floor(n / HOSTS), n % HOSTS]
    return { rack, host, series: { host: { node: `h${rack}-${host}` }, joules: joulesOf(rack, host) } }
  })
  return Array.from({ length: RACKS }, (_, rack) => {
    const told = all.filter((one) => one.rack === rack)
    const there = all.filter((one) => standsIn(one.rack, one.host) === rack)
    const at = (hosts: typeof all, hour: number) => sumOf(hosts.map(({ series }) => series.joules[hour] ?? 0))
    const hours = Array.from({ length: HOURS }, (_, hour) => hour)
    const machines = Float64Array.from(hours, (hour) => at(told, hour))
    const meter = 1.01 + 0.02 * chance(rack)
    const supply = Float64Array.from(hours, (hour) => at(there, hour) * (meter + noise * chance(rack, hour)))
    const residual = supply.map((joules, hour) => joules - (machines[hour] ?? 0))
    return {
      supplied: { place: { name: `r${rack}` }, inner: [] },
      hosts: told.map(({ series }) => series as unknown as HostSeries),
      machines,
      residual,
      balanced: HOURS,
      supplyJ: sumOf(supply),
      machinesJ: sumOf(machines),
      residualJ: sumOf(residual),
    } as unknown as PlaceBalance
  })
}

/** By name, since what is told of them holds all hours of their racks, which no message could. */
function accused(balances: readonly PlaceBalance[]) {
  const { liars, swaps } = suspectsOf(balances)
  return {
    liars: liars.map(({ series }) => series.host.node),
    swaps: swaps.map(({ from, to, leaves, comes }) => [
      `${from.supplied.place.name} ${leaves?.host.node ?? 'none'}`,
      `${to.supplied.place.name} ${comes?.host.node ?? 'none'}`,
    ]),
  }
}

test('racks whose meters are off by what they may be off by accuse no host', () => {
  for (const noise of [0.002, 0.02]) assert.deepEqual(accused(racksOf(noise)), { liars: [], swaps: [] })
})

test('two hosts that stand in each other’s rack are found all the same, and one that was moved', () => {
  const swapped = (rack: number, host: number) => (rack === 3 && host === 4 ? 11 : rack === 11 && host === 9 ? 3 : rack)
  assert.deepEqual(accused(racksOf(0.002, swapped)), { liars: [], swaps: [['r3 h3-4', 'r11 h11-9']] })
  const moved = accused(racksOf(0.002, (rack, host) => (rack === 5 && host === 7 ? 8 : rack)))
  assert.deepEqual(moved.swaps, [['r5 h5-7', 'r8 none']])
})
