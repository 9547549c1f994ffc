import { HOST_OVERHEAD_PPM, USUAL_EFFICIENCY } from '../../model/host-power.ts'

/** Processors and memory of a machine, behind its supply, in W at 0, 10, ..., 100 % of its throughput. None ever falls. */
export interface PartsPower {
  readonly processorsW: readonly number[]
  readonly memoryW: readonly number[]
}

/** Share of the TDP that a processor draws at 0, 10, 50 and 100 % (Teads' engineering blog, 2021; Boavizta). */
const SHARE_OF_TDP = [0.12, 0.32, 0.43, 0.54, 0.64, 0.75, 0.8, 0.86, 0.91, 0.97, 1.02]
/** Memory in W per GiB: 0.19 idle to 0.54 busy (Boavizta, HotCarbon 2024). */
const MEMORY_IDLE_W_PER_GIB = 0.19
const MEMORY_BUSY_W_PER_GIB = 0.54

/** What the account adds to processors and memory, for the rest of the machine and the loss of a usual supply. */
const PLUG_OF_PARTS = (1 + Number(HOST_OVERHEAD_PPM) / 1e6) / USUAL_EFFICIENCY

/**
 * Divides a machine's power at the plug, so that with the rest and the supply's loss, as the account adds them, it is whole
 * again. Processors and memory share it in proportion to what their sizes let one expect.
 */
export function partsOf(
  wallW: readonly number[],
  { tdpW, chips, memoryGib }: { readonly tdpW: number; readonly chips: number; readonly memoryGib: number },
): PartsPower {
  const processorsW: number[] = []
  const memoryW: number[] = []
  let leastMemoryW = 0
  for (const [level, watts] of wallW.entries()) {
    const bothW = watts / PLUG_OF_PARTS
    const ofProcessors = (SHARE_OF_TDP[level] ?? 0) * tdpW * chips
    const load = level / (wallW.length - 1)
    const ofMemory = memoryGib * (MEMORY_IDLE_W_PER_GIB + load * (MEMORY_BUSY_W_PER_GIB - MEMORY_IDLE_W_PER_GIB))
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
