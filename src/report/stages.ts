import type { StageSum } from '../ledger/report-rows.ts'
import { COUNTED_STAGE, type LifeStage, STAGE_CATEGORY } from '../model/life-stage.ts'
import type { Figures } from './figures.ts'
import { divide } from './shares.ts'

/** A stage of the machine's life as a report has it. */
export interface StageLine extends Omit<StageSum, 'stage'> {
  readonly stage: LifeStage
  /** For a person. */
  readonly about: string
  readonly scope3Category: string
  /** False where it is shown beside the figures, and in none of them. */
  readonly isCounted: boolean
}

/** The stages of the machine, or the part of them that goes with one tenant's part of the making. */
export function stageLines(sums: readonly StageSum[], machineUg: bigint | null, ownUg: bigint | null): StageLine[] {
  const part = (ug: bigint | null) => {
    if (ug === null || machineUg === null || ownUg === null) return null
    return machineUg === 0n ? 0n : (2n * ug * ownUg + machineUg) / (2n * machineUg)
  }
  return sums.map(({ stage, source, ug, lowUg, highUg }) => ({
    stage,
    about: STAGE_CATEGORY[stage].about,
    scope3Category: STAGE_CATEGORY[stage].category,
    isCounted: stage === COUNTED_STAGE,
    ug: part(ug),
    lowUg: part(lowUg),
    highUg: part(highUg),
    source,
  }))
}

/** What a stage has in each row: in proportion to the making, so that the rows add up to the stage. */
export function stageOfRows(line: StageLine | undefined, rows: readonly { readonly figures: Figures }[]) {
  if (line === undefined) return rows.map(() => null)
  const made = rows.map(({ figures }) => figures.embodiedUg)
  const shares = divide(
    line.ug,
    made.map((ug) => (ug !== null && ug > 0n ? ug : 0n)),
  )
  return made.map((ug, index) => (ug === null ? null : (shares[index] ?? null)))
}

/** Of all stages; null as soon as one is not known. */
export function lifeUg(lines: readonly StageLine[]): bigint | null {
  return lines.reduce<bigint | null>((sum, { ug }) => (sum === null || ug === null ? null : sum + ug), 0n)
}
