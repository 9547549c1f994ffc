import type { Value } from '../../native/polled-sensor.ts'
import { boardPower } from './board.ts'
import type { NvmlGpu } from './gpu.ts'

const UW_PER_MW = 1_000n
const UW_PER_W = 1_000_000

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

/** The power of a GPU that tells none, from what it does tell. */
export interface PowerModel {
  readonly relativeUncertainty: number
  /** For people. */
  readonly basis: string
  interpret(raw: bigint): Value
}

export function powerModel(gpu: NvmlGpu): PowerModel {
  const limitMw = gpu.limitMw ?? gpu.greatestLimitMw
  const board = boardPower(gpu.model)
  const limitUw = limitMw === null ? board.watts * UW_PER_W : Number(limitMw * UW_PER_MW)
  const limit = `${limitMw === null ? 'up to ' : 'a limit of '}${limitUw / UW_PER_W} W`
  const ofBoard = limitMw === null ? board.relativeUncertainty : 0
  if (gpu.source.kind === 'busy') {
    return {
      relativeUncertainty: Math.hypot(Math.max(uncertainty(IDLE), uncertainty(BUSY)), ofBoard),
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
    relativeUncertainty: Math.hypot(uncertainty(anything), ofBoard),
    basis: limit,
    interpret: () => ({ powerUw }),
  }
}
