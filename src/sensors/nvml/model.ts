import type { Value } from '../../native/polled-sensor.ts'
import type { NvmlGpu } from './gpu.ts'

const UW_PER_MW = 1_000n
const UW_PER_W = 1_000_000

/**
 * The greatest power in watts of boards whose driver knows no limit, by the name that it has for them. A slot gives 75 W,
 * and these have no further connector; the share that a virtual GPU has of its board is not known.
 */
const CLASSES: readonly (readonly [RegExp, number])[] = [
  [/\b(tegra|xavier|orin|thor|nano)\b|\(nvgpu\)/i, 60],
  [/-\d+[abcq]$/i, 150],
  [/\bG(T|TX) ?(6[1-4]0|650|7[1-4]0|750|10[135]0|1650)\b|\bGT ?\d{3,4}\b|\bNVS\b|\bMX\d{3}\b/, 75],
  [/\bQuadro [KMP]?[1-2]?\d{3}\b|\bT[46]00\b|\bT1000\b|\bA(400|1000|2000)\b|\b[MPTL]4\b|\bA2\b/, 75],
]
/** Of the boards with a connector whose driver tells no power: GeForce and Quadro before Maxwell, and some laptops'. */
const OTHER_W = 300

/**
 * A share of the limit between these. Idle boards draw 3 to 15 % of it. The driver's utilization is the share of the time in
 * which any kernel ran, however small: all of it is anything from 30 % of the limit on.
 */
const IDLE: Range = { least: 0.03, most: 0.15 }
const BUSY: Range = { least: 0.3, most: 1 }

interface Range {
  readonly least: number
  readonly most: number
}

const middle = ({ least, most }: Range): number => (least + most) / 2
/** Standard uncertainty of a value that may lie anywhere in the range, over its middle (GUM 4.3.7). */
const uncertainty = (range: Range): number => (range.most - range.least) / 2 / Math.sqrt(3) / middle(range)
/** A class is no limit: its boards' limits lie within a third of it, evenly spread. */
const CLASS_UNCERTAINTY = 1 / 3 / Math.sqrt(3)

/** The power of a GPU that tells none, from what it does tell. */
export interface PowerModel {
  readonly relativeUncertainty: number
  /** For people. */
  readonly basis: string
  interpret(raw: bigint): Value
}

export function powerModel(gpu: NvmlGpu): PowerModel {
  const limitMw = gpu.limitMw ?? gpu.greatestLimitMw
  const limitUw = limitMw === null ? classWatts(gpu.model) * UW_PER_W : Number(limitMw * UW_PER_MW)
  const limit = `${limitMw === null ? 'up to ' : 'a limit of '}${limitUw / UW_PER_W} W`
  const ofClass = limitMw === null ? CLASS_UNCERTAINTY : 0
  if (gpu.source.kind === 'busy') {
    return {
      relativeUncertainty: Math.hypot(Math.max(uncertainty(IDLE), uncertainty(BUSY)), ofClass),
      basis: `utilization and ${limit}`,
      interpret(percent) {
        if (percent > 100n) return { corrupt: `busy for ${percent} % of the time` }
        const share = middle(IDLE) + (Number(percent) / 100) * (middle(BUSY) - middle(IDLE))
        return { powerUw: BigInt(Math.round(share * limitUw)) }
      },
    }
  }
  const anything = { least: IDLE.least, most: BUSY.most }
  const powerUw = BigInt(Math.round(middle(anything) * limitUw))
  return {
    relativeUncertainty: Math.hypot(uncertainty(anything), ofClass),
    basis: limit,
    interpret: () => ({ powerUw }),
  }
}

function classWatts(model: string): number {
  return CLASSES.find(([pattern]) => pattern.test(model))?.[1] ?? OTHER_W
}
