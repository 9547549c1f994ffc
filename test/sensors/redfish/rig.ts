import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import type { Channel } from '../../../src/model/channel.ts'
import type { Reading } from '../../../src/model/reading.ts'
import { SensorError } from '../../../src/model/sensor-error.ts'
import type { ToldParts } from '../../../src/model/told-parts.ts'
import { NS_PER_MS, wattsOf } from '../../../src/model/units.ts'
import { RedfishSensor } from '../../../src/sensors/redfish/redfish.ts'
import { redfishSchema } from '../../../src/sensors/redfish/schema.ts'
import { Bmc } from '../../fixtures/redfish/bmc.ts'
import type { Tree } from '../../fixtures/redfish/trees.ts'
import { TestClock } from '../../integration/machine.ts'

/** Shorter than any time between two looks at the parts. */
const SHORT_MS = 30_000

/** A controller, the sensor that reads it, and time that passes when the test says so. */
export class Rig {
  readonly bmc: Bmc
  readonly clock = new TestClock()
  readonly sensor: RedfishSensor
  readonly passwordFile: string
  /** What the sensor wanted to wait before each pass. */
  readonly waits: number[] = []
  channels: readonly Channel[] = []
  #release = () => {}
  #arrival = Promise.withResolvers<void>()
  /** What it wanted to wait before it asks for parts again. */
  readonly rests: number[] = []
  #ask = () => {}
  #rested = Promise.withResolvers<void>()

  private constructor(bmc: Bmc, keys: object) {
    this.bmc = bmc
    this.passwordFile = bmc.passwordFile
    const settings = redfishSchema.parse({ ...bmc.keys, ...keys })
    const context = { sysfs: bmc.folder, procfs: bmc.folder, devfs: bmc.folder, clock: this.clock }
    this.sensor = new RedfishSensor(
      settings,
      context,
      (ms, signal) => this.#wait(ms, signal),
      (ms, signal) => this.#rest(ms, signal),
    )
  }

  static async create(t: TestContext, tree: Tree, keys: object = {}): Promise<Rig> {
    const bmc = await Bmc.start(tree)
    const rig = new Rig(bmc, keys)
    t.after(async () => {
      await rig.sensor.close()
      await bmc[Symbol.asyncDispose]()
    })
    return rig
  }

  async open(): Promise<readonly Channel[]> {
    this.channels = await this.sensor.open(new AbortController().signal)
    return this.channels
  }

  /** Why it cannot be opened. */
  async refusal(): Promise<SensorError> {
    const error: unknown = await this.open().then(
      () => null,
      (error) => error,
    )
    assert.ok(error instanceof SensorError, String(error))
    return error
  }

  /** Lets the time pass that the sensor waits for, and one pass; returns what came of it. */
  async pass(): Promise<readonly Reading[]> {
    await this.#arrival.promise
    this.#arrival = Promise.withResolvers()
    this.clock.advance(BigInt(this.waits.at(-1) ?? 0) * NS_PER_MS)
    this.#release()
    await this.#arrival.promise
    return this.sensor.drain().flatMap(({ readings }) => readings)
  }

  /** Lets the time pass until it asks for the machine's parts, and until it has; returns what it knows of them. */
  async told(): Promise<ToldParts | null> {
    await this.#rested.promise
    this.#rested = Promise.withResolvers()
    this.clock.advance(BigInt(this.rests.at(-1) ?? 0) * NS_PER_MS)
    this.#ask()
    await this.#rested.promise
    return this.sensor.told
  }

  /** Between two requests the time passes by itself. */
  #rest(ms: number, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return Promise.reject(signal.reason)
    if (ms < SHORT_MS) {
      this.clock.advance(BigInt(ms) * NS_PER_MS)
      return Promise.resolve()
    }
    this.rests.push(ms)
    return new Promise((resolve, reject) => {
      this.#ask = resolve
      signal.addEventListener('abort', () => reject(signal.reason), { once: true })
      this.#rested.resolve()
    })
  }

  #wait(ms: number, signal: AbortSignal): Promise<void> {
    this.waits.push(ms)
    return new Promise((resolve, reject) => {
      this.#release = resolve
      signal.addEventListener('abort', () => reject(signal.reason), { once: true })
      this.#arrival.resolve()
    })
  }
}

/** W, counts or the code of a failure. */
export function shown(readings: readonly Reading[]): readonly (number | bigint | string)[] {
  return readings.map((reading) => {
    if (reading.status === 'failed') return reading.code
    return reading.status === 'power' ? wattsOf(reading.powerUw) : reading.count
  })
}
