import type { MachineParts } from '../../machine/machine-parts.ts'
import type { DataQuality, Factor } from '../../model/carbon.ts'
import type { Logger } from '../../model/logger.ts'
import { amortised, checkEmbodied, type Embodied, type EmbodiedSettings, embodiedOf } from './embodied.ts'
import { EmbodiedAccrual } from './embodied-accrual.ts'
import { sharesOf } from './inventory.ts'
import { sharesOfStages, stagesOf } from './stages.ts'

export interface EmbodiedOptions {
  readonly settings: EmbodiedSettings
  readonly parts: MachineParts
  readonly logger: Logger
}

/** The machine's embodied carbon by time; null where it has none of its own, or none is counted. Throws a ConfigFault. */
export function createEmbodied({ settings, parts, logger }: EmbodiedOptions): EmbodiedAccrual | null {
  checkEmbodied(settings)
  const embodied = embodiedOf(settings, parts)
  if (embodied === null) return null
  const { kg, source, lifetimeYears } = embodied
  const text = `embodied carbon: ${Math.round(kg)} kg over ${lifetimeYears} years (${source})`
  logger.info({ event: 'embodied', kg, source, lifetimeYears }, text)
  const stages = sharesOfStages(stagesOf(embodied, settings, parts))
  return new EmbodiedAccrual(factorOf(embodied), amortised(embodied), sharesOf(parts), stages)
}

/** 95 % of a log-normal lies within its geometric standard deviation squared (pedigree matrix). */
function factorOf({ kg, highKg, source, dataQuality, commissioned }: Embodied): Factor {
  return {
    zone: 'machine',
    basis: 'life-cycle',
    mgPerKwh: null,
    source,
    instrument: 'manufacture',
    status: 'final',
    startsUnixMs: commissioned === null ? 0 : Date.parse(commissioned),
    endsUnixMs: null,
    dataQuality: Math.min(5, Math.max(1, Math.round(dataQuality))) as DataQuality,
    relativeUncertainty: Math.log(highKg / kg) / 2,
    reason: null,
  }
}
