import assert from 'node:assert/strict'
import { test } from 'node:test'
import { contributionsOf, evaluate, type Method, mean } from '../../../bench/hierarchy/evaluate.ts'
import { type Graph, MessagePassing } from '../../../bench/hierarchy/graph.ts'
import { SCENARIOS, type Scenario } from '../../../bench/hierarchy/missing.ts'
import { HOURS, simulate } from '../../../bench/hierarchy/simulate.ts'

const SIZE = { name: 'tiny', rooms: 1, racksPerRoom: 2, hostsPerRack: 10 }
const site = simulate(SIZE, 4)

test('a site is the same again for its seed, and its levels are all of its power', () => {
  const again = simulate(SIZE, 4)
  assert.deepEqual(again.truth.at(-1), site.truth.at(-1))
  assert.deepEqual(again.hours.at(-1), site.hours.at(-1))
  assert.equal(site.truth.length, HOURS)
  for (const { hosts, distribution, supply, cooling, other, campus, rooms } of site.truth) {
    assert.ok(Math.abs(hosts + distribution + supply + cooling + other - campus) < 1e-6)
    assert.ok(Math.abs(rooms.reduce((sum, room) => sum + room, 0) - hosts - distribution - supply) < 1e-6)
  }
})

test('levels tell sites that fell silent below 2 %, and 40 % better than their annual PUE', () => {
  const sites = [1, 2, 3].map((seed) => evaluate(simulate(SIZE, seed), SCENARIOS[0] as Scenario, 1, false))
  const errorOf = (method: Method) => mean(sites.map(({ scores }) => scores.get(method)?.mape ?? Number.NaN))
  const [levels, annual] = [errorOf('levels'), errorOf('annual PUE')]
  assert.ok(levels < 0.02 && levels < 0.6 * annual, `${levels}, annual PUE ${annual}`)
})

test('without a main only the levels and a published PUE tell anything', () => {
  const { scores } = evaluate(site, SCENARIOS.find(({ name }) => name === 'no main') as Scenario, 1, true)
  assert.deepEqual([...scores.keys()], ['annual PUE', 'levels'])
})

test('contributions are the whole, estimated hosts among hosts', () => {
  const leaf = (name: string, powerW: number) => ({ name, powerW, sdW: 0, adjustmentW: null, children: [] })
  const rack = {
    ...leaf('rack 1.1', 12),
    children: [leaf('hosts', 7), leaf('estimated hosts', 2), leaf('distribution', 3)],
  }
  assert.deepEqual(contributionsOf({ ...leaf('campus', 16), children: [rack, leaf('cooling', 4)] }), {
    hosts: 9,
    distribution: 3,
    supply: 0,
    cooling: 4,
    other: 0,
  })
})

test('the network learns what only a neighbour of a neighbour knows', () => {
  const graph: Graph = { kinds: [3, 1, 0], neighbours: [[1], [0, 2], [1]], target: 0 }
  const network = new MessagePassing(graph, 1, 5)
  const rows = Array.from({ length: 40 }, (_, index) => [[[0], [0], [Math.sin(index)]], 0.5 * Math.sin(index)] as const)
  const error = () =>
    rows.reduce((sum, [features, correction]) => sum + Math.abs(network.tell(features) - correction), 0) / rows.length
  const before = error()
  for (let step = 0; step < 700; step++) network.learn(rows)
  assert.ok(error() < 0.1 * before, `${error()} of ${before}`)
})
