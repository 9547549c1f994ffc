import { createHash } from 'node:crypto'
import { NO_CARBON } from '../../src/model/carbon.ts'
import type { Snapshot } from '../../src/model/snapshot.ts'
import { HOUR_MS } from '../../src/model/time.ts'
import { A_SNAPSHOT } from '../../test/exporter/a-snapshot.ts'
import { snapshotOf } from '../scrape.ts'
import { chance, powerW } from './load.ts'
import { labelsOf } from './site.ts'

/** RAPL's zones of two sockets, a BMC's supplies and input, which with the rest make 147 series, as such a host has. */
const CHANNELS = 13
const LEAVES = [
  { part: 'processors', hardware: 'socket-0', source: 'rapl' },
  { part: 'processors', hardware: 'socket-1', source: 'rapl' },
  { part: 'memory', hardware: 'socket-0', source: 'rapl' },
  { part: 'memory', hardware: 'socket-1', source: 'rapl' },
  { part: 'rest', hardware: 'node', source: 'dcmi' },
  { part: 'supply_loss', hardware: 'node', source: 'model' },
] as const
/** An hour is closed when its last energy has come. */
const CLOSED_AFTER_MS = 95_000
const G_PER_KWH = 381.4
const STEP_MS = 15_000
const MOVE_AFTER_MS = 3_660_000

const idOf = (name: string): string => createHash('sha256').update(name).digest('hex').slice(0, 32)

/** One host of the fleet: what its agent would show, moved on by a trace of load. */
export class SimulatedHost {
  readonly index: number
  readonly #machine: string
  readonly #bornUnixMs: number
  #atUnixMs: number
  #joules: number
  #settled: { hour: number; joules: number }

  constructor(index: number, unixMs: number) {
    this.index = index
    // Every hundredth is known by two addresses, as a host is that stands in two lists of targets.
    this.#machine = idOf(`host-${index % 100 === 99 ? index - 1 : index}`)
    this.#bornUnixMs = unixMs
    this.#atUnixMs = unixMs
    this.#joules = Math.floor(chance(index, 6) * 3e9)
    this.#settled = { hour: Math.floor((unixMs - CLOSED_AFTER_MS) / HOUR_MS), joules: this.#joules }
  }

  /** Moves on, in steps of a scrape, and shows where it is. */
  snapshotAt(unixMs: number): Snapshot {
    while (this.#atUnixMs < unixMs) {
      const stepMs = Math.min(STEP_MS, unixMs - this.#atUnixMs)
      this.#joules += (powerW(this.index, this.#atUnixMs + stepMs / 2) * stepMs) / 1e3
      this.#atUnixMs += stepMs
      const hour = Math.floor((this.#atUnixMs - CLOSED_AFTER_MS) / HOUR_MS)
      if (hour > this.#settled.hour) this.#settled = { hour, joules: this.#joules }
    }
    return this.#show()
  }

  get #isMoved(): boolean {
    return this.index % 500 === 3 && this.#atUnixMs - this.#bornUnixMs > MOVE_AFTER_MS
  }

  #show(): Snapshot {
    const uj = (share: number): bigint => BigInt(Math.round(this.#joules * share * 1e6))
    const settledUj = BigInt(Math.round(this.#settled.joules * 1e6))
    const nowW = powerW(this.index, this.#atUnixMs)
    const ug = (energyUj: bigint): bigint => (energyUj * BigInt(Math.round(G_PER_KWH * 1e6))) / 3_600_000_000_000n
    const co2eUg = (energyUj: bigint) => ({
      ...NO_CARBON.bookedUg,
      location: { direct: 0n, 'life-cycle': ug(energyUj) },
      embodied: { direct: 0n, 'life-cycle': ug(energyUj) / 9n },
    })
    const base = snapshotOf(CHANNELS, 0)
    const parts = { processors: 0.55, memory: 0.1, rest: 0.28, supply_loss: 0.07 } as const
    const states = Object.entries(parts) as [keyof typeof parts, number][]
    return {
      ...base,
      atUnixMs: this.#atUnixMs,
      node: {
        ...base.node,
        name: `host-${this.index}`,
        machine: this.#machine,
        // One of five hundred is carried to the next rack.
        labels: labelsOf(this.#isMoved ? this.index + 40 : this.index),
        meter: this.index % 3 === 0 ? 'components' : 'dcmi',
        powerUw: BigInt(Math.round(nowW * 1e6)),
        leaves: LEAVES,
        uncertaintyRatio: this.index % 3 === 0 ? 0.12 : 0.03,
        totals: {
          energyUj: { measured: uj(1), derived: 0n, estimated: 0n },
          parts: states.flatMap(([part, share]) =>
            (['measured', 'derived', 'estimated'] as const).map((quality) => ({
              part,
              quality,
              energyUj: quality === 'measured' ? uj(share) : 0n,
            })),
          ),
          unaccountedNs: 83_500_000_000n,
          leafGaps: [],
        },
      },
      channels: base.channels.map((channel, n) => ({
        ...channel,
        sensor: n < 5 ? 'rapl' : 'ipmi',
        device: `device-${n}`,
        energyUj: uj(0.11 + n / 100),
        powerUw: BigInt(Math.round(nowW * (0.11 + n / 100) * 1e6)),
      })),
      carbon: { ...base.carbon, bookedUg: co2eUg(uj(1)) },
      attribution: {
        consumers: [],
        tenants: [],
        parts: states.map(([part, share]) => ({
          part,
          idleUj: uj(share * 0.4),
          dynamicUj: uj(share * 0.6),
          waitingUj: 0n,
        })),
      },
      sensors: A_SNAPSHOT.sensors.slice(0, 2),
      settled: {
        untilUnixMs: this.#settled.hour * HOUR_MS,
        node: { energyUj: settledUj, co2eUg: co2eUg(settledUj), siteWaterUl: 0n, gridWaterUl: settledUj / 1_000_000n },
        tenants: new Map(),
      },
    }
  }
}
