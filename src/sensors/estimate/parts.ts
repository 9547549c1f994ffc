import { HOST_OVERHEAD_PPM, USUAL_EFFICIENCY } from '../../model/host-power.ts'
import type { Platform } from './platform.ts'

/** Processors and memory of a machine, behind its supply, in W at 0, 10, ..., 100 % of its throughput. None ever falls. */
export interface PartsPower {
  readonly processorsW: readonly number[]
  readonly memoryW: readonly number[]
}

/** Share of the TDP that a processor draws at 0, 10, 50 and 100 % (Teads' engineering blog, 2021; Boavizta). */
const SHARE_OF_TDP = [0.12, 0.32, 0.43, 0.54, 0.64, 0.75, 0.8, 0.86, 0.91, 0.97, 1.02]
/**
 * Memory in W per GiB: what the measured servers draw more with more of it, behind the supply and the rest. As modules of the
 * same power hold more, it halves in six years. The 0.19 to 0.54 W of Boavizta (HotCarbon 2024) are those of 2010.
 */
const MEMORY = { idleW: 0.15, busyW: 0.33, year: 2012, halvesInYears: 6, leastOf: 2004, mostOf: 2026 }

/** What the account adds to processors and memory, for the rest of the machine and the loss of a usual supply. */
const PLUG_OF_PARTS = (1 + Number(HOST_OVERHEAD_PPM) / 1e6) / USUAL_EFFICIENCY

/**
 * Divides a machine's power at the plug, so that with the rest and the supply's loss, as the account adds them, it is whole
 * again. Processors and memory share it in proportion to what their sizes let one expect.
 */
export function partsOf(
  wallW: readonly number[],
  { tdpW, chips, memoryGib, generationYear }: Pick<Platform, 'tdpW' | 'chips' | 'memoryGib' | 'generationYear'>,
): PartsPower {
  const year = Math.min(MEMORY.mostOf, Math.max(MEMORY.leastOf, generationYear))
  const gibOf2012 = memoryGib * 2 ** ((MEMORY.year - year) / MEMORY.halvesInYears)
  const processorsW: number[] = []
  const memoryW: number[] = []
  let leastMemoryW = 0
  for (const [level, watts] of wallW.entries()) {
    const bothW = watts / PLUG_OF_PARTS
    const ofProcessors = (SHARE_OF_TDP[level] ?? 0) * tdpW * chips
    const load = level / (wallW.length - 1)
    const ofMemory = gibOf2012 * (MEMORY.idleW + load * (MEMORY.busyW - MEMORY.idleW))
    leastMemoryW = Math.max(leastMemoryW, (bothW * ofMemory) / (ofProcessors + ofMemory))
    memoryW.push(leastMemoryW)
    processorsW.push(bothW - leastMemoryW)
  }
  return { processorsW, memoryW }
}

/** Between the levels, in a straight line. */
export function atLoad(levelsW: readonly number[], load: number): number {
  const steps = levelsW.length - 1
  const place = Math.min(1, Math.max(0, load)) * steps
  const step = Math.min(Math.floor(place), steps - 1)
  const [below = 0, above = 0] = levelsW.slice(step, step + 2)
  return below + (above - below) * (place - step)
}
