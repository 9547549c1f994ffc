import { GAIN, IN_STEP_MS, SWING } from '../counter-check.ts'
import type { NvmlGpu } from './gpu.ts'

const HOUR_MS = 3_600_000

/** Share of the time that a source does not see, read each `intervalMs`. */
export function unseenShare({ source, windowMs, seesAPart }: NvmlGpu, intervalMs: number): number {
  if (source.kind === 'counter') return seesAPart ? 0.75 : 0
  return Math.max(0, 1 - windowMs / intervalMs)
}

/** Relative standard uncertainty of an hour's energy. */
export function meterUncertainty(gpu: NvmlGpu, intervalMs: number): number {
  const apartMs = gpu.source.kind === 'counter' ? IN_STEP_MS : Math.max(IN_STEP_MS, intervalMs)
  const looks = Math.max(1, HOUR_MS / apartMs)
  return Math.hypot(GAIN, (SWING * unseenShare(gpu, intervalMs)) / Math.sqrt(looks))
}
