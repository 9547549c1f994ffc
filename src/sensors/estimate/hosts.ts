import type { KnownProcessor } from './processors.ts'

/** The machine that a guest is a share of. */
export interface Host {
  readonly chips: number
  readonly cores: number
  readonly threads: number
  readonly memoryGib: number
  /** How it is known, for people. */
  readonly basis: string
}

/**
 * Hosts of Amazon's instances by family: hardware threads and GiB of the instance that is the whole host, `.metal` or the
 * largest one (https://aws.amazon.com/ec2/instance-types/). Each was compared with the instances of Boavizta's API (August 2026);
 * those of `t` are never whole, and are as Teads has them (ccf-coefficients, aws-instances.csv).
 */
const AMAZON: Readonly<Record<string, readonly [threads: number, memoryGib: number]>> = {
  c5: [96, 192],
  c5a: [96, 192],
  c5n: [72, 192],
  c6a: [192, 384],
  c6g: [64, 128],
  c6gn: [64, 128],
  c6i: [128, 256],
  c6in: [128, 256],
  c7a: [192, 384],
  c7g: [64, 128],
  c7i: [192, 384],
  c8g: [192, 384],
  i3: [72, 512],
  i3en: [96, 768],
  i4i: [128, 1024],
  m5: [96, 384],
  m5a: [96, 384],
  m5n: [96, 384],
  m5zn: [48, 192],
  m6a: [192, 768],
  m6g: [64, 256],
  m6i: [128, 512],
  m6in: [128, 512],
  m7a: [192, 768],
  m7g: [64, 256],
  m7i: [192, 768],
  m8g: [192, 768],
  r5: [96, 768],
  r5a: [96, 768],
  r5n: [96, 768],
  r6a: [192, 1536],
  r6g: [64, 512],
  r6i: [128, 1024],
  r7a: [192, 1536],
  r7g: [64, 512],
  r7i: [192, 1536],
  r8g: [192, 1536],
  t3: [96, 384],
  t3a: [96, 384],
  t4g: [64, 256],
  z1d: [48, 384],
}

/** Of a class of which nothing is known: the median of servers of 2017 to 2026 with 64 threads or more has 64 cores. */
const USUAL_CORES_PER_CHIP = 32
const USUAL_CHIPS = 2
/** Clouds sell 2 to 8 GiB with a thread, mostly 4. */
const USUAL_GIB_PER_THREAD = 4

/** @param product vendor and product of the guest, as its firmware tells them */
export function hostOf(product: string | null, { key, specification }: KnownProcessor): Host {
  const perCore = threadsPerCore(key)
  const usualCores = specification?.cores ?? USUAL_CORES_PER_CHIP
  const family = /^Amazon EC2 ([a-z]\w+)\./.exec(product ?? '')?.[1]
  const [threads, memoryGib] = AMAZON[family?.replace(/d(?=n?$)/, '') ?? ''] ?? []
  if (threads !== undefined && memoryGib !== undefined) {
    const cores = threads / perCore
    const chips = Math.max(1, Math.round(cores / usualCores))
    return { chips, cores, threads, memoryGib, basis: `the host of Amazon's ${family} instances` }
  }
  const chips = isForOneSocket(key) ? 1 : USUAL_CHIPS
  const cores = chips * usualCores
  const basis = `a usual host of ${chips === 1 ? 'one such processor' : `${chips} such processors`}`
  return { chips, cores, threads: cores * perCore, memoryGib: cores * perCore * USUAL_GIB_PER_THREAD, basis }
}

/** Arm's servers have one thread in each core. */
function threadsPerCore(key: string): number {
  return /^(neoverse|cortex|altra|ampereone|graviton|grace|kunpeng|axion)/.test(key) ? 1 : 2
}

/** AMD's `P`, Intel's `U` and what is sold for small servers; Arm's have one too. */
function isForOneSocket(key: string): boolean {
  return /^epyc \d+p|^xeon \d+u|^xeon (e|d|w|e3)-|^core|^ryzen|^epyc 4|^epyc 8/.test(key) || threadsPerCore(key) === 1
}
