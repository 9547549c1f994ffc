import { DAY_MS, HOUR_MS } from '../../model/time.ts'
import { correction, DAY_FORMAT, grams, HOUR_FORMAT, kwh, sumIfAllKnown, utc } from './sql.ts'

/** Shares of emissions and water, whole, so that days are the sum of their hours whether or not these are still there. */
export const SHARES = ['co2e_location_ug', 'co2e_market_ug', 'embodied_ug', 'site_water_ul', 'grid_water_ul'] as const

/** What a consumer has of the hour, by its energy. Of an hour that the node's rows have in part only, by what was split. */
const BY_ENERGY = '1.0 * (c.idle_uj + c.dynamic_uj) / nullif(max(h.energy_uj, s.energy_uj), 0)'

/** Who reserves the machine carries its making: of the part that was split, by the idle energy, if there is any. */
const BY_IDLE = `iif(s.idle_uj = 0, ${BY_ENERGY},
    min(1.0, 1.0 * s.energy_uj / nullif(h.energy_uj, 0)) * c.idle_uj / s.idle_uj)`

/**
 * Hours of consumers with their share of the node's emissions, as these are settled, and of its water; null where the
 * node's figure is not known. `range` is a WHERE clause on `start_unix_ms`, for all tables alike. The hour of a booking
 * is cast, since SQLite indexes no expression without a type and would hold each hour against each.
 */
export function consumerHours(range = ''): string {
  const share = (column: string, part: string) => `CAST(round(h.${column} * ${part}) AS INTEGER) AS ${column}`
  const ofAccount = (account: string, column: string) => `sum(iif(account = '${account}', ${column}, 0))`
  const settled = (account: 'location' | 'market') =>
    `co2e_${account}_ug + ${correction(account, `co2e_${account}_ug`)} AS co2e_${account}_ug`
  return `
WITH node AS (
  SELECT start_unix_ms, sum(energy_uj) AS energy_uj,
    ${SHARES.map((column) => `${sumIfAllKnown(column)} AS ${column}`).join(',\n    ')}
  FROM node_hour ${range} GROUP BY start_unix_ms
), booking AS (
  SELECT CAST(start_unix_ms - start_unix_ms % ${HOUR_MS} AS INTEGER) AS start_unix_ms, account, co2e_ug,
    (SELECT ifnull(sum(after_ug - before_ug), 0) FROM restatement r WHERE r.emission_id = e.emission_id) AS correction_ug
  FROM emission e ${range}
), booked AS (
  SELECT start_unix_ms,
    ${ofAccount('location', 'co2e_ug')} AS location_booked_ug,
    ${ofAccount('location', 'correction_ug')} AS location_correction_ug,
    ${ofAccount('market', 'co2e_ug')} AS market_booked_ug,
    ${ofAccount('market', 'correction_ug')} AS market_correction_ug
  FROM booking GROUP BY start_unix_ms
), settled AS (
  SELECT start_unix_ms, energy_uj, ${settled('location')}, ${settled('market')},
    embodied_ug, site_water_ul, grid_water_ul
  FROM node LEFT JOIN booked USING (start_unix_ms)
), split AS (
  SELECT start_unix_ms, sum(idle_uj) AS idle_uj, sum(idle_uj + dynamic_uj) AS energy_uj
  FROM consumer_hour ${range} GROUP BY start_unix_ms
), used AS (
  SELECT * FROM consumer_hour ${range}
)
SELECT c.start_unix_ms, consumer_id, tenant, c.idle_uj, c.dynamic_uj,
  ${SHARES.map((column) => share(column, column === 'embodied_ug' ? BY_IDLE : BY_ENERGY)).join(',\n  ')}
FROM used c JOIN split s USING (start_unix_ms) LEFT JOIN settled h USING (start_unix_ms)`
}

/** What a person reads, of one row or of several. */
function figures(energyOf: (uj: string) => string, gramsOf: (ug: string) => string): string {
  return `${energyOf('idle_uj')} AS idle_kwh, ${energyOf('dynamic_uj')} AS dynamic_kwh,
  ${energyOf('idle_uj + dynamic_uj')} AS energy_kwh,
  ${gramsOf('co2e_location_ug')} AS co2e_location_g, ${gramsOf('co2e_market_ug')} AS co2e_market_g,
  ${gramsOf('embodied_ug')} AS embodied_g,
  ${gramsOf('site_water_ul')} AS site_water_l, ${gramsOf('grid_water_ul')} AS grid_water_l`
}

const OF_ONE = figures(
  (uj) => kwh(`(${uj})`),
  (ug) => `round(${ug} / 1e6, 6)`,
)
const OF_SEVERAL = figures((uj) => kwh(`sum(${uj})`), grams)

const COLUMNS = `start_unix_ms, consumer_id, tenant, idle_uj, dynamic_uj, ${SHARES.join(', ')}`

export const CONSUMER_VIEWS: Readonly<Record<string, string>> = {
  settled_consumer: consumerHours(),
  consumer_hourly: `
SELECT ${utc('start_unix_ms', HOUR_FORMAT)} AS hour, kind, name AS consumer, tenant, ${OF_ONE}
FROM settled_consumer JOIN consumer USING (consumer_id)
ORDER BY start_unix_ms, consumer_id, tenant`,
  consumer_daily: `
WITH piece AS (
  SELECT ${COLUMNS} FROM settled_consumer UNION ALL SELECT ${COLUMNS} FROM consumer_day
)
SELECT ${utc('day_unix_ms', DAY_FORMAT)} AS day, kind, name AS consumer, tenant, ${OF_SEVERAL}
FROM (SELECT *, start_unix_ms - start_unix_ms % ${DAY_MS} AS day_unix_ms FROM piece) JOIN consumer USING (consumer_id)
GROUP BY day_unix_ms, consumer_id, tenant ORDER BY day_unix_ms, consumer_id, tenant`,
}
