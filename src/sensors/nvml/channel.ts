import type { Channel } from '../../model/channel.ts'
import { NS_PER_MS } from '../../model/units.ts'
import type { BoundChannel, Value } from '../../native/polled-sensor.ts'
import { type Comparison, doubtFacts, doubtOf } from '../counter-check.ts'
import { NVML } from './code.ts'
import type { NvmlGpu } from './gpu.ts'
import { powerModel } from './model.ts'
import { meterUncertainty } from './uncertainty.ts'

const UJ_PER_MJ = 1_000n
const UW_PER_MW = 1_000n
/** Bounds for a GPU whose greatest limit is not known, and for a module, whose limit is not the GPU's. */
const MOST_OF_A_GPU_UW = 2_500_000_000n
const MOST_OF_A_MODULE_UW = 5_000_000_000n

/**
 * The one channel of a GPU: the counter of its energy where it has one, else its power, else a model of it. The UUID names
 * it, for the order of GPUs changes from boot to boot. The counter has 64 bits of mJ and is set to 0 with the driver: it
 * never wraps.
 * @param disagreement why its counter is not counted
 */
export function nvmlChannel(...of: Parameters<typeof channelOf>): BoundChannel {
  return { ...channelOf(...of), interpretFailure: (detail) => (detail === NVML.leftAlone ? { unasked: true } : null) }
}

function channelOf(
  gpu: NvmlGpu,
  intervalMs: number,
  library: string,
  disagreement: Comparison | null = null,
): BoundChannel {
  const base = {
    sensor: 'nvml',
    scope: gpu.coversModule ? 'module' : 'gpu',
    device: gpu.uuid,
    quality: gpu.isMetered ? 'measured' : 'estimated',
    maxPowerUw: maxPowerUw(gpu),
    nodeMeter: null,
    hardware: gpu.hardware,
    intervalNs: BigInt(Math.round(intervalMs)) * NS_PER_MS,
    facts: {
      path: library,
      ...gpu.facts,
      ...doubtFacts(disagreement),
    },
  } as const
  if (gpu.countsWakes) {
    const channel: Channel = { ...base, ...COUNT, kind: 'counter', relativeUncertainty: 0 }
    return { channel, interpret: (raw) => ({ count: raw }) }
  }
  if (gpu.source.kind === 'power') {
    const relativeUncertainty = Math.hypot(meterUncertainty(gpu, intervalMs), doubtOf(disagreement))
    const channel: Channel = { ...base, kind: 'power', relativeUncertainty }
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
  const relativeUncertainty = meterUncertainty(gpu, intervalMs)
  const channel: Channel = { ...base, kind: 'counter', modulus: null, unitUj, relativeUncertainty }
  return { channel, interpret: (raw) => ({ count: raw }) }
}

/** Of what is counted and is no energy. */
const COUNT = { modulus: null, unitUj: { numerator: 1n, denominator: 1n } } as const

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
