import { HOUR_MS } from '../model/time.ts'
import { rowsWithin, SERIES_BITS } from './schema/fine-tables.ts'
import { sumIfAllKnown } from './schema/sql.ts'

/*
 * Queries of a history, whose parameters are the span, `from` and `until`, which is not included, and the length of its
 * steps. `grain` is of the table: `minute` or `hour`.
 */

export type Grain = 'minute' | 'hour'

const within = (grain: Grain) => rowsWithin(grain, ':from', ':until')
const WITHIN = within('hour')
const STEP = 'CAST(start_unix_ms - start_unix_ms % :step AS INTEGER)'
const MASSES = ['co2e_location_ug', 'co2e_market_ug', 'embodied_ug', 'site_water_ul', 'grid_water_ul']
const quality = (name: string) => `sum(iif(quality = '${name}', energy_uj, 0)) AS ${name}Uj`

export const nodeSteps = (grain: Grain) => `
SELECT ${STEP} AS start, meter, ${quality('measured')}, ${quality('derived')}, ${quality('estimated')},
  sum(uncertainty_uj) AS uncertaintyUj, sum(facility_uj) AS facilityUj, sum(covered_ms) AS coveredMs,
  ${MASSES.map((column) => `${sumIfAllKnown(column)} AS ${column}`).join(', ')}
FROM node_${grain} WHERE ${within(grain)} GROUP BY 1, meter ORDER BY 1`

export const partSteps = (grain: Grain) => `
SELECT ${STEP} AS start, part, quality, sum(energy_uj) AS energyUj
FROM part_${grain} WHERE ${within(grain)} GROUP BY 1, part, quality ORDER BY 1`

/** What restatements changed of an hour that has any, and the energy that it was booked for. */
export const CORRECTIONS = `
WITH changed AS (
  SELECT emission_id, sum(after_ug - before_ug) AS change_ug FROM restatement
  WHERE emission_id IN (SELECT emission_id FROM emission WHERE ${WITHIN}) GROUP BY emission_id
)
SELECT CAST(start_unix_ms - start_unix_ms % ${HOUR_MS} AS INTEGER) AS hour, account,
  sum(ifnull(change_ug, 0)) AS changeUg, sum(energy_uj) AS energyUj
FROM emission LEFT JOIN changed USING (emission_id)
WHERE ${WITHIN} AND account IN ('location', 'market') GROUP BY hour, account HAVING count(change_ug) > 0`

/** Of the machine as a whole, the longest first. */
export const LONGEST_GAPS = `
SELECT started_unix_ms AS startedMs, ended_unix_ms AS endedMs, reason FROM gap
WHERE channel_id IS NULL AND started_unix_ms < :until AND ended_unix_ms > :from
ORDER BY ended_unix_ms - started_unix_ms DESC, gap_id LIMIT :most`

export const COUNT_GAPS = `
SELECT count(*) FROM gap WHERE channel_id IS NULL AND started_unix_ms < :until AND ended_unix_ms > :from`

/** `lastMs`: up to where the node's energy is known; a batch is written seconds after its time. */
export const BOUNDS = `
SELECT (SELECT min(start_unix_ms) FROM node_hour) AS firstHourMs, (SELECT min(row_id) >> ${SERIES_BITS} FROM node_minute) AS firstMinuteMs,
  (SELECT min(row_id) >> ${SERIES_BITS} FROM node_raw) AS firstMs, at_unix_ms AS atMs,
  (SELECT max(start_unix_ms + duration_ms) FROM node_raw WHERE row_id > (at_unix_ms - 600000) << ${SERIES_BITS}) AS lastMs
FROM account`

const USED = `
WITH piece AS (
  SELECT consumer_id, tenant, idle_uj, dynamic_uj FROM consumer_hour WHERE ${WITHIN}
  UNION ALL SELECT consumer_id, tenant, idle_uj, dynamic_uj FROM consumer_day WHERE ${WITHIN}
)`

export const CONSUMER_SUMS = `${USED}
, used AS (
  SELECT consumer_id, tenant, sum(idle_uj) AS idle_uj, sum(dynamic_uj) AS dynamic_uj FROM piece
  GROUP BY consumer_id, tenant
)
SELECT kind, id, name, tenant, idle_uj AS idleUj, dynamic_uj AS dynamicUj, count(*) OVER () AS count
FROM used JOIN consumer USING (consumer_id)
ORDER BY idle_uj + dynamic_uj DESC, consumer_id, tenant LIMIT :most`

export const TENANT_SUMS = `${USED}
SELECT tenant, sum(idle_uj) AS idleUj, sum(dynamic_uj) AS dynamicUj, count(*) OVER () AS count,
  sum(sum(idle_uj + dynamic_uj)) OVER () AS allUj
FROM piece GROUP BY tenant ORDER BY sum(idle_uj + dynamic_uj) DESC, tenant LIMIT :most`
