import type { Reconciled } from '../../src/fleet/account/reconcile.ts'
import { Chance } from './chance.ts'
import { type Features, type Graph, MessagePassing } from './graph.ts'
import type { SiteHour } from './model/site.ts'
import { LEARNED_HOURS } from './simulate.ts'

const [RACK, ROOM, COOLING, CAMPUS] = [0, 1, 2, 3]
const INPUTS = 7
const EPOCHS = 25
const BATCH = 24
/** The last days that it may see say when to stop, and how much of it to believe. */
const TRAINED_HOURS = LEARNED_HOURS * 0.8
/** Corrections are learned in percent of the building's power, so that steps are of the size of weights. */
const PERCENT = 100

/** What the levels tell, corrected by a network over racks, rooms, cooling and the building that learns what was left. */
export function byGraph(
  hours: readonly SiteHour[],
  levels: readonly Reconciled[],
  seed: number,
): readonly number[] | null {
  const first = levels[0]
  const isKnown = hours.some(({ mainW }, index) => mainW !== null && index < TRAINED_HOURS)
  if (first === undefined || !isKnown) return null
  const features = featuresOf(hours, levels)
  const rows = levels.flatMap(({ powerW }, index) => {
    const mainW = index < LEARNED_HOURS ? (hours[index]?.mainW ?? null) : null
    return mainW === null ? [] : [{ index, features: features[index] as Features, off: PERCENT * (mainW / powerW - 1) }]
  })
  const train = rows.filter(({ index }) => index < TRAINED_HOURS)
  const held = rows.filter(({ index }) => index >= TRAINED_HOURS)
  const network = new MessagePassing(graphOf(first), INPUTS, seed)
  const chance = new Chance(seed)
  let best = { error: errorOf(held, () => 0), weights: network.weights, part: 0 }
  for (let epoch = 0; epoch < EPOCHS; epoch++) {
    for (let batch = 0; batch < train.length / BATCH; batch++)
      network.learn(
        Array.from({ length: BATCH }, () => chance.of(train)).map((row) => [row.features, row.off] as const),
      )
    const told = held.map((row) => network.tell(row.features))
    for (const part of [0.25, 0.5, 0.75, 1]) {
      const error = errorOf(held, (index) => part * (told[index] ?? 0))
      if (error < best.error) best = { error, weights: network.weights, part }
    }
  }
  network.weights = best.weights
  return levels.map(
    ({ powerW }, index) => powerW * (1 + (best.part * network.tell(features[index] as Features)) / PERCENT),
  )
}

function errorOf(rows: readonly { readonly off: number }[], correction: (index: number) => number): number {
  return rows.reduce((sum, { off }, index) => sum + Math.abs(off - correction(index)), 0)
}

/** Racks next to their room and the rack beside them, rooms next to the building and its cooling. */
function graphOf(campus: Reconciled): Graph {
  const kinds: number[] = [CAMPUS, COOLING]
  const neighbours: number[][] = [[1], [0]]
  const link = (a: number, b: number): void => {
    neighbours[a]?.push(b)
    neighbours[b]?.push(a)
  }
  for (const room of roomsOf(campus)) {
    const at = kinds.push(ROOM) - 1
    neighbours.push([])
    link(0, at)
    link(1, at)
    for (const [index] of racksOf(room).entries()) {
      const rack = kinds.push(RACK) - 1
      neighbours.push([])
      link(at, rack)
      if (index > 0) link(rack, rack - 1)
    }
  }
  return { kinds, neighbours, target: 0 }
}

/** Of each node its power against its usual one now and before, of what it consists, and weather and hour for all. */
function featuresOf(hours: readonly SiteHour[], levels: readonly Reconciled[]): readonly Features[] {
  const powers = levels.map((campus) => [
    campus,
    coolingOf(campus),
    ...roomsOf(campus).flatMap((room) => [room, ...racksOf(room)]),
  ])
  const usual = (powers[0] ?? []).map((_, node) => {
    const learned = powers.slice(0, LEARNED_HOURS).map((nodes) => nodes[node]?.powerW ?? 0)
    return Math.max(1, learned.reduce((sum, powerW) => sum + powerW, 0) / learned.length)
  })
  return powers.map((nodes, hour) => {
    const { dryC, wetC } = hours[hour]?.weather ?? { dryC: 10, wetC: 10 }
    const angle = (2 * Math.PI * hour) / 24
    const shared = [(dryC - 10) / 10, (wetC - 10) / 10, Math.sin(angle), Math.cos(angle)]
    return nodes.map((node, index) => {
      const own = usual[index] ?? 1
      const load = node.powerW / own - 1
      const before = (powers[Math.max(0, hour - 2)]?.[index]?.powerW ?? own) / own - 1
      return [3 * load, 3 * (load - before), (50 * node.sdW) / own, ...shared]
    })
  })
}

const roomsOf = ({ children }: Reconciled) => children.filter(({ name }) => name.startsWith('room'))
const racksOf = ({ children }: Reconciled) => children.filter(({ name }) => name.startsWith('rack'))
const coolingOf = ({ children }: Reconciled) => children.find(({ name }) => name === 'cooling') as Reconciled
