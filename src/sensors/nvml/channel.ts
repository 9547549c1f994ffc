import type { Channel } from '../../model/channel.ts'
import { NS_PER_MS } from '../../model/units.ts'
import type { BoundChannel, Value } from '../../native/polled-sensor.ts'
import type { NvmlGpu } from './gpu.ts'
import { powerModel } from './model.ts'

const UJ_PER_MJ = 1_000n
const UW_PER_MW = 1_000n
/** Bounds for a GPU whose greatest limit is not known, and for a module, whose limit is not the GPU's. */
const MOST_OF_A_GPU_UW = 2_500_000_000n
const MOST_OF_A_MODULE_UW = 5_000_000_000n

/** k = 1. A board's gain is within 5 % of the truth (arXiv 2312.02741): rectangular. */
const GAIN = 0.05 / Math.sqrt(3)
/** Polled power has the board's gain too, and what happens between two readings is not seen. */
const POLLED = 0.05
/**
 * k = 1, of a sensor that looks for a quarter of the time, where the load keeps step with it: power that swings by a half of
 * itself has a spread of 0.5/√12/0.75, three quarters of which is not seen. Taken to be out of step again after a minute,
 * which leaves an hour 1/√60 of it.
 */
const SEEN_IN_PART = ((0.5 / Math.sqrt(12) / 0.75) * 0.75) / Math.sqrt(60)

/**
 * The one channel of a GPU: the counter of its energy where it has one, else its power, else a model of it. The UUID names it, for the order of
 * GPUs changes from boot to boot. The counter has 64 bits of mJ and is set to 0 with the driver: it never wraps.
 */
export function nvmlChannel(gpu: NvmlGpu, intervalMs: number, library: string): BoundChannel {
  const base = {
    sensor: 'nvml',
    scope: gpu.coversModule ? 'module' : 'gpu',
    device: gpu.uuid,
    quality: gpu.isMetered ? 'measured' : 'estimated',
    maxPowerUw: maxPowerUw(gpu),
    nodeMeter: null,
    hardware: gpu.hardware,
    intervalNs: BigInt(Math.round(intervalMs)) * NS_PER_MS,
    facts: { path: library, ...gpu.facts },
  } as const
  if (gpu.source.kind === 'power') {
    const channel: Channel = { ...base, kind: 'power', relativeUncertainty: meterUncertainty(gpu, POLLED) }
    return { channel, interpret: (raw) => interpretPower(raw, channel.maxPowerUw) }
  }
  if (!gpu.isMetered) {
    const { relativeUncertainty, basis, interpret } = powerModel(gpu)
    const channel: Channel = {
      ...base,
      kind: 'power',
      relativeUncertainty,
      facts: { ...base.facts, modelledFrom: basis },
    }
    return { channel, interpret }
  }
  const unitUj = { numerator: UJ_PER_MJ, denominator: 1n }
  const relativeUncertainty = meterUncertainty(gpu, GAIN)
  const channel: Channel = { ...base, kind: 'counter', modulus: null, unitUj, relativeUncertainty }
  return { channel, interpret: (raw) => ({ count: raw }) }
}

function meterUncertainty({ seesAPart }: NvmlGpu, usual: number): number {
  return seesAPart ? Math.hypot(usual, SEEN_IN_PART) : usual
}

/** Half as much again as the greatest limit that can be set: the loop that keeps it lets peaks of milliseconds through. */
function maxPowerUw(gpu: NvmlGpu): bigint {
  if (gpu.coversModule) return MOST_OF_A_MODULE_UW
  const { greatestLimitMw } = gpu
  return greatestLimitMw === null ? MOST_OF_A_GPU_UW : (greatestLimitMw * UW_PER_MW * 3n) / 2n
}

function interpretPower(rawMw: bigint, mostUw: bigint): Value {
  const powerUw = rawMw * UW_PER_MW
  if (powerUw > mostUw) return { corrupt: `${rawMw} mW is more than the GPU can draw` }
  if (powerUw === 0n) return { corrupt: '0 W from a GPU that answers' }
  return { powerUw }
}
