import type { MachineParts } from '../../machine/machine-parts.ts'
import type { LifeStage, StageShare } from '../../model/life-stage.ts'
import { type Embodied, type EmbodiedSettings, type KnownEmbodied, PRODUCT_SPREAD } from './embodied.ts'
import { type Footprint, footprintOf, type Input } from './footprint.ts'

/** What a stage of the machine's life emits beside its use; null where no source knows. */
export interface StageFootprint {
  readonly stage: LifeStage
  readonly kg: number | null
  /** Bounds of the 95 % interval. */
  readonly lowKg: number | null
  readonly highKg: number | null
  readonly source: string
}

/** Why a stage has no figure. */
const UNKNOWN = 'no source: a part of the host, which is not known here'

/*
 * Product carbon footprints of six ProLiant servers (HPE, 2022; of 4 to 28 kg), as collected by Boavizta in
 * environmental-footprint-data (ODbL 1.0): the stage's share times the product's total. Both hardly follow what making
 * emits, which is 465 to 2,500 kg among them, so that they are a mass for each machine and no share.
 */
const COLLECTED = 'six product carbon footprints of servers (HPE 2022, collected by Boavizta)'
const TRANSPORT: Input = { value: 31.8, low: 26.8, high: 33.5 }
const END_OF_LIFE: Input = { value: 17.9, low: 10, high: 31.6 }

/** The making, which is what counts, and the stages that are shown beside it. */
export function stagesOf(
  embodied: Embodied,
  settings: EmbodiedSettings,
  parts: Pick<MachineParts, 'isVirtual'>,
): StageFootprint[] {
  const study = typeof settings === 'string' ? null : settings.stages
  const beside = (stage: LifeStage, kg: number | null, usual: Input): StageFootprint => {
    if (kg !== null) return { stage, ...studied(kg), source: sourceOf(settings) }
    if (parts.isVirtual) return { stage, kg: null, lowKg: null, highKg: null, source: UNKNOWN }
    const { kg: usualKg, lowKg, highKg, source } = flat(usual)
    return { stage, kg: usualKg, lowKg, highKg, source }
  }
  const { kg, lowKg, highKg, source } = embodied
  return [
    { stage: 'manufacturing', kg, lowKg, highKg, source },
    beside('transport', study?.transport_kg ?? null, TRANSPORT),
    beside('end-of-life', study?.end_of_life_kg ?? null, END_OF_LIFE),
  ]
}

/** Of less than a gram nothing can be a multiple that the ledger holds. */
const LEAST_KG = 1e-3

/** The same for the books, whose only mass is that of the making. */
export function sharesOfStages(stages: readonly StageFootprint[]): StageShare[] {
  const making = stages.find(({ stage }) => stage === 'manufacturing')?.kg ?? 0
  const ppm = (kg: number | null) => (kg === null || making < LEAST_KG ? null : BigInt(Math.round((kg / making) * 1e6)))
  return stages.map(({ stage, kg, lowKg, highKg, source }) => ({
    stage,
    source,
    ppm: ppm(kg),
    lowPpm: ppm(lowKg),
    highPpm: ppm(highKg),
  }))
}

function studied(kg: number): Pick<Footprint, 'kg' | 'lowKg' | 'highKg'> {
  return { kg, lowKg: kg / PRODUCT_SPREAD, highKg: kg * PRODUCT_SPREAD }
}

function sourceOf(settings: EmbodiedSettings): string {
  return (settings as KnownEmbodied).source ?? 'configuration'
}

function flat(input: Input): Footprint {
  return footprintOf((kg) => kg, input, COLLECTED)
}
