import type { NvmlGpu } from './gpu.ts'

/** k = 1. A board's gain is within 5 % of the truth (arXiv 2312.02741): rectangular. */
export const GAIN = 0.05 / Math.sqrt(3)

/**
 * k = 1, of what a look at a part of the time does not see while the load keeps step with it: power that swings by a half of
 * itself has a spread of 0.5/√12 over a mean of 0.75.
 */
export const SWING = 0.5 / Math.sqrt(12) / 0.75
/** After this time the load is taken to be out of step again. */
export const IN_STEP_MS = 60_000

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
