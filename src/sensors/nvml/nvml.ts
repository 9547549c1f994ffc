import { join } from 'node:path'
import type { Sensor } from '../../model/sensor.ts'
import { NS_PER_MS } from '../../model/units.ts'
import { nvmlRest } from '../../native/accelerator-watch.ts'
import type { ReaderPlan } from '../../native/polled-sensor.ts'
import { readdir } from '../files.ts'
import type { SensorCode, SensorContext } from '../sensor-type.ts'
import { COMPARE_MS, WatchedSensor, type WatchOptions, watchedAtOnce } from '../watched-sensor.ts'
import { nvmlChannel } from './channel.ts'
import { describeNvmlDetail } from './code.ts'
import type { NvmlGpu } from './gpu.ts'
import { KnownGpus } from './known.ts'
import { powerModel } from './model.ts'
import { explainNvmlError } from './remedy.ts'
import type { NvmlSettings } from './schema.ts'
import { seatsOf } from './seats.ts'
import { NVML_SOURCES } from './source.ts'

export interface NvmlOptions extends NvmlSettings, WatchOptions {
  /** A lost GPU or driver is looked for no sooner than this, then ever less often. Default 30 s. */
  readonly recoverAfterMs?: number
}

/** Answers take microseconds to milliseconds; a GPU that wakes up, some hundred. After this the driver hangs. */
const DEADLINE_MS = 2_000
/** nvmlInit starts GPUs that nobody uses, and takes a second or two for each without the persistence daemon. */
const OPEN_TIMEOUT_MS = 30_000
/** Shutdown and init disturb the healthy GPUs' readings too, so that a lost one is not asked for at each interval. */
const RECOVER_AFTER_MS = 30_000

/** Powers that a counter is watched beside: means before instants, which miss what is between two of them. */
const WITNESSES = ['average', 'usage', 'instant']
const MODULE_WITNESSES = ['module-average', 'module-instant']

/** NVIDIA GPUs by the driver's management library. */
export const nvml: SensorCode<NvmlOptions> = {
  create(options, context) {
    const known = new KnownGpus()
    return nvmlSensor(options, known, () => nvmlPlan(options, context, known))
  },
  variants: watchedAtOnce,
}

export function nvmlSensor(options: NvmlOptions, known: KnownGpus, plan: () => Promise<ReaderPlan>): Sensor {
  const { compareMs = COMPARE_MS, firstLookMs = 0 } = options
  let selfUj = 0n
  const onWaste = (energyUj: bigint): void => {
    selfUj += energyUj
  }
  return new WatchedSensor('nvml', {
    selfUj: () => selfUj,
    discover: async () => [await plan()],
    seats: (channels) => seatsOf(known.gpus, channels, { intervalMs: options.interval, compareMs }, onWaste),
    distrusted: known.distrusted,
    firstLookMs,
    unmetered: () => unmetered(known.gpus),
  })
}

/** One thread for all GPUs: the driver has one lock, and what hangs one caller hangs them all. */
export async function nvmlPlan(options: NvmlOptions, context: SensorContext, known: KnownGpus): Promise<ReaderPlan> {
  const { interval: intervalMs, idle_interval: idleMs, library, recoverAfterMs = RECOVER_AFTER_MS } = options
  return {
    reader: {
      type: 'nvml',
      library,
      sources: Object.keys(NVML_SOURCES),
      recoverAfterNs: BigInt(Math.round(recoverAfterMs)) * NS_PER_MS,
      known: known.list,
      witnesses: WITNESSES,
      moduleWitnesses: MODULE_WITNESSES,
      distrusted: [...known.distrusted.keys()],
      ...nvmlRest(context.sysfs, context.procfs, idleMs),
    },
    intervalMs,
    deadlineMs: DEADLINE_MS,
    openTimeoutMs: OPEN_TIMEOUT_MS,
    topology: (await boundGpus(context.procfs)).join(' '),
    bind: (found) =>
      known.recall(found).map((gpu) => {
        const pausesMs = gpu.maySleep ? Math.max(intervalMs, idleMs) : intervalMs
        return nvmlChannel(gpu, pausesMs, library, known.distrusted.get(gpu.uuid) ?? null)
      }),
    explain: (error) => explainNvmlError(error, context),
    describe: describeNvmlDetail,
  }
}

function unmetered(gpus: readonly NvmlGpu[]): readonly string[] {
  const leftOut = gpus[0]?.leftOut.map((gpu) => `${gpu}: it is not read, and what it draws is not counted`) ?? []
  const modelled = gpus
    .filter(({ isMetered, countsWakes }) => !isMetered && !countsWakes)
    .map(
      (gpu) => `${gpu.title} reports neither energy nor power, so its power is modelled from ${powerModel(gpu).basis}`,
    )
  return [...leftOut, ...modelled]
}

/** PCI addresses of the GPUs that the kernel module holds; none where it shows no such list (WSL, some containers). */
async function boundGpus(procfs: string): Promise<readonly string[]> {
  try {
    return (await readdir(join(procfs, 'driver/nvidia/gpus'))).sort()
  } catch {
    return []
  }
}
