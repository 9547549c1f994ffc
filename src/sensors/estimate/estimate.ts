import { closeSync, openSync, readSync } from 'node:fs'
import { join } from 'node:path'
import { NEVER_WAITING } from '../../io/bounded-file.ts'
import { parseCpuInfo } from '../../machine/cpu-info.ts'
import { socketsOf } from '../../machine/cpu-topology.ts'
import { readDmi } from '../../machine/dmi.ts'
import { readText } from '../../machine/files.ts'
import { parseMemoryGib } from '../../machine/memory.ts'
import { isVirtualMachine } from '../../machine/virtual-machine.ts'
import type { PowerChannel, Scope } from '../../model/channel.ts'
import type { Clock } from '../../model/clock.ts'
import type { Reading, Sweep } from '../../model/reading.ts'
import { SensorError, type SensorErrorCode } from '../../model/sensor-error.ts'
import { NS_PER_MS, NS_PER_S } from '../../model/units.ts'
import { SampledSensor, type Sampling } from '../sampled-sensor.ts'
import type { SensorCode } from '../sensor-type.ts'
import { type CpuTimes, parseCpuTimes, utilisationBetween } from './cpu-times.ts'
import { type Machine, type PowerModel, powerModel } from './model.ts'
import type { EstimateSettings } from './schema.ts'

export const estimate: SensorCode<EstimateSettings> = {
  create: ({ interval }, { procfs, sysfs, clock }) =>
    new EstimateSensor({ intervalMs: interval, procfs, sysfs, clock }),
}

/** Reads /proc/stat and /proc/meminfo; null when they tell no size. */
export function parseSize(stat: string, meminfo: string): Size | null {
  const threads = stat.match(/^cpu\d+ /gm)?.length ?? 0
  const memoryGib = parseMemoryGib(meminfo)
  return threads > 0 && memoryGib > 0 ? { threads, memoryGib } : null
}

export interface Size {
  readonly threads: number
  readonly memoryGib: number
}

/** Below, a utilisation rests on a handful of ticks of 10 ms. */
const MIN_WINDOW_NS = 100n * NS_PER_MS
/** A meter may fail soon after the start: what stands in for it has learned from it by then. */
const HURRIED_NS = 60n * NS_PER_S

export interface EstimateOptions {
  readonly procfs: string
  readonly sysfs: string
  readonly intervalMs: number
  readonly clock: Clock
}

type Mark = CpuTimes & { readonly atNs: bigint }
type Untimed<R> = R extends Reading ? Omit<R, 'beforeNs' | 'afterNs'> : never

/** Power of processors and memory that nothing measures, modelled from what they are and their utilisation. */
export class EstimateSensor extends SampledSensor {
  constructor(options: EstimateOptions) {
    super('estimate', options.intervalMs, options.clock, () => new Estimation(options))
  }
}

class Estimation implements Sampling {
  readonly channels: readonly PowerChannel[]
  readonly leadNs = MIN_WINDOW_NS
  readonly hurriedNs = HURRIED_NS
  readonly #options: EstimateOptions
  readonly #statPath: string
  readonly #buffer = Buffer.alloc(512)
  readonly #descriptor: number
  readonly #size: Size
  /** What each channel reads at a load from 0 to 1. */
  readonly #powersW: readonly ((load: number) => number)[]
  /** Ends of the last two windows of at least MIN_WINDOW_NS; there is no older one in the first. */
  #last: Mark
  #older: Mark | null = null

  constructor(options: EstimateOptions) {
    this.#options = options
    const { procfs, sysfs, clock } = options
    this.#statPath = join(procfs, 'stat')
    const sockets = socketsOf(sysfs)
    const machine = readMachine(options)
    this.#size = machine
    const model = powerModel(machine)
    const ofEach = (powerW: (load: number) => number) => (load: number) => powerW(load) / sockets.length
    this.#powersW = sockets.flatMap(() => [ofEach(model.processorsW), ofEach(model.memoryW)])
    this.channels = sockets.flatMap((socket) => [
      this.#channelOf('package', socket, machine, model),
      this.#channelOf('dram', socket, machine, model),
    ])
    this.#descriptor = attempt(this.#statPath, () => openSync(this.#statPath, NEVER_WAITING))
    try {
      this.#last = { atNs: clock.monotonicNs(), ...this.#readTimes() }
    } catch (error) {
      this.close()
      throw error
    }
  }

  read(): readonly Sweep[] {
    const { clock } = this.#options
    const beforeNs = clock.monotonicNs()
    const load = this.#loadAt(beforeNs)
    const afterNs = clock.monotonicNs()
    const readings = this.#powersW.map((powerW): Reading => {
      if (typeof load !== 'number') return { ...load, beforeNs, afterNs }
      return { status: 'power', powerUw: BigInt(Math.round(powerW(load) * 1e6)), beforeNs, afterNs }
    })
    return [{ first: 0, readings }]
  }

  /** CPUs and memory come and go in a virtual machine. */
  changed(): boolean {
    const { threads, memoryGib } = this.#size
    try {
      const now = readSize(this.#options.procfs)
      return now.threads !== threads || Math.round(now.memoryGib) !== Math.round(memoryGib)
    } catch {
      return true
    }
  }

  close(): void {
    closeSync(this.#descriptor)
  }

  /** Share of the time since the last window that was busy, or why it is not known. */
  #loadAt(atNs: bigint): number | Failure {
    try {
      const now = { atNs, ...this.#readTimes() }
      const isLongEnough = atNs - this.#last.atNs >= MIN_WINDOW_NS
      const since = isLongEnough ? this.#last : (this.#older ?? this.#last)
      if (isLongEnough) [this.#older, this.#last] = [this.#last, now]
      const load = utilisationBetween(since, now)
      return load ?? failure('SENSOR_TRANSIENT', 'the CPU times stood still or went back')
    } catch (error) {
      if (!(error instanceof SensorError)) throw error
      return failure(error.code, error.message)
    }
  }

  /** The sum over all CPUs is the first line. The rest, long on large machines, is not asked for. */
  #readTimes(): CpuTimes {
    const length = attempt(this.#statPath, () => readSync(this.#descriptor, this.#buffer, 0, this.#buffer.length, 0))
    const times = parseCpuTimes(this.#buffer.toString('latin1', 0, length))
    if (times === null) throw new SensorError('SENSOR_CORRUPT', `${this.#statPath} does not begin with the CPU times`)
    return times
  }

  #channelOf(scope: Scope & keyof typeof PARTS, socket: number, machine: Machine, model: PowerModel): PowerChannel {
    const { powerOf, uncertainty, factsOf } = PARTS[scope](model)
    return {
      kind: 'power',
      sensor: 'estimate',
      scope,
      device: `${scope}-${socket}`,
      quality: 'estimated',
      maxPowerUw: BigInt(Math.ceil((powerOf(1) / machine.chips) * 1e6)),
      relativeUncertainty: Math.hypot(model.relativeUncertainty, uncertainty),
      nodeMeter: null,
      hardware: `socket-${socket}`,
      intervalNs: BigInt(this.#options.intervalMs) * NS_PER_MS,
      facts: factsOf(machine),
    }
  }
}

/** Throws a SensorError where procfs does not tell the size of the machine. */
export function readMachine({ procfs, sysfs }: Pick<EstimateOptions, 'procfs' | 'sysfs'>): Machine {
  const cpu = parseCpuInfo(read(join(procfs, 'cpuinfo')))
  const { product } = readDmi(sysfs)
  const isVirtual = isVirtualMachine(cpu, product)
  return { cpu, product, isVirtual, chips: socketsOf(sysfs).length, ...readSize(procfs) }
}

function readSize(procfs: string): Size {
  const size = parseSize(read(join(procfs, 'stat')), read(join(procfs, 'meminfo')))
  if (size === null)
    throw new SensorError('SENSOR_CORRUPT', `${procfs} does not give the number of CPUs or the size of memory`)
  return size
}

/** Of the memory's share of the whole, k = 1: it is half to twice as much, evenly spread over the logarithm. */
const MEMORY_SHARE = Math.LN2 / Math.sqrt(3)

const PARTS = {
  package: ({ processorsW, facts }: PowerModel) => ({
    powerOf: processorsW,
    uncertainty: 0,
    factsOf: ({ cpu, threads }: Machine) => ({ cpu: cpu.name ?? 'unknown', threads: String(threads), ...facts }),
  }),
  dram: ({ memoryW, facts: { model = '' } }: PowerModel) => ({
    powerOf: memoryW,
    uncertainty: MEMORY_SHARE,
    factsOf: ({ memoryGib }: Machine) => ({ memory: `${memoryGib.toFixed(1)} GiB`, model }),
  }),
}

type Failure = Untimed<Extract<Reading, { status: 'failed' }>>

const failure = (code: SensorErrorCode, message: string): Failure => ({ status: 'failed', code, message })

const CODES: Readonly<Record<string, SensorErrorCode>> = {
  ENOENT: 'SENSOR_ABSENT',
  EACCES: 'SENSOR_PERMISSION',
  EPERM: 'SENSOR_PERMISSION',
}

function attempt<T>(path: string, run: () => T): T {
  try {
    return run()
  } catch (cause) {
    const { code = 'unknown error' } = cause as NodeJS.ErrnoException
    throw new SensorError(CODES[code] ?? 'SENSOR_TRANSIENT', `${path} cannot be read: ${code}`, {
      cause,
      remedy: 'let the service see all of /proc: ProcSubset=all in its unit, and no mount over it',
    })
  }
}

const read = (path: string): string => attempt(path, () => readText(path))
