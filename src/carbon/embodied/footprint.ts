/** Greenhouse gases of making a thing, from the raw material to the factory's gate, in kg CO₂e. */
export interface Footprint {
  readonly kg: number
  /** Bounds of the 95 % interval. */
  readonly lowKg: number
  readonly highKg: number
  readonly source: string
  /**
   * 1 a product's own figure, 2 the life-cycle study of the component, 3 a formula with known inputs, 4 a formula with
   * assumed inputs, 5 a flat figure (the scale of the Partnership for Carbon Accounting Financials).
   */
  readonly dataQuality: 1 | 2 | 3 | 4 | 5
}

/** An input of a formula, with its usual range where it is not known. */
export interface Input {
  readonly value: number
  readonly low: number
  readonly high: number
}

export function known(value: number): Input {
  return { value, low: value, high: value }
}

/** An unknown input: the middle of its range on a logarithmic scale, since such factors err by ratios. */
export function assumed(low: number, high: number): Input {
  return { value: Math.sqrt(low * high), low, high }
}

/**
 * Published figures of the same part differ by a ratio of at least 1.5 to either side (95 %): log-normal, with a
 * squared geometric standard deviation of 1.5.
 */
const FACTOR_SPREAD = 1.5

/** The footprint by a formula that grows with its input. */
export function footprintOf(
  formula: (input: number) => number,
  { value, low, high }: Input,
  source: string,
): Footprint {
  return {
    kg: formula(value),
    lowKg: formula(low) / FACTOR_SPREAD,
    highKg: formula(high) * FACTOR_SPREAD,
    source,
    dataQuality: low === high ? 3 : 4,
  }
}

/**
 * Footprints of one machine share their factors, so they err together: the quantiles of a fully correlated sum are the
 * sums of the quantiles, whatever the distribution (GUM 5.2.2 for its standard deviation).
 */
export function sumOf(figures: readonly Pick<Footprint, 'kg' | 'lowKg' | 'highKg'>[]): {
  readonly kg: number
  readonly lowKg: number
  readonly highKg: number
} {
  const sum = { kg: 0, lowKg: 0, highKg: 0 }
  for (const { kg, lowKg, highKg } of figures) {
    sum.kg += kg
    sum.lowKg += lowKg
    sum.highKg += highKg
  }
  return sum
}

/** One machine's share of something that several share. */
export function partOf({ kg, lowKg, highKg, source }: Footprint, { value, low, high }: Input): Footprint {
  return { kg: kg * value, lowKg: lowKg * low, highKg: highKg * high, source, dataQuality: 4 }
}

export function times(count: number, figure: Footprint): Footprint {
  return { ...figure, kg: count * figure.kg, lowKg: count * figure.lowKg, highKg: count * figure.highKg }
}
