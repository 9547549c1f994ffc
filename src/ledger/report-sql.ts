import { DAY_MS, HOUR_MS } from '../model/time.ts'
import { consumerHours } from './schema/consumer-views.ts'
import { correction, sumIfAllKnown } from './schema/sql.ts'
import { STAGE_ORDER, stageHours } from './schema/stage-table.ts'

/* Queries of reports, whose parameters are the span: `from`, and `until`, which is not included. */

const WITHIN = 'start_unix_ms >= :from AND start_unix_ms < :until'
const HOUR = `CAST(start_unix_ms - start_unix_ms % ${HOUR_MS} AS INTEGER)`
const quality = (name: string) => `sum(iif(quality = '${name}', energy_uj, 0)) AS ${name}Uj`
const whole = (sql: string) => `CAST(round(${sql}) AS INTEGER)`
const changed = '(SELECT ifnull(sum(after_ug - before_ug), 0) FROM restatement r WHERE r.emission_id = e.emission_id)'

const ofAccount = (account: 'location' | 'market') => `
    sum(iif(account = '${account}', co2e_ug, 0)) AS ${account}_booked_ug,
    sum(iif(account = '${account}', changed_ug, 0)) AS ${account}_correction_ug`
const settled = (account: 'location' | 'market') =>
  whole(`co2e_${account}_ug + ${correction(account, `co2e_${account}_ug`)}`)

export const NODE_HOURS = `
WITH node AS (
  SELECT start_unix_ms, ${quality('measured')}, ${quality('derived')}, ${quality('estimated')},
    sum(facility_uj) AS facilityUj, sum(covered_ms) AS coveredMs,
    ${['co2e_location_ug', 'co2e_market_ug', 'embodied_ug', 'site_water_ul', 'grid_water_ul']
      .map((column) => `${sumIfAllKnown(column)} AS ${column}`)
      .join(', ')}
  FROM node_hour WHERE ${WITHIN} GROUP BY start_unix_ms
), booking AS (
  SELECT ${HOUR} AS start_unix_ms, account, co2e_ug, ${changed} AS changed_ug FROM emission e WHERE ${WITHIN}
), booked AS (
  SELECT start_unix_ms, ${ofAccount('location')}, ${ofAccount('market')} FROM booking GROUP BY start_unix_ms
)
SELECT start_unix_ms AS hour, measuredUj, derivedUj, estimatedUj, facilityUj, coveredMs,
  ${settled('location')} AS locationUg, ${settled('market')} AS marketUg, embodied_ug AS embodiedUg,
  site_water_ul AS siteWaterUl, grid_water_ul AS gridWaterUl
FROM node LEFT JOIN booked USING (start_unix_ms) ORDER BY start_unix_ms`

export const METER_HOURS = `
SELECT start_unix_ms AS hour, meter, sum(energy_uj) AS energyUj, sum(uncertainty_uj) AS uncertaintyUj
FROM node_hour WHERE ${WITHIN} GROUP BY start_unix_ms, meter ORDER BY start_unix_ms, meter`

/** A booking with the figure of its last restatement. */
export const BOOKED_HOURS = `
WITH booking AS (
  SELECT ${HOUR} AS hour, account, energy_uj, pue_ppm, pue_uncertainty_ppm, co2e_ug + ${changed} AS co2e_ug,
    ifnull((SELECT factor_id FROM restatement r WHERE r.emission_id = e.emission_id ORDER BY restatement_id DESC LIMIT 1),
      factor_id) AS factor_id
  FROM emission e WHERE ${WITHIN}
)
SELECT hour, account, instrument, basis, zone, source, status, data_quality AS dq, uncertainty_ppm AS uncertaintyPpm,
  sum(energy_uj) AS energyUj, sum(co2e_ug) AS co2eUg, sum(energy_uj / 1e6 * pue_ppm / 1e6) / 1e6 AS facilityMj,
  sum(co2e_ug * (pue_uncertainty_ppm / 1e6)) AS pueUg, min(mg_per_kwh) AS leastMgPerKwh, max(mg_per_kwh) AS mostMgPerKwh
FROM booking JOIN factor USING (factor_id)
GROUP BY hour, account, instrument, basis, zone, source, status, dq, uncertaintyPpm
ORDER BY hour, account, instrument, basis, zone, source, status, dq, uncertaintyPpm`

export const PART_HOURS = `
SELECT start_unix_ms AS hour, part, ${quality('measured')}, ${quality('derived')}, ${quality('estimated')}
FROM part_hour WHERE ${WITHIN} GROUP BY start_unix_ms, part ORDER BY start_unix_ms, part`

const CONSUMER_COLUMNS =
  'start_unix_ms, consumer_id, tenant, idle_uj, dynamic_uj, co2e_location_ug, co2e_market_ug, embodied_ug, site_water_ul, grid_water_ul'

export const CONSUMER_DAYS = `
SELECT CAST(start_unix_ms - start_unix_ms % ${DAY_MS} AS INTEGER) AS day, consumer_id AS consumerId, kind, name, tenant,
  sum(idle_uj) AS idleUj, sum(dynamic_uj) AS dynamicUj,
  ${sumIfAllKnown('co2e_location_ug')} AS locationUg, ${sumIfAllKnown('co2e_market_ug')} AS marketUg,
  ${sumIfAllKnown('embodied_ug')} AS embodiedUg, ${sumIfAllKnown('site_water_ul')} AS siteWaterUl,
  ${sumIfAllKnown('grid_water_ul')} AS gridWaterUl
FROM (
  SELECT ${CONSUMER_COLUMNS} FROM (${consumerHours(`WHERE ${WITHIN}`)})
  UNION ALL SELECT ${CONSUMER_COLUMNS} FROM consumer_day WHERE ${WITHIN}
) JOIN consumer USING (consumer_id)
GROUP BY day, consumer_id, tenant ORDER BY day, consumer_id, tenant`

export const RESTATEMENTS = `
WITH step AS (
  SELECT e.account, r.at_unix_ms, old.source AS wasSource, new.source, new.status, r.after_ug - r.before_ug AS change_ug
  FROM emission e JOIN restatement r ON r.emission_id = e.emission_id
    LEFT JOIN restatement replaced ON replaced.restatement_id = r.replaces_id
    JOIN factor old ON old.factor_id = ifnull(replaced.factor_id, e.factor_id)
    JOIN factor new ON new.factor_id = r.factor_id
  WHERE ${WITHIN.replaceAll('start_unix_ms', 'e.start_unix_ms')}
)
SELECT account, wasSource, source, status, count(*) AS count, sum(change_ug) AS changeUg,
  min(at_unix_ms) AS firstMs, max(at_unix_ms) AS lastMs
FROM step GROUP BY account, wasSource, source, status ORDER BY account, wasSource, source, status`

export const GAPS = `
SELECT iif(gap.channel_id IS NULL, '', device) AS device, reason, count(*) AS count,
  sum(min(ended_unix_ms, :until) - max(started_unix_ms, :from)) AS ms,
  min(started_unix_ms) AS firstMs, max(ended_unix_ms) AS lastMs
FROM gap LEFT JOIN channel USING (channel_id)
WHERE started_unix_ms < :until AND ended_unix_ms > :from AND (gap.channel_id IS NULL OR sensor = 'account')
GROUP BY 1, 2 ORDER BY 1, 2`

export const CHANNELS = `
SELECT sensor, scope, device, quality, sum(energy_uj) AS energyUj, sum(covered_ms) AS coveredMs
FROM channel_hour JOIN channel USING (channel_id) WHERE ${WITHIN}
GROUP BY channel_id ORDER BY sensor, scope, device`

const wholeSum = (column: string) => `CAST(round(${sumIfAllKnown(column)}) AS INTEGER)`

export const STAGES = `
SELECT stage, group_concat(DISTINCT source) AS source, ${wholeSum('stage_ug')} AS ug, ${wholeSum('low_ug')} AS lowUg,
  ${wholeSum('high_ug')} AS highUg
FROM (${stageHours(`WHERE ${WITHIN}`)}) GROUP BY stage ORDER BY ${STAGE_ORDER}`

/** A day whose hours of consumers are gone, and of which the span has a part. */
export const CUT_DAY = `
SELECT start_unix_ms FROM consumer_day
WHERE start_unix_ms IN (:from - :from % ${DAY_MS}, :until - :until % ${DAY_MS})
  AND NOT (start_unix_ms >= :from AND start_unix_ms + ${DAY_MS} <= :until)
  AND start_unix_ms < :until LIMIT 1`
