import { closeSync, openSync, readSync } from 'node:fs'
import { join } from 'node:path'
import { NEVER_WAITING } from '../../io/bounded-file.ts'
import { type CpuInfo, parseCpuInfo } from '../../machine/cpu-info.ts'
import { socketsOf } from '../../machine/cpu-topology.ts'
import { readDmi } from '../../machine/dmi.ts'
import { readText } from '../../machine/files.ts'
import { parseMemoryGib } from '../../machine/memory.ts'
import { isVirtualMachine } from '../../machine/virtual-machine.ts'
import type { PowerChannel } from '../../model/channel.ts'
import type { Clock } from '../../model/clock.ts'
import { type Machine, modelPowerW, processorsPowerW, type Size, UNCERTAINTY } from '../../model/load-model.ts'
import type { Reading, Sweep } from '../../model/reading.ts'
import { SensorError, type SensorErrorCode } from '../../model/sensor-error.ts'
import { NS_PER_MS } from '../../model/units.ts'
import { SampledSensor, type Sampling } from '../sampled-sensor.ts'
import type { SensorCode } from '../sensor-type.ts'
import type { EstimateSettings } from './schema.ts'

export const estimate: SensorCode<EstimateSettings> = {
  create: ({ interval }, { procfs, sysfs, clock }) =>
    new EstimateSensor({ intervalMs: interval, procfs, sysfs, clock }),
}

/** Ticks since boot over all CPUs. `stolen`: this machine had work, and the hypervisor ran another. */
export interface CpuTimes {
  readonly busy: number
  readonly idle: number
  readonly stolen: number
}

/** Reads the first line of /proc/stat (proc_stat(5)); null when it is something else. */
export function parseCpuTimes(text: string): CpuTimes | null {
  const fields = /^cpu +(\d{1,15}(?: \d{1,15}){3,}) ?\n/.exec(text)?.[1]?.split(' ').map(Number)
  if (fields === undefined) return null
  // Time of guests stands in user and nice already: the two columns behind steal would count it twice.
  const [user = 0, nice = 0, system = 0, idle = 0, iowait = 0, irq = 0, softirq = 0, stolen = 0] = fields
  return { busy: user + nice + system + irq + softirq, idle: idle + iowait, stolen }
}

/** Share of the time between that was busy; null when no tick passed or a counter went back, as iowait can. */
export function utilisationBetween(before: CpuTimes, after: CpuTimes): number | null {
  const busy = after.busy - before.busy
  const idle = after.idle - before.idle
  const stolen = after.stolen - before.stolen
  const total = busy + idle + stolen
  return Math.min(busy, idle, stolen) >= 0 && total > 0 ? busy / total : null
}

/** Reads /proc/stat and /proc/meminfo; null when they tell no size. */
export function parseSize(stat: string, meminfo: string): Size | null {
  const threads = stat.match(/^cpu\d+ /gm)?.length ?? 0
  const memoryGib = parseMemoryGib(meminfo)
  return threads > 0 && memoryGib > 0 ? { threads, memoryGib } : null
}

/** Below, a utilisation rests on a handful of ticks of 10 ms. */
const MIN_WINDOW_NS = 100n * NS_PER_MS

export interface EstimateOptions {
  readonly procfs: string
  readonly sysfs: string
  readonly intervalMs: number
  readonly clock: Clock
}

type Mark = CpuTimes & { readonly atNs: bigint }
type Untimed<R> = R extends Reading ? Omit<R, 'beforeNs' | 'afterNs'> : never

/** Power of processors that nothing measures, modelled from their utilisation. */
export class EstimateSensor extends SampledSensor {
  constructor(options: EstimateOptions) {
    super('estimate', options.intervalMs, options.clock, () => new Estimation(options))
  }
}

class Estimation implements Sampling {
  readonly channels: readonly PowerChannel[]
  readonly leadNs = MIN_WINDOW_NS
  readonly #options: EstimateOptions
  readonly #statPath: string
  readonly #buffer = Buffer.alloc(512)
  readonly #descriptor: number
  readonly #machine: Machine
  /** Ends of the last two windows of at least MIN_WINDOW_NS; there is no older one in the first. */
  #last: Mark
  #older: Mark | null = null

  constructor(options: EstimateOptions) {
    this.#options = options
    const { procfs, sysfs, clock } = options
    this.#statPath = join(procfs, 'stat')
    const cpu = parseCpuInfo(read(join(procfs, 'cpuinfo')))
    const isVirtual = isVirtualMachine(cpu, readDmi(sysfs).product)
    this.#machine = { ...this.#readSize(), isVirtual, sockets: socketsOf(sysfs) }
    this.channels = this.#machine.sockets.map((socket) => this.#channelOf(this.#machine, socket, cpu))
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
    const reading = { ...this.#powerAt(beforeNs), beforeNs, afterNs: clock.monotonicNs() }
    return [{ first: 0, readings: this.channels.map(() => reading) }]
  }

  /** CPUs and memory come and go in a virtual machine. */
  changed(): boolean {
    const { threads, memoryGib } = this.#machine
    try {
      const now = this.#readSize()
      return now.threads !== threads || Math.round(now.memoryGib) !== Math.round(memoryGib)
    } catch {
      return true
    }
  }

  close(): void {
    closeSync(this.#descriptor)
  }

  #powerAt(atNs: bigint): Untimed<Reading> {
    try {
      const now = { atNs, ...this.#readTimes() }
      const isLongEnough = atNs - this.#last.atNs >= MIN_WINDOW_NS
      const since = isLongEnough ? this.#last : (this.#older ?? this.#last)
      if (isLongEnough) [this.#older, this.#last] = [this.#last, now]
      const utilisation = utilisationBetween(since, now)
      if (utilisation !== null) {
        const powerW = processorsPowerW(this.#machine, utilisation) / this.#machine.sockets.length
        return { status: 'power', powerUw: BigInt(Math.round(powerW * 1e6)) }
      }
      return { status: 'failed', code: 'SENSOR_TRANSIENT', message: 'the CPU times stood still or went back' }
    } catch (error) {
      if (!(error instanceof SensorError)) throw error
      return { status: 'failed', code: error.code, message: error.message }
    }
  }

  /** The sum over all CPUs is the first line. The rest, long on large machines, is not asked for. */
  #readTimes(): CpuTimes {
    const length = attempt(this.#statPath, () => readSync(this.#descriptor, this.#buffer, 0, this.#buffer.length, 0))
    const times = parseCpuTimes(this.#buffer.toString('latin1', 0, length))
    if (times === null) throw new SensorError('SENSOR_CORRUPT', `${this.#statPath} does not begin with the CPU times`)
    return times
  }

  #readSize(): Size {
    const { procfs } = this.#options
    const size = parseSize(read(this.#statPath), read(join(procfs, 'meminfo')))
    if (size === null)
      throw new SensorError('SENSOR_CORRUPT', `${procfs} does not give the number of CPUs or the size of memory`)
    return size
  }

  #channelOf(machine: Machine, socket: number, cpu: CpuInfo): PowerChannel {
    const { length } = machine.sockets
    const [idleW, fullW] = [modelPowerW(machine, 0), modelPowerW(machine, 1)]
    return {
      kind: 'power',
      sensor: 'estimate',
      scope: 'package',
      device: `package-${socket}`,
      quality: 'estimated',
      maxPowerUw: BigInt(Math.ceil((processorsPowerW(machine, 1) / length) * 1e6)),
      relativeUncertainty: machine.isVirtual ? UNCERTAINTY.share : UNCERTAINTY.machine,
      nodeMeter: null,
      hardware: `socket-${socket}`,
      intervalNs: BigInt(this.#options.intervalMs) * NS_PER_MS,
      facts: {
        model: machine.isVirtual ? 'share of a host' : `machine with ${length} processors`,
        source: 'wall power of SPECpower_ssj2008 servers, 2017 to 2026',
        machine: `${idleW.toFixed(1)} W idle to ${fullW.toFixed(1)} W busy`,
        cpu: cpu.name ?? 'unknown',
        threads: String(machine.threads),
        memory: `${machine.memoryGib.toFixed(1)} GiB`,
      },
    }
  }
}

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
