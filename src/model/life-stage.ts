/** The stages of a machine's life beside its use, which the Scope 2 accounts count by its meter. */
export const LIFE_STAGES = ['manufacturing', 'transport', 'end-of-life'] as const
export type LifeStage = (typeof LIFE_STAGES)[number]

/**
 * What each is, and where the GHG Protocol's Scope 3 Standard puts it: capital goods, upstream transport, and at its end
 * waste of the owner's operations, or a sold product once the owner has sold it.
 */
export const STAGE_CATEGORY: Readonly<Record<LifeStage, { readonly about: string; readonly category: string }>> = {
  manufacturing: { about: 'raw material and manufacturing', category: '2' },
  transport: { about: 'transport to the site', category: '4' },
  'end-of-life': { about: 'end of life', category: '5 or 12' },
}

/** The one stage whose emissions are booked. */
export const COUNTED_STAGE: LifeStage = 'manufacturing'

/** A stage in parts per million of the making; null where no source knows it. */
export interface StageShare {
  readonly stage: LifeStage
  readonly ppm: bigint | null
  /** Bounds of the 95 % interval. */
  readonly lowPpm: bigint | null
  readonly highPpm: bigint | null
  readonly source: string
}
