import type { CarbonAccount } from '../../model/carbon.ts'
import type { Logger } from '../../model/logger.ts'
import { amortised, type EmbodiedSettings, embodiedOf } from './embodied.ts'
import { EmbodiedAccount } from './embodied-account.ts'
import { type Roots, readMachineParts } from './machine-parts.ts'

export interface WithEmbodiedOptions {
  /** Prices the energy. */
  readonly energy: CarbonAccount
  readonly settings: EmbodiedSettings
  readonly roots: Roots
  /** What the ledger has of it already, asked at the first posting. */
  readonly accruedUg: () => bigint
  readonly logger: Logger
}

/** The account with the machine's embodied carbon; as it was where the machine has none of its own. */
export function withEmbodied({ energy, settings, roots, accruedUg, logger }: WithEmbodiedOptions): CarbonAccount {
  const embodied = embodiedOf(settings, readMachineParts(roots))
  if (embodied === null) return energy
  const { kg, source, lifetimeYears } = embodied
  const text = `embodied carbon: ${Math.round(kg)} kg over ${lifetimeYears} years (${source})`
  logger.info({ event: 'embodied', kg, source, lifetimeYears }, text)
  return new EmbodiedAccount({ energy, amortised: amortised(embodied), accruedUg })
}
