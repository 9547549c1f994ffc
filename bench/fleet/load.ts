import { HOUR_MS } from '../../src/model/time.ts'

/*
 * Utilisation as clusters show it: a day's wave with its peak in the afternoon of each host's users, and noise that lasts for minutes
 * (Reiss et al., "Heterogeneity and Dynamicity of Clouds at Scale", SoCC 2012). Power by Fan et al., "Power Provisioning
 * for a Warehouse-sized Computer", ISCA 2007, with the idle share of servers of today (SPECpower_ssj2008, median of 2025: 0.25).
 */

const FAN_EXPONENT = 1.4
const IDLE_SHARE = 0.25
const NOISE_MS = 4 * 60_000

/** 0 to 1, the same for the same words: a bench is repeatable. */
export function chance(...words: readonly number[]): number {
  let hash = 0x811c9dc5
  for (const word of words) {
    hash = Math.imul(hash ^ word, 0x01000193)
    hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d)
    hash ^= hash >>> 13
  }
  return (hash >>> 0) / 2 ** 32
}

/** 0 to 1. */
export function utilisation(host: number, unixMs: number): number {
  const [mean, swing, phase] = [0.15 + 0.4 * chance(host, 1), 0.25 * chance(host, 2), chance(host, 3)]
  const wave = Math.sin(2 * Math.PI * (unixMs / (24 * HOUR_MS) + 0.25 * phase - 0.4))
  const step = Math.floor(unixMs / NOISE_MS)
  const between = unixMs / NOISE_MS - step
  const noise = (1 - between) * chance(host, 4, step) + between * chance(host, 4, step + 1) - 0.5
  return Math.min(1, Math.max(0.01, mean + swing * wave + 0.3 * noise))
}

/** Of the whole machine, in W: 350 to 900 at full load. */
export function powerW(host: number, unixMs: number): number {
  const mostW = 350 + 550 * chance(host, 5)
  const load = utilisation(host, unixMs)
  return mostW * (IDLE_SHARE + (1 - IDLE_SHARE) * (2 * load - load ** FAN_EXPONENT))
}
