import { DAY_MS, HOUR_MS } from '../../model/time.ts'
import { CONSUMER_VIEWS } from './consumer-views.ts'
import { correction, DAY_FORMAT, grams, HOUR_FORMAT, kwh, sumIfAllKnown, utc } from './sql.ts'
import { STAGE_VIEW } from './stage-table.ts'

/** The least settled figure decides. */
const STATUS_RANK = "CASE status WHEN 'final' THEN 0 WHEN 'provisional' THEN 1 ELSE 2 END"

/** Figures of both bases have no honest sum, so the row says that it is none. */
const MIXED = "'direct + life-cycle'"

/**
 * The ledger for people (docs/ledger.md). Made anew whenever a file has others.
 *
 * `coverage_pct` is the covered time as a share of the whole hour or day: those that still run, or in which the ledger
 * began, show less than 100. `uncertainty_pct` is the half-width of the 95 % interval (k = 2): uncertainties add
 * linearly within a meter, whose error is common to all its postings, and in quadrature between meters (GUM 5.1.2,
 * 5.2.2). A figure in grams is null unless it is known for all the energy of the row. `pue` is the energy-weighted mean.
 *
 * Grams are settled: as booked, plus what restatements changed since. `co2e_uncertainty_pct` is that of the
 * location-based figure: the relative uncertainties of energy, intensity and PUE in quadrature, where the intensity's is
 * common to all intervals of a source and adds up linearly over them, as the PUE's does. `*_dq` are data qualities from
 * 1 to 5 after PCAF, weighed by energy (`embodied_dq`: by mass): of energy, 2 measured, 3 derived,
 * 4 estimated; of intensity, see `DataQuality`.
 */
export const VIEWS: Readonly<Record<string, string>> = {
  /*
   * Each booking with the figure that holds for it now; what the other views of emissions are made of. Beside the one
   * max(), SQLite takes a bare column from the row that has it: the last restatement's.
   */
  settled_emission: `
SELECT e.emission_id, account, start_unix_ms, duration_ms, energy_uj, pue_ppm, pue_uncertainty_ppm,
  e.co2e_ug AS booked_ug, e.co2e_ug + ifnull(correction_ug, 0) AS co2e_ug,
  zone, basis, source, instrument, mg_per_kwh, status, data_quality, uncertainty_ppm, reason
FROM emission e
  LEFT JOIN (
    SELECT emission_id, max(restatement_id), factor_id, sum(after_ug - before_ug) AS correction_ug
    FROM restatement GROUP BY emission_id
  ) r ON r.emission_id = e.emission_id
  JOIN factor f ON f.factor_id = ifnull(r.factor_id, e.factor_id)`,
  node_hourly: nodeView('hour', HOUR_MS, HOUR_FORMAT),
  node_daily: nodeView('day', DAY_MS, DAY_FORMAT),
  node_parts_hourly: `
SELECT ${utc('start_unix_ms', HOUR_FORMAT)} AS hour, part, quality, ${kwh('energy_uj')} AS energy_kwh
FROM part_hour ORDER BY start_unix_ms, part, quality`,
  node_part_states_hourly: `
SELECT ${utc('start_unix_ms', HOUR_FORMAT)} AS hour, part,
  ${kwh('min(idle_uj, energy_uj)')} AS idle_kwh,
  ${kwh('(energy_uj - min(idle_uj, energy_uj))')} AS dynamic_kwh,
  ${kwh('energy_uj')} AS energy_kwh
FROM (SELECT start_unix_ms, part, sum(energy_uj) AS energy_uj FROM part_hour GROUP BY start_unix_ms, part)
  LEFT JOIN part_idle_hour USING (start_unix_ms, part)
ORDER BY start_unix_ms, part`,
  embodied_stages_daily: STAGE_VIEW,
  channel_hourly: `
SELECT ${utc('start_unix_ms', HOUR_FORMAT)} AS hour, sensor, scope, device,
  ${kwh('energy_uj')} AS energy_kwh,
  round(energy_uj / nullif(covered_ms * 1000.0, 0), 3) AS mean_w,
  round(max_uw / 1e6, 3) AS max_w,
  ${coverage('covered_ms', HOUR_MS)} AS coverage_pct
FROM channel_hour JOIN channel USING (channel_id)
ORDER BY start_unix_ms, channel_id`,
  ...CONSUMER_VIEWS,
  gaps: `
SELECT ${utc('started_unix_ms')} AS started, ${utc('ended_unix_ms')} AS ended,
  sensor, iif(channel_id IS NULL, 'node', device) AS device, reason
FROM gap LEFT JOIN channel USING (channel_id)
ORDER BY started_unix_ms, gap_id`,
  emissions: `
SELECT ${utc('start_unix_ms - start_unix_ms % 3600000', HOUR_FORMAT)} AS hour,
  account, instrument, basis AS ef_basis, zone, source, status,
  ${kwh('sum(energy_uj)')} AS energy_kwh,
  round(sum(energy_uj * (pue_ppm / 1e6)) / nullif(sum(energy_uj), 0), 4) AS pue,
  round(3.6e6 * sum(co2e_ug) / nullif(sum(energy_uj * (pue_ppm / 1e6)), 0), 3) AS g_per_kwh,
  round(sum(co2e_ug) / 1e6, 6) AS co2e_g,
  round(sum(booked_ug) / 1e6, 6) AS booked_g,
  round(uncertainty_ppm / 5e3, 2) AS uncertainty_pct, data_quality AS dq, reason
FROM settled_emission
GROUP BY start_unix_ms - start_unix_ms % 3600000, account, instrument, basis, zone, source, status, reason, uncertainty_ppm, data_quality
ORDER BY start_unix_ms - start_unix_ms % 3600000, account, instrument, source`,
  restatements: `
SELECT r.restatement_id AS id, ${utc('r.at_unix_ms')} AS at, account,
  ${utc('e.start_unix_ms')} AS starts, ${utc('e.start_unix_ms + e.duration_ms')} AS ends,
  r.replaces_id AS replaces,
  old.source AS was_source, old.mg_per_kwh / 1000.0 AS was_g_per_kwh, old.status AS was_status,
  new.source, new.mg_per_kwh / 1000.0 AS g_per_kwh, new.status,
  round(r.before_ug / 1e6, 6) AS was_g, round(r.after_ug / 1e6, 6) AS co2e_g,
  round((r.after_ug - r.before_ug) / 1e6, 6) AS change_g
FROM restatement r JOIN emission e ON e.emission_id = r.emission_id
  LEFT JOIN restatement replaced ON replaced.restatement_id = r.replaces_id
  JOIN factor old ON old.factor_id = ifnull(replaced.factor_id, e.factor_id)
  JOIN factor new ON new.factor_id = r.factor_id
ORDER BY r.restatement_id`,
  intensity: `
SELECT ${utc('starts_unix_ms')} AS starts, ${utc('ends_unix_ms')} AS ends,
  zone, basis, mg_per_kwh / 1000.0 AS g_per_kwh, source, status
FROM factor WHERE factor_id IN (
  SELECT max(factor_id) FROM factor WHERE mg_per_kwh IS NOT NULL GROUP BY zone, basis, source, starts_unix_ms)
ORDER BY starts_unix_ms, zone, basis, source`,
  windows: `
SELECT id, name, tags, series, uid, ${utc('start_unix_ms')} AS started, ${utc('end_unix_ms')} AS ended, closed_by,
  CASE WHEN end_ns IS NULL THEN 'open' WHEN is_final THEN 'final' ELSE 'provisional' END AS status,
  round((end_ns - start_ns) / 1e9, 3) AS duration_s,
  round(energy_uj / 1e6, 6) AS energy_j,
  round(energy_uj * 1e3 / nullif(end_ns - start_ns, 0), 3) AS mean_w,
  round(co2e_location_ug / 1e6, 6) AS co2e_location_g
FROM measured_window ORDER BY measured_window_id`,
  events: `
SELECT ${utc('at_unix_ms')} AS at, what, detail FROM event ORDER BY event_id`,
}

function nodeView(column: string, periodMs: number, format: string): string {
  return `
WITH by_meter AS (
  SELECT start_unix_ms - start_unix_ms % ${periodMs} AS start_unix_ms, meter,
    sum(energy_uj) AS energy_uj,
    sum(iif(quality = 'measured', energy_uj, 0)) AS measured_uj,
    sum(iif(quality = 'derived', energy_uj, 0)) AS derived_uj,
    sum(iif(quality = 'estimated', energy_uj, 0)) AS estimated_uj,
    sum(uncertainty_uj) AS uncertainty_uj,
    sum(facility_uj) AS facility_uj,
    sum(covered_ms) AS covered_ms,
    ${sumIfAllKnown('co2e_location_ug')} AS co2e_location_ug,
    ${sumIfAllKnown('co2e_market_ug')} AS co2e_market_ug,
    ${sumIfAllKnown('embodied_ug')} AS embodied_ug,
    ${sumIfAllKnown('site_water_ul')} AS site_water_ul,
    ${sumIfAllKnown('grid_water_ul')} AS grid_water_ul
  FROM node_hour GROUP BY 1, 2
), by_source AS (
  SELECT start_unix_ms - start_unix_ms % ${periodMs} AS start_unix_ms, account,
    sum(co2e_ug) AS co2e_ug, sum(booked_ug) AS booked_ug, sum(energy_uj) AS energy_uj,
    sum(co2e_ug * (uncertainty_ppm / 1e6)) AS figure_ug, sum(co2e_ug * (pue_uncertainty_ppm / 1e6)) AS pue_ug,
    sum(iif(energy_uj > 0, energy_uj, co2e_ug) * 1.0 * data_quality) AS weighed_quality,
    min(basis) AS least_basis, max(basis) AS most_basis, max(${STATUS_RANK}) AS status_rank
  FROM settled_emission GROUP BY 1, 2, source
), settled AS (
  SELECT start_unix_ms,
    sum(iif(account = 'location', booked_ug, 0)) AS location_booked_ug,
    sum(iif(account = 'location', co2e_ug - booked_ug, 0)) AS location_correction_ug,
    sum(iif(account = 'market', booked_ug, 0)) AS market_booked_ug,
    sum(iif(account = 'market', co2e_ug - booked_ug, 0)) AS market_correction_ug,
    sum(iif(account = 'location', figure_ug * figure_ug, 0)) AS figure_ug2,
    sum(iif(account = 'location', pue_ug, 0)) AS pue_ug,
    sum(iif(account = 'location', co2e_ug, 0)) AS location_ug,
    sum(iif(account = 'location', weighed_quality, 0)) / nullif(sum(iif(account = 'location', energy_uj, 0)), 0)
      AS intensity_dq,
    sum(iif(account = 'embodied', weighed_quality, 0)) / nullif(sum(iif(account = 'embodied', co2e_ug, 0)), 0)
      AS embodied_dq,
    iif(min(${ofLocation('least_basis')}) = max(${ofLocation('most_basis')}), min(${ofLocation('least_basis')}), ${MIXED})
      AS ef_basis,
    max(${ofLocation('status_rank')}) AS status_rank
  FROM by_source GROUP BY 1
), named AS (
  SELECT *, group_concat(meter, ',') OVER (
    PARTITION BY start_unix_ms ORDER BY energy_uj DESC, meter
    ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
  ) AS meters FROM by_meter
)
SELECT ${utc('start_unix_ms', format)} AS ${column},
  ${kwh('sum(energy_uj)')} AS energy_kwh,
  ${kwh('sum(measured_uj)')} AS measured_kwh,
  ${kwh('sum(derived_uj)')} AS derived_kwh,
  ${kwh('sum(estimated_uj)')} AS estimated_kwh,
  round(200.0 * sqrt(sum(1.0 * uncertainty_uj * uncertainty_uj)) / nullif(sum(energy_uj), 0), 2) AS uncertainty_pct,
  ${coverage('sum(covered_ms)', periodMs)} AS coverage_pct,
  meters AS meter,
  ${grams('co2e_location_ug', correction('location'))} AS co2e_location_g,
  ${grams('co2e_market_ug', correction('market'))} AS co2e_market_g,
  ${grams('embodied_ug')} AS embodied_g,
  round(1.0 * sum(facility_uj) / nullif(sum(energy_uj), 0), 4) AS pue,
  round(200.0 * sqrt(
    sum(1.0 * uncertainty_uj * uncertainty_uj) / nullif(1.0 * sum(energy_uj) * sum(energy_uj), 0)
    + (figure_ug2 + pue_ug * pue_ug) / nullif(1.0 * location_ug * location_ug, 0)), 2) AS co2e_uncertainty_pct,
  ef_basis,
  CASE status_rank WHEN 0 THEN 'final' WHEN 1 THEN 'provisional' WHEN 2 THEN 'estimated' END AS co2e_status,
  round((2.0 * sum(measured_uj) + 3.0 * sum(derived_uj) + 4.0 * sum(estimated_uj)) / nullif(sum(energy_uj), 0), 2)
    AS energy_dq,
  round(intensity_dq, 2) AS intensity_dq,
  round(embodied_dq, 2) AS embodied_dq,
  ${grams('site_water_ul')} AS site_water_l,
  ${grams('grid_water_ul')} AS grid_water_l
FROM named LEFT JOIN settled USING (start_unix_ms)
GROUP BY start_unix_ms, meters ORDER BY start_unix_ms`
}

function ofLocation(column: string): string {
  return `iif(account = 'location', ${column}, NULL)`
}

/** More than the whole is possible when the wall clock was set back: the same minutes passed twice. */
function coverage(coveredMs: string, periodMs: number): string {
  return `round(min(100.0, ${coveredMs} * 100.0 / ${periodMs}), 2)`
}
