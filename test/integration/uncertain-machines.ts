import { Integration } from '../../src/integration/integration.ts'
import { createSupply } from '../../src/integration/supply.ts'
import type { NodeRow } from '../../src/model/batch.ts'
import type { Channel } from '../../src/model/channel.ts'
import { NS_PER_S } from '../../src/model/units.ts'
import { count, counterChannel, failed, plainCarbon, power, powerChannel, TestClock, watts } from './machine.ts'

const PASS_S = 10
const HOUR_S = 3_600

/** Numbers from 0 to 1, the same for the same seed (mulberry32). */
export class Chance {
  #state: number

  constructor(seed: number) {
    this.#state = seed
  }

  uniform(low = 0, high = 1): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return low + ((high - low) * ((mixed ^ (mixed >>> 14)) >>> 0)) / 2 ** 32
  }

  normal(sigma: number): number {
    return sigma * Math.sqrt(-2 * Math.log(1 - this.uniform())) * Math.cos(2 * Math.PI * this.uniform())
  }

  triangular(low: number, best: number, high: number): number {
    const share = this.uniform()
    const rising = (best - low) / (high - low)
    if (share < rising) return low + Math.sqrt(share * (high - low) * (best - low))
    return high - Math.sqrt((1 - share) * (high - low) * (high - best))
  }
}

/** Power in W of each second. */
type Course = Float64Array

/** A meter that errs as its class allows. */
interface Meter {
  readonly channel: Channel
  /** What it tells of the second that ends at `s`: W, or J since the start for a counter; null where it is silent. */
  readonly tells: (s: number) => number | null
}

export interface Machine {
  readonly meters: readonly Meter[]
  /** At the input of the machine. */
  readonly truth: Course
}

export const MACHINES = ['bmc', 'supplies', 'steps', 'silent', 'packages', 'boards', 'model'] as const
export type MachineKind = (typeof MACHINES)[number]

const MEMORY_GB = 128
const RAPL = 0.04
const BOARD = 0.05 / Math.sqrt(3)
const BMC = 0.02
const MODEL = 0.15

/** A machine whose parts, meters and loads are drawn by lot from what the account takes to be possible. */
export function machineOf(kind: MachineKind, chance: Chance): Machine {
  const sockets = [0, 1].map(() => loaded(chance, 40, chance.uniform(120, 300)))
  const cards = kind === 'boards' ? Array.from({ length: 8 }, () => loaded(chance, 70, 700)) : []
  const memoryW = MEMORY_GB * chance.triangular(0.19, 0.284, 0.54)
  const aroundHost = chance.triangular(1.2, 1.33, 1.6) * 0.92
  const lost = chance.uniform(0.041, 0.133)
  const truth = Float64Array.from({ length: HOUR_S + PASS_S }, (_, s) => {
    const hostW = at(sockets, s) + memoryW
    return (hostW * aroundHost + at(cards, s)) * (1 + lost)
  })
  const gain = 1 + chance.normal(RAPL)
  const packages = sockets.map((course, n) => counter(counterChannel(`package-${n}`, NEVER_WRAPS), course, gain))
  const boards = cards.map((course, n) => {
    const common = { sensor: 'nvml', scope: 'gpu', hardware: `gpu-${n}`, relativeUncertainty: BOARD } as const
    return counter(counterChannel(`gpu-${n}`, { ...NEVER_WRAPS, ...common }), course, 1 + chance.uniform(-0.05, 0.05))
  })
  if (kind === 'model') return { truth, meters: [modelOf(sockets, memoryW, chance)] }
  return { truth, meters: [...packages, ...boards, ...wholeMeters(kind, truth, chance)] }
}

const NEVER_WRAPS = {
  modulus: null,
  maxPowerUw: watts(2_000),
  relativeUncertainty: RAPL,
  intervalNs: BigInt(PASS_S) * NS_PER_S,
}

/** Half an hour at a time, or a minute, at one load; seconds of another in between. */
function loaded(chance: Chance, idleW: number, fullW: number): Course {
  const meanS = chance.uniform(20, 900)
  let levelW = chance.uniform(idleW, fullW)
  return Float64Array.from({ length: HOUR_S + PASS_S }, () => {
    if (chance.uniform() < 1 / meanS) levelW = chance.uniform(idleW, fullW)
    return levelW
  })
}

function at(courses: readonly Course[], s: number): number {
  return courses.reduce((sum, course) => sum + (course[s] ?? 0), 0)
}

function counter(channel: Channel, course: Course, gain: number): Meter {
  let [joules, doneS] = [0, 0]
  const tells = (s: number) => {
    for (; doneS < s; doneS++) joules += (course[doneS] ?? 0) * gain
    return joules
  }
  return { channel, tells }
}

/** What no meter tells at all: processors and memory by a model that is wrong by one factor. */
function modelOf(sockets: readonly Course[], memoryW: number, chance: Chance): Meter {
  const factor = Math.exp(chance.normal(MODEL))
  const channel = powerChannel('package-0', {
    sensor: 'estimate',
    scope: 'package',
    quality: 'estimated',
    nodeMeter: null,
    hardware: 'socket-0',
    relativeUncertainty: MODEL,
    intervalNs: NEVER_WRAPS.intervalNs,
  })
  // The other memory is counted by its size.
  const others = memoryW - MEMORY_GB * 0.284
  return { channel, tells: (s) => (at(sockets, s - 1) + others) / factor }
}

function wholeMeters(kind: MachineKind, truth: Course, chance: Chance): readonly Meter[] {
  if (kind === 'packages' || kind === 'boards') return []
  const devices = kind === 'supplies' ? [0.5, 0.5] : [1]
  const stepW = kind === 'steps' ? 10 : 1
  const silentFromS = chance.uniform(300, 2_000)
  const silentS = kind === 'silent' ? chance.uniform(600, 1_500) : chance.uniform(0, 40)
  const usualW = truth[0] ?? 0
  return devices.map((share, n) => {
    const gain = 1 + chance.normal(BMC)
    const windowS = Math.round(chance.uniform(1, 20))
    const channel = powerChannel(`supply-${n}`, {
      nodeMeter: kind === 'supplies' ? 'psu' : 'dcmi',
      scope: kind === 'supplies' ? 'psu' : 'ac_in',
      intervalNs: NEVER_WRAPS.intervalNs,
      relativeUncertainty: Math.hypot(BMC, stepW / Math.sqrt(12) / (usualW * share)),
    })
    const tells = (s: number) => {
      if (s > silentFromS && s < silentFromS + silentS) return null
      const window = truth.subarray(Math.max(0, s - windowS), s)
      const meanW = window.reduce((sum, w) => sum + w, 0) / window.length
      return Math.round((meanW * share * gain) / stepW) * stepW
    }
    return { channel, tells }
  })
}

/** An hour of an account beside the truth, in J. */
export interface Hour {
  readonly truthJ: number
  readonly countedJ: number
  /** Half of the 95 % interval: what the exporter shows, and what the rows of the ledger give. */
  readonly shownJ: number
  readonly writtenJ: number
}

export function hourOf({ meters, truth }: Machine): Hour {
  const clock = new TestClock()
  const startNs = clock.ns
  const node = new Integration({
    clock,
    restored: null,
    bootId: 'boot-1',
    meter: 'auto',
    machine: { supply: createSupply({ rated_w: null, count: 2, rating: null, volts: 230 }, null), memoryGb: MEMORY_GB },
    carbon: plainCarbon(),
    attribution: null,
    selfCpuShare: () => 0,
  })
  const bySensor = Map.groupBy(meters, ({ channel }) => channel.sensor)
  for (const [sensor, own] of bySensor)
    node.setChannels(
      sensor,
      own.map(({ channel }) => channel),
    )
  node.openAccount()
  const rows: NodeRow[] = []
  for (let s = PASS_S; s <= HOUR_S; s += PASS_S) {
    clock.advance(BigInt(PASS_S) * NS_PER_S)
    for (const [sensor, own] of bySensor) {
      const readings = own.map(({ channel, tells }) => readingOf(channel, tells(s), clock.ns))
      node.accept(sensor, [{ first: 0, readings }])
    }
    node.tick()
    if (s < HOUR_S) rows.push(...node.collect().nodeRows)
  }
  const { uncertaintyRatio } = node.gauges()
  const last = node.collect()
  rows.push(...last.nodeRows)
  const countedJ = Number(node.nodeUj) / 1e6
  const endS = Number(((last.state.node.settledNs ?? startNs) - startNs) / NS_PER_S)
  const truthJ = truth.subarray(PASS_S, endS).reduce((sum, w) => sum + w, 0)
  return { truthJ, countedJ, shownJ: (uncertaintyRatio ?? 0) * countedJ, writtenJ: writtenOf(rows) }
}

function readingOf({ kind }: Channel, value: number | null, atNs: bigint) {
  if (value === null) return failed(atNs)
  const micro = BigInt(Math.round(value * 1e6))
  return kind === 'counter' ? count(atNs, micro) : power(atNs, micro)
}

/** As the views of the ledger add it up. */
function writtenOf(rows: readonly NodeRow[]): number {
  const byMeter = new Map<string, number>()
  for (const { meter, uncertaintyUj } of rows) byMeter.set(meter, (byMeter.get(meter) ?? 0) + Number(uncertaintyUj))
  return (2 * Math.hypot(...byMeter.values())) / 1e6
}
