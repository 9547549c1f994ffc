import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { getHeapStatistics } from 'node:v8'
import { createCarbon } from '../src/carbon/create-carbon.ts'
import { loadConfig } from '../src/config/loader.ts'
import { Bookkeeper } from '../src/integration/bookkeeper.ts'
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
import type { BenchRow } from './row.ts'

const GPUS = 16
const WARM_UP_S = 600
const HOUR_S = 3_600
const ALLOCATING_S = 600
const FLUSH_S = 10
const SCRAPE_S = 15
const START_UNIX_MS = Date.UTC(2026, 0, 1)

const logger: Logger = { ...SILENT, error: (_, message) => fail(message) }

function fail(message: string): never {
  throw new Error(message)
}

const clock = {
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
const CARDS = Array.from({ length: GPUS }, (_, n) => {
  const number = n.toString(16).padStart(2, '0')
  return channel('nvml', 'gpu', `GPU-5f6e1b2c-0d3a-4c88-9f1e-0000000000${number}`, `0000:${number}:00.0`)
})

/** Counters of 100 to 400 W, each read once a second, a little apart. */
class Counters implements Sensor {
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
class Passes {
  readonly #ledger: Ledger
  readonly #carbon: ReturnType<typeof createCarbon>
  readonly #books: Bookkeeper
  readonly #sampler: Sampler
  #done = 0

  constructor(root: string) {
    const config = loadConfig(null, { HOME: root }, join(root, 'none.yaml'))
    writeMachine(root, { ...bare, ...xeon2s })
    const parts = partsOf(readHost({ sysfs: join(root, 'sys'), procfs: join(root, 'proc') }), null)
    const { unixMs } = clock
    const { raw, minutes, consumers } = config.ledger.keep
    const keep = { rawMs: raw, minutesMs: minutes, consumersMs: consumers }
    const path = join(root, 'ledger.db')
    this.#ledger = new Ledger({ path, keep, logger, unixMs, uptimeMs: unixMs })
    const cache = this.#ledger.intensityCache
    this.#carbon = createCarbon(config.carbon, { store: this.#ledger, parts, logger, unixMs, env: {}, cache })
    this.#books = new Bookkeeper({
      store: this.#ledger,
      clock,
      bootId: 'bench',
      meter: 'auto',
      machine: { memoryGb: parts.memoryGb, supply: createSupply(config.node.supply, 2_000) },
      carbon: this.#carbon,
      attribution: null,
      selfCpuShare: ownCpuShare(),
      // The flushes come by this clock.
      flushMs: 10_000,
      node: () => ({ name: 'bench', labels: {} }),
      sensors: () => this.#sampler.snapshots,
    })
    const sensors = [new Counters('rapl', SOCKETS), new Counters('nvml', CARDS)]
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
    if (this.#done % FLUSH_S !== 0) return
    this.#books.flush()
    // Lets the copy of the totals be written.
    await setImmediate()
  }
}

/** Of all threads of this process. */
function cpuUs(): number {
  const { user, system } = process.cpuUsage()
  return user + system
}

async function perPass(passes: Passes, seconds: number, spent: () => number): Promise<number> {
  const before = spent()
  for (let second = 0; second < seconds; second++) await passes.pass()
  return (spent() - before) / seconds
}

/** A pass that only adds up what the counters counted. */
function bareUs(): number {
  const sensors = [new Counters('rapl', SOCKETS), new Counters('nvml', CARDS)]
  const lastUj = new Map<string, bigint>()
  let sumUj = 0n
  const before = cpuUs()
  for (let second = 0; second < HOUR_S; second++) {
    clock.ns += NS_PER_S
    for (const sensor of sensors) {
      for (const [n, reading] of (sensor.drain()[0]?.readings ?? []).entries()) {
        if (reading.status !== 'counter') continue
        const key = `${sensor.name} ${n}`
        sumUj += reading.count - (lastUj.get(key) ?? reading.count)
        lastUj.set(key, reading.count)
      }
    }
  }
  return sumUj > 0n ? (cpuUs() - before) / HOUR_S : fail('nothing counted')
}

/** Of the passes in which nothing was collected. */
async function bytesPerPass(passes: Passes): Promise<number> {
  let [bytes, counted] = [0, 0]
  for (let second = 0; second < ALLOCATING_S; second++) {
    const before = getHeapStatistics().used_heap_size
    await passes.pass()
    const grown = getHeapStatistics().used_heap_size - before
    if (grown <= 0) continue
    bytes += grown
    counted += 1
  }
  return bytes / counted
}

/** An hour of a machine of 20 channels with a scrape each 15 s: what the daemon costs beside reading and answering. */
export async function tickRows(): Promise<BenchRow[]> {
  const root = mkdtempSync(join(tmpdir(), 'bench-'))
  const passes = new Passes(root)
  try {
    await passes.start()
    await perPass(passes, WARM_UP_S, cpuUs)
    const us = await perPass(passes, HOUR_S, cpuUs)
    const bytes = await bytesPerPass(passes)
    await passes.stop()
    const sumsUs = bareUs()
    const channels = SOCKETS.length + CARDS.length
    return [
      {
        name: `tick, ${channels} channels, CPU / bare sums`,
        figure: `${us.toFixed(0)} µs / ${(us / sumsUs).toFixed(1)}`,
        aim: 'below 300 µs / 60',
      },
      { name: `tick, ${channels} channels, allocated`, figure: `${(bytes / 1e3).toFixed(0)} kB`, aim: 'below 200 kB' },
    ]
  } finally {
    rmSync(root, { recursive: true })
  }
}
