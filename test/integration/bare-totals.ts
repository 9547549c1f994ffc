import { type Totals, totalsOf } from '../../src/integration/shown-totals.ts'
import type { AttributionTotals } from '../../src/model/attribution.ts'
import { NO_CARBON } from '../../src/model/carbon.ts'

/** The totals that can be shown of a machine that has used nothing but for what is attributed. */
export function totalsOfAttribution(attribution: AttributionTotals): Totals {
  return totalsOf({
    channels: [],
    nodeModels: [],
    carbon: NO_CARBON,
    selfEnergyUj: 0n,
    node: { energyUj: { measured: 0n, derived: 0n, estimated: 0n }, parts: [], unaccountedNs: 0n, leafGaps: [] },
    attribution,
  })
}
