import { NS_PER_MS } from './units.ts'

/**
 * Nobody is shown a processor's energy more finely than this: whoever sees it learns what the processor computes (PLATYPUS,
 * CVE-2020-8694). It is a second and a twentieth less, since what comes each second comes a little early now and then.
 */
export const FINEST_MS = 950
export const FINEST_NS = BigInt(FINEST_MS) * NS_PER_MS
