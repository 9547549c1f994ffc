/** Another lifetime than the configured one, with what is renewed on the way. */
export interface LongerLife {
  /** What is written off, in kg CO₂e. */
  readonly kg: number
  readonly beforeYears: number
  readonly afterYears: number
  /** Making of the parts that are renewed; nothing of refurbished ones, whose making their first owner wrote off. */
  readonly renewedKg: number
  /** Grams of CO₂e that a kilowatt hour of the machine stands for, PUE included. */
  readonly gPerKwh: number
}

export interface LifetimeWhatIf extends LongerLife {
  readonly yearlyBeforeKg: number
  readonly yearlyAfterKg: number
  /** Over the new lifetime: machines like this one, each for its old lifetime, against this one alone. */
  readonly totalBeforeKg: number
  readonly totalAfterKg: number
  readonly savedKg: number
  /** Of each year beyond the old lifetime; null where there is none. */
  readonly savedKgPerExtraYear: number | null
  /** Years beyond the old lifetime after which renewed parts have paid; null where none is made, or no year is won. */
  readonly paidBackYears: number | null
  /**
   * A new machine that takes less by more than this would have been the better choice, in kWh of each extra year and in
   * watts; null where nothing is saved, or where electricity emits nothing.
   */
  readonly breakEvenKwh: number | null
  readonly breakEvenW: number | null
}

const HOURS_PER_YEAR = 8_760
const G_PER_KG = 1_000

/** What a machine's making comes to a year, before and after. */
export function lifetimeWhatIf(life: LongerLife): LifetimeWhatIf {
  const { kg, beforeYears, afterYears, renewedKg, gPerKwh } = life
  const yearlyBeforeKg = kg / beforeYears
  const [totalBeforeKg, totalAfterKg] = [yearlyBeforeKg * afterYears, kg + renewedKg]
  const extraYears = afterYears - beforeYears
  const savedKgPerExtraYear = extraYears > 0 ? yearlyBeforeKg - renewedKg / extraYears : null
  const isSaving = savedKgPerExtraYear !== null && savedKgPerExtraYear > 0 && gPerKwh > 0
  const breakEvenKwh = isSaving ? (savedKgPerExtraYear * G_PER_KG) / gPerKwh : null
  return {
    ...life,
    yearlyBeforeKg,
    yearlyAfterKg: totalAfterKg / afterYears,
    totalBeforeKg,
    totalAfterKg,
    savedKg: totalBeforeKg - totalAfterKg,
    savedKgPerExtraYear,
    paidBackYears: renewedKg > 0 && extraYears > 0 ? renewedKg / yearlyBeforeKg : null,
    breakEvenKwh,
    breakEvenW: breakEvenKwh === null ? null : (breakEvenKwh * 1_000) / HOURS_PER_YEAR,
  }
}
