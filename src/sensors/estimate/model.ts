import type { CpuInfo } from '../../machine/cpu-info.ts'
import type { Knowledge } from './coefficients.ts'
import { generationByCpuid } from './cpuid.ts'
import { hostOf } from './hosts.ts'
import { atLoad, type PartsPower, partsOf } from './parts.ts'
import { type Platform, platformOf, type Seen } from './platform.ts'
import { findProcessor, type Match } from './processors.ts'
import { FITTED_TO, SHARE_FACTORS, type WallPower, wallPower } from './wall-power.ts'

/** What the agent sees of the machine. */
export interface Machine {
  readonly cpu: CpuInfo
  readonly isVirtual: boolean
  /** Vendor and product; null when the firmware does not say. */
  readonly product: string | null
  readonly chips: number
  readonly threads: number
  readonly memoryGib: number
}

/** What it draws without any meter: the one model of a machine, made once when it is first seen. */
export interface PowerModel {
  /** Of all processors and of all memory, in W at a load from 0 to 1. Neither falls when the load rises. */
  readonly processorsW: (load: number) => number
  readonly memoryW: (load: number) => number
  /** k = 1, of the power at the loads that servers have. */
  readonly relativeUncertainty: number
  /** For people. */
  readonly facts: Readonly<Record<string, string>>
}

/** Over a standard uncertainty, what holds 95 % (GUM 6.2, normal distribution). */
const K95 = 1.96
/** Servers are idle to half busy for most of the time: the levels whose interval counts. */
const USUAL_LEVELS = 6

const MATCHES: Readonly<Record<Match, string>> = {
  exact: 'known by its name',
  family: 'known as a near relative',
  generation: 'known by its generation alone',
  none: 'not known',
}

const COMPARED: Readonly<Record<Knowledge, string>> = {
  measured: 'servers with the same processors',
  listed: 'servers with processors of the same generation',
  foreign: 'servers with processors of other generations',
  generation: 'servers with processors of the same generation',
  nothing: 'all servers',
}

export function powerModel(machine: Machine): PowerModel {
  return machine.isVirtual ? guestModel(machine) : machineModel(machine)
}

function machineModel({ cpu, product, chips, threads, memoryGib }: Machine): PowerModel {
  const cores = coresOf(cpu) ?? threads
  const platform = platformOf({ ...nameOf(cpu), chips, cores, threads, memoryGib, product, ...UNKNOWN })
  const wall = wallPower(platform)
  const parts = partsOf(wall.watts, platform)
  return {
    processorsW: (load) => atLoad(parts.processorsW, load),
    memoryW: (load) => atLoad(parts.memoryW, load),
    relativeUncertainty: usual(wall.factors.map(Math.log)) / K95,
    facts: {
      model: `a machine with ${chips === 1 ? 'one processor' : `${chips} processors`}`,
      ...factsOf(platform, wall),
    },
  }
}

const UNKNOWN = { year: null, tdpW: null, baseMhz: null }

/** How busy a host is that somebody sells is not to be seen: anything from a fifth to four fifths (traces of Alibaba and Google). */
const HOST_LOAD = { least: 0.2, usual: 0.5, most: 0.8 }

/**
 * A guest is a share of its host: of the idle power and of the memory by its size, and of what the host draws more when it
 * works by its own work. Since the host's load is that of many, the guest's work costs the same at any load of its own.
 */
function guestModel({ cpu, product, threads, memoryGib }: Machine): PowerModel {
  const seen = nameOf(cpu)
  const host = hostOf(product, findProcessor(seen.cpu, seen.generation))
  const platform = platformOf({ ...seen, ...host, product: null, ...UNKNOWN })
  const wall = wallPower(platform)
  const parts = partsOf(wall.watts, platform)
  const ofThreads = threads / host.threads
  const ofMemory = memoryGib / host.memoryGib
  return {
    processorsW: (load) => ofThreads * sharedAt(parts.processorsW, load, HOST_LOAD.usual),
    memoryW: (load) => ofMemory * sharedAt(parts.memoryW, load, HOST_LOAD.usual),
    relativeUncertainty: guestUncertainty(wall, parts),
    facts: {
      model: `a share of ${host.basis}: ${threads} of ${host.threads} threads`,
      unknown: 'the load of the host, and how much of it is sold to nobody',
      ...factsOf(platform, wall, ['hostIdle', 'hostBusy']),
    },
  }
}

/** Idle power, and what the host draws more at `hostLoad` in proportion to the guest's load. */
function sharedAt(levelsW: readonly number[], load: number, hostLoad: number): number {
  const idleW = atLoad(levelsW, 0)
  return idleW + (Math.min(1, Math.max(0, load)) / hostLoad) * (atLoad(levelsW, hostLoad) - idleW)
}

/** That of the host, seen or for each of its threads, and of the host's load, evenly spread over its range (GUM 4.3.7). */
function guestUncertainty({ factors }: WallPower, { processorsW }: PartsPower): number {
  const ofHost = usual(factors.map((factor, level) => Math.log(Math.max(factor, SHARE_FACTORS[level] ?? 1)))) / K95
  const at = (hostLoad: number): number => sharedAt(processorsW, HOST_LOAD.usual, hostLoad)
  const range = at(HOST_LOAD.least) - at(HOST_LOAD.most)
  return Math.hypot(ofHost, range / 2 / Math.sqrt(3) / at(HOST_LOAD.usual))
}

const usual = (levels: readonly number[]): number =>
  Math.hypot(...levels.slice(0, USUAL_LEVELS)) / Math.sqrt(USUAL_LEVELS)

function nameOf(cpu: CpuInfo): Pick<Seen, 'cpu' | 'generation'> {
  return { cpu: cpu.name ?? '', generation: generationByCpuid(cpu) }
}

/** Of all sockets; null where the kernel does not say. */
function coresOf({ sockets }: CpuInfo): number | null {
  const cores = sockets.map(({ cores: own }) => own)
  return cores.length === 0 || cores.includes(null) ? null : cores.reduce<number>((sum, own) => sum + (own ?? 0), 0)
}

function factsOf(
  { processor, tdpW }: Platform,
  { watts, factors, knowledge }: WallPower,
  [idle, busy] = ['idle', 'busy'],
): Record<string, string> {
  const range = (level: number): string => {
    const [power = 0, factor = 1] = [watts[level], factors[level]]
    return `${power.toFixed(0)} W (${(power / factor).toFixed(0)} to ${(power * factor).toFixed(0)})`
  }
  return {
    processor: `${MATCHES[processor.match]}${processor.generation === null ? '' : ` (${processor.generation.name})`}`,
    fittedTo: FITTED_TO,
    comparedWith: COMPARED[knowledge],
    tdp: `${tdpW} W for each processor`,
    [idle]: range(0),
    [busy]: range(10),
  }
}
