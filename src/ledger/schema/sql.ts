/** Pieces of SQL that the views are made of. */

/** Whole seconds: `02:00:00.5Z` would sort before `02:00:00Z`. */
const SECONDS = '%Y-%m-%dT%H:%M:%SZ'

export const HOUR_FORMAT = '%Y-%m-%dT%H:00:00Z'
export const DAY_FORMAT = '%Y-%m-%d'

export function utc(unixMs: string, format = SECONDS): string {
  return `strftime('${format}', (${unixMs}) / 1000, 'unixepoch')`
}

export function kwh(energyUj: string): string {
  return `round(${energyUj} / 3.6e12, 9)`
}

/** Of millionths; `correction` is one figure for all rows. */
export function grams(ug: string, correction = '0'): string {
  return `round((${sumIfAllKnown(ug)} + ${correction}) / 1e6, 6)`
}

/** Of the part of the bookings that the rows have: a full queue once dropped rows and kept bookings. */
export function correction(account: 'location' | 'market', bookedUg = `sum(co2e_${account}_ug)`): string {
  const part = `min(1.0, ${bookedUg} * 1.0 / nullif(${account}_booked_ug, 0))`
  return `ifnull(${account}_correction_ug * ifnull(${part}, 1.0), 0)`
}

export function sumIfAllKnown(column: string): string {
  return `iif(count(${column}) = count(*), sum(${column}), NULL)`
}
