import { setTimeout } from 'node:timers/promises'
import type { Channel } from '../../model/channel.ts'
import type { Reading, Sweep } from '../../model/reading.ts'
import { PolledSensor, type ReaderPlan } from '../../native/polled-sensor.ts'
import { type Comparison, CounterCheck, comparisonText, isBeyond } from './check.ts'
import type { NvmlGpu } from './gpu.ts'
import type { KnownGpus } from './known.ts'

const INSTEAD = 'its power counts instead while that lasts, as uncertain as the two differ'

/** Doctor's looks at a counter and its power: each of them is new by then. */
const LOOK_MS = 100

interface Checking {
  /** How often counter and power are compared. */
  readonly everyMs: number
  /** How long `open()` watches them before it tells its channels, for whoever looks but once; 0 for the agent. */
  readonly firstMs: number
}

/** A channel, and where its readings and those of its witness are among the reader's. */
interface Seat {
  readonly gpu: NvmlGpu
  readonly channel: Channel
  readonly at: number
  readonly witnessAt: number
  /** Those of other GPUs that tell the same module's power. */
  readonly alike: number[]
  readonly check: CounterCheck | null
}

/**
 * GPUs, each once: of two that tell the power of one module the first counts. Their energy counters are watched beside the
 * integral of their power; one that cannot be right is failed until the sensor is opened anew, and then the power is read.
 */
export class NvmlSensor extends PolledSensor {
  readonly #known: KnownGpus
  readonly #checking: Checking
  #seats: readonly Seat[] = []

  constructor(known: KnownGpus, checking: Checking, discover: () => Promise<ReaderPlan>) {
    super('nvml', async () => [await discover()])
    this.#known = known
    this.#checking = checking
  }

  override async open(signal: AbortSignal): Promise<readonly Channel[]> {
    const channels = await super.open(signal)
    this.#seats = seatsOf(this.#known.gpus, channels, this.#checking.everyMs)
    if (this.#checking.firstMs > 0) await this.#look(signal)
    return this.#seats.map(({ channel, check }) => {
      const { comparison } = check ?? {}
      return comparison ? { ...channel, facts: { ...channel.facts, check: verdictOf(comparison) } } : channel
    })
  }

  override get unmetered(): readonly string[] {
    const doubts = this.#seats.flatMap(({ gpu, check }) => {
      const doubt = this.#known.disagreementOf(gpu) ?? check?.comparison
      return doubt && isBeyond(doubt)
        ? `${gpu.title}: its energy counter made ${comparisonText(doubt)}; ${INSTEAD}`
        : []
    })
    return [...super.unmetered, ...doubts]
  }

  override drain(): readonly Sweep[] {
    return super.drain().map((sweep) => {
      for (const seat of this.#seats) this.#watch(seat, sweep)
      return this.#delivered(sweep)
    })
  }

  override async readNow(signal: AbortSignal): Promise<readonly Sweep[]> {
    return (await super.readNow(signal)).map((sweep) => this.#delivered(sweep))
  }

  protected override get isOutdated(): boolean {
    return super.isOutdated || this.#seats.some(({ check }) => check !== null && check.disagreement !== null)
  }

  async #look(signal: AbortSignal): Promise<void> {
    const watched = this.#seats.filter(({ check }) => check !== null)
    for (let looks = this.#checking.firstMs / LOOK_MS; looks > 0 && watched.length > 0; looks -= 1) {
      await setTimeout(LOOK_MS, undefined, { signal })
      await super.readNow(signal)
      this.drain()
    }
  }

  #watch({ gpu, at, witnessAt, check }: Seat, { readings }: Sweep): void {
    const [counter, power] = [readings[at], readings[witnessAt]]
    if (check === null || counter === undefined || power === undefined) return
    check.observe(counter, power)
    if (check.disagreement !== null) this.#known.distrust(gpu, check.disagreement)
  }

  #delivered({ readings }: Sweep): Sweep {
    return { first: 0, readings: this.#seats.flatMap((seat) => readingOf(seat, readings) ?? []) }
  }
}

function seatsOf(gpus: readonly NvmlGpu[], channels: readonly Channel[], everyMs: number): readonly Seat[] {
  const seats: Seat[] = []
  for (const [at, gpu] of gpus.entries()) {
    const channel = channels[at]
    if (channel === undefined || gpu.isWitness) continue
    const first = seats.find((seat) => isOfOneModule(seat.channel, channel))
    if (first !== undefined) {
      first.alike.push(at)
      continue
    }
    const witnessAt = gpus.findIndex((one) => one.isWitness && one.uuid === gpu.uuid && tellsTheSame(one, gpu))
    const witness = gpus[witnessAt]
    const check = channel.kind === 'counter' && witness ? new CounterCheck(gpu, channel, witness, everyMs) : null
    seats.push({ gpu, channel, at, witnessAt, alike: [], check })
  }
  return seats
}

function verdictOf(comparison: Comparison): string {
  const verdict = isBeyond(comparison) ? 'they disagree' : 'they agree'
  return `the energy counter made ${comparisonText(comparison)}: ${verdict}`
}

const isOfOneModule = (a: Channel, b: Channel): boolean =>
  a.scope === 'module' && b.scope === 'module' && a.hardware === b.hardware

/** Whether a power is that of what the counter counts: the GPU, or its module. */
const tellsTheSame = (power: NvmlGpu, counter: NvmlGpu): boolean => power.source.isModule === counter.coversModule

function readingOf({ channel, at, alike, check }: Seat, readings: readonly Reading[]): Reading | undefined {
  const same = [at, ...alike].map((index) => readings[index])
  const reading = same.find((one) => one?.status === channel.kind) ?? same[0]
  if (reading === undefined || reading.status === 'failed' || !check?.disagreement) return reading
  const message = `its energy counter made ${comparisonText(check.disagreement)}`
  return { status: 'failed', beforeNs: reading.beforeNs, afterNs: reading.afterNs, code: 'SENSOR_CORRUPT', message }
}
