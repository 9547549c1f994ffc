import type { IntensityCache } from '../../src/carbon/feeds/feed-history.ts'

/** A ledger that was never written to. */
export const noCache: IntensityCache = { load: () => [], save: () => true }
