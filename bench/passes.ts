import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { createCarbon } from '../src/carbon/create-carbon.ts'
import { loadConfig } from '../src/config/loader.ts'
import { Bookkeeper } from '../src/integration/bookkeeper.ts'
import { ShownFile } from '../src/integration/shown-file.ts'
import { createSupply } from '../src/integration/supply.ts'
import { Ledger } from '../src/ledger/ledger.ts'
import { readHost } from '../src/machine/host.ts'
import { partsOf } from '../src/machine/machine-parts.ts'
import type { CounterChannel } from '../src/model/channel.ts'
import { type Logger, SILENT } from '../src/model/logger.ts'
import type { Sweep } from '../src/model/reading.ts'
import type { Sensor } from '../src/model/sensor.ts'
import { NS_PER_S } from '../src/model/units.ts'
import { ownCpuShare } from '../src/native/own-cpu-share.ts'
import { Sampler } from '../src/sampling/sampler.ts'
import { bare } from '../test/evidence/bare.ts'
import { writeMachine } from '../test/fixtures/machines/machine.ts'
import { xeon2s } from '../test/fixtures/machines/rapl.ts'

const SCRAPE_S = 15
const START_UNIX_MS = Date.UTC(2026, 0, 1)

const logger: Logger = { ...SILENT, error: (_, message) => fail(message) }

export function fail(message: string): never {
  throw new Error(message)
}

/** Only `Passes` moves it. */
export const clock = {
  ns: 1_000n * NS_PER_S,
  monotonicNs: () => clock.ns,
  boottimeNs: () => clock.ns,
  unixMs: () => START_UNIX_MS + Number(clock.ns / 1_000_000n),
}

function channel(sensor: string, scope: 'package' | 'dram' | 'gpu', device: string, hardware: string): CounterChannel {
  return {
    sensor,
    scope,
    device,
    hardware,
    kind: 'counter',
    quality: 'measured',
    modulus: sensor === 'rapl' ? 262_143_328_850n : null,
    unitUj: { numerator: 1n, denominator: 1n },
    maxPowerUw: 1_000_000_000n,
    relativeUncertainty: 0.05,
    nodeMeter: null,
    intervalNs: NS_PER_S,
    facts: {},
  }
}

const SOCKETS = [0, 1].flatMap((n) => [
  channel('rapl', 'package', `package-${n}`, `socket-${n}`),
  channel('rapl', 'dram', `package-${n}`, `socket-${n}`),
])

/** Two sockets and some cards, each with counters that go on as the clock does. */
export function countersOf(cards: number): readonly Counters[] {
  const gpus = Array.from({ length: cards }, (_, n) => {
    const number = n.toString(16).padStart(2, '0')
    return channel('nvml', 'gpu', `GPU-5f6e1b2c-0d3a-4c88-9f1e-0000000000${number}`, `0000:${number}:00.0`)
  })
  return [new Counters('rapl', SOCKETS), ...(cards > 0 ? [new Counters('nvml', gpus)] : [])]
}

/** Counters of 100 to 400 W, each read once a second, a little apart. */
export class Counters implements Sensor {
  readonly name: string
  readonly isQuick = false
  readonly #channels: readonly CounterChannel[]
  readonly #countsUj: bigint[]

  constructor(name: string, channels: readonly CounterChannel[]) {
    this.name = name
    this.#channels = channels
    this.#countsUj = channels.map(() => 1_000_000_000n)
  }

  open = async () => this.#channels
  changed = async () => false
  readNow = async () => []
  close = async () => {}

  drain(): readonly Sweep[] {
    const { ns } = clock
    const readings = this.#countsUj.map((beforeUj, n) => {
      const watts = 250 + 150 * Math.sin(Number(ns) / 9e11 + n)
      const count = beforeUj + BigInt(Math.round(watts * 1e6))
      this.#countsUj[n] = count
      const atNs = ns - 300_000_000n + BigInt(n) * 10_000n
      return { status: 'counter', beforeNs: atNs, afterNs: atNs + 4_000n, count } as const
    })
    return [{ first: 0, readings }]
  }
}

/** All of the daemon between its sensors' threads and its HTTP server, with a clock that only this bench moves. */
export class Passes {
  readonly #ledger: Ledger
  readonly #carbon: ReturnType<typeof createCarbon>
  readonly #books: Bookkeeper
  readonly #sampler: Sampler
  readonly #flushS: number
  #done = 0

  constructor(root: string, cards: number) {
    const config = loadConfig(null, { HOME: root }, join(root, 'none.yaml'))
    writeMachine(root, { ...bare, ...xeon2s })
    const parts = partsOf(readHost({ sysfs: join(root, 'sys'), procfs: join(root, 'proc') }), null)
    const { unixMs } = clock
    const { raw, minutes, consumers } = config.ledger.keep
    const keep = { rawMs: raw, minutesMs: minutes, consumersMs: consumers }
    const path = join(root, 'ledger.db')
    this.#ledger = new Ledger({ path, keep, kept: join(root, 'unwritten'), logger, unixMs, uptimeMs: unixMs })
    const cache = this.#ledger.intensityCache
    this.#carbon = createCarbon(config.carbon, { store: this.#ledger, parts, logger, unixMs, env: {}, cache })
    this.#books = new Bookkeeper({
      store: this.#ledger,
      shown: new ShownFile(join(root, 'shown'), () => this.#ledger.holders, logger),
      clock,
      bootId: 'bench',
      meter: 'auto',
      machine: { memoryGb: parts.memoryGb, supply: createSupply(config.node.supply, 2_000) },
      carbon: this.#carbon,
      attribution: null,
      selfCpuShare: ownCpuShare(() => 2),
      flushMs: config.ledger.flush,
      node: () => ({ name: 'bench', labels: {} }),
      sensors: () => this.#sampler.snapshots,
    })
    this.#flushS = config.ledger.flush / 1_000
    const sensors = countersOf(cards)
    this.#sampler = new Sampler({
      sensors: sensors.map((sensor) => ({ sensor, required: false })),
      sink: this.#books,
      clock,
      logger,
      remarks: () => [],
    })
  }

  async start(): Promise<void> {
    const { signal } = new AbortController()
    for (const component of [this.#ledger, this.#carbon, this.#books]) await component.start(signal)
    this.#sampler.tick()
    await setImmediate()
    this.#books.openAccount()
  }

  async stop(): Promise<void> {
    const { signal } = new AbortController()
    await this.#sampler.stop()
    await this.#books.stop()
    await this.#carbon.stop(signal)
    await this.#ledger.stop()
  }

  /** One second of the daemon's life. */
  async pass(): Promise<void> {
    clock.ns += NS_PER_S
    this.#done += 1
    this.#sampler.tick()
    if (this.#done % SCRAPE_S === 0) this.#books.snapshot ?? fail('nothing to show')
    if (this.#done % this.#flushS !== 0) return
    // They come by this clock.
    this.#books.flush()
    // Lets the copy of the totals be written.
    await setImmediate()
  }
}
