import { HOST_OVERHEAD_PPM, MEMORY_UW_PER_GB, USUAL_EFFICIENCY } from './host-power.ts'

/*
 * The model: power = idle + (full - idle) * CURVE(utilisation), where idle and full are linear in processors, hardware
 * threads and memory. Fitted by bench/fit-estimate.ts to wall power of SPECpower_ssj2008 (spec.org): IDLE and FULL to 423
 * servers published from 2017 to 2026, CURVE (medians at 0, 10, ..., 100 % of throughput) to 151 of 2017 to 2022.
 * Memory is not fitted but taken from BoaviztAPI (HotCarbon 2024), 0.19 W/GiB idle and 0.54 active: SPECpower agrees when
 * idle (0.18 if fitted), and at a quarter of the load it is Boavizta's usual 0.284.
 */
const IDLE_W = { perChip: 17.9, perThread: 0.143, perGib: 0.19 }
const FULL_W = { perChip: 64.1, perThread: 1.18, perGib: 0.54 }
const CURVE = [0, 0.172, 0.234, 0.299, 0.365, 0.425, 0.499, 0.597, 0.721, 0.865, 1]
/** Median of the 360 servers among them with 64 threads or more, such as virtual machines live in. */
const HOST_THREADS_PER_CHIP = 128
const GB_PER_GIB = 2 ** 30 / 1e9
/**
 * Relative standard uncertainty: root mean square of measured over modelled power less 1, of CPU models that the fit had
 * not seen (10 folds, idle 0.47 and full load 0.31 pooled). For a share of a host, of those hosts per thread (0.57, 0.42).
 * How full the host is and what else it holds is unknown and not in it.
 */
export const UNCERTAINTY = { machine: 0.4, share: 0.5 }

export interface Size {
  readonly threads: number
  readonly memoryGib: number
}

/** What the model knows. A virtual machine is a share of a host: its threads' part of the host's processors. */
export interface Machine extends Size {
  readonly isVirtual: boolean
  /** Processor packages by the kernel's numbers. */
  readonly sockets: readonly number[]
}

/** Modelled power in W at a utilisation from 0 to 1. Never falls with utilisation. */
export function modelPowerW({ isVirtual, sockets, threads, memoryGib }: Machine, utilisation: number): number {
  const share = isVirtual ? threads / HOST_THREADS_PER_CHIP : sockets.length
  const [idleW, fullW] = [IDLE_W, FULL_W].map(
    ({ perChip, perThread, perGib }) => share * perChip + threads * perThread + memoryGib * perGib,
  ) as [number, number]
  const steps = CURVE.length - 1
  const step = Math.min(Math.floor(utilisation * steps), steps - 1)
  const [below, above] = CURVE.slice(step, step + 2) as [number, number]
  return idleW + (fullW - idleW) * (below + (above - below) * (utilisation * steps - step))
}

const OVERHEAD = 1 + Number(HOST_OVERHEAD_PPM) / 1e6

/**
 * The processors' part of the modelled power, in W: what is left of it behind a usual supply, without the fans, disks and
 * board that the account adds to processors and memory, and without the memory.
 */
export function processorsPowerW(machine: Machine, utilisation: number): number {
  const hostW = (modelPowerW(machine, utilisation) * USUAL_EFFICIENCY) / OVERHEAD
  return Math.max(0, hostW - (machine.memoryGib * GB_PER_GIB * MEMORY_UW_PER_GB) / 1e6)
}

/** What memory draws at a load from 0 to 1, as a part of what it draws at full load. */
export function memoryAtLoad(utilisation: number): number {
  const idle = IDLE_W.perGib / FULL_W.perGib
  return idle + (1 - idle) * utilisation
}
