import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { NS_PER_MS } from '../../model/units.ts'
import { PolledSensor, type ReaderPlan } from '../../native/polled-sensor.ts'
import type { SensorCode, SensorContext } from '../sensor-type.ts'
import { nvmlChannel } from './channel.ts'
import { describeNvmlDetail } from './code.ts'
import { NvmlGpu } from './gpu.ts'
import { KnownGpus } from './known.ts'
import { powerModel } from './model.ts'
import { explainNvmlError } from './remedy.ts'
import type { NvmlSettings } from './schema.ts'
import { NVML_SOURCES } from './source.ts'

export interface NvmlOptions extends NvmlSettings {
  /** A lost GPU or driver is looked for no sooner than this, then ever less often. Default 30 s. */
  readonly recoverAfterMs?: number
}

/** Answers take microseconds to milliseconds; a GPU that wakes up, some hundred. After this the driver hangs. */
const DEADLINE_MS = 2_000
/** nvmlInit starts GPUs that nobody uses, and takes a second or two for each without the persistence daemon. */
const OPEN_TIMEOUT_MS = 30_000
/** Shutdown and init disturb the healthy GPUs' readings too, so that a lost one is not asked for at each interval. */
const RECOVER_AFTER_MS = 30_000

/** NVIDIA GPUs by the driver's management library. */
export const nvml: SensorCode<NvmlOptions> = {
  create(options, context) {
    const known = new KnownGpus()
    return new PolledSensor('nvml', async () => [await nvmlPlan(options, context, known)])
  },
}

/** One thread for all GPUs: the driver has one lock, and what hangs one caller hangs them all. */
export async function nvmlPlan(options: NvmlOptions, context: SensorContext, known: KnownGpus): Promise<ReaderPlan> {
  const { interval: intervalMs, library, recoverAfterMs = RECOVER_AFTER_MS } = options
  return {
    reader: {
      type: 'nvml',
      library,
      sources: Object.keys(NVML_SOURCES),
      recoverAfterNs: BigInt(Math.round(recoverAfterMs)) * NS_PER_MS,
      known: known.list,
    },
    intervalMs,
    deadlineMs: DEADLINE_MS,
    openTimeoutMs: OPEN_TIMEOUT_MS,
    topology: (await boundGpus(context.procfs)).join(' '),
    bind: (found) => known.recall(found).map((channel) => nvmlChannel(new NvmlGpu(channel), intervalMs, library)),
    unmetered: (found) => unmetered(known.recall(found).map((channel) => new NvmlGpu(channel))),
    explain: (error) => explainNvmlError(error, context),
    describe: describeNvmlDetail,
  }
}

function unmetered(gpus: readonly NvmlGpu[]): readonly string[] {
  const leftOut = gpus[0]?.leftOut.map((gpu) => `${gpu}: it is not read, and what it draws is not counted`) ?? []
  const modelled = gpus
    .filter(({ isMetered }) => !isMetered)
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
