const HOUR_MS = 3_600_000
const DAY_MS = 86_400_000

/** Whole seconds: `02:00:00.5Z` would sort before `02:00:00Z`. */
const SECONDS = '%Y-%m-%dT%H:%M:%SZ'

/**
 * The ledger for people (docs/design.md, "Ledger"). Made anew whenever a file has others.
 *
 * `coverage_pct` is the covered time as a share of the whole hour or day: those that still run, or in which the ledger
 * began, show less than 100. `uncertainty_pct` is the half-width of the 95 % interval (k = 2): uncertainties add
 * linearly within a meter, whose error is common to all its postings, and in quadrature between meters (GUM 5.1.2,
 * 5.2.2). A figure in grams is null unless it is known for all the energy of the row. `pue` is the energy-weighted mean.
 */
export const VIEWS: Readonly<Record<string, string>> = {
  node_hourly: nodeView('hour', HOUR_MS, '%Y-%m-%dT%H:00:00Z'),
  node_daily: nodeView('day', DAY_MS, '%Y-%m-%d'),
  channel_hourly: `
SELECT ${utc('start_unix_ms', '%Y-%m-%dT%H:00:00Z')} AS hour, sensor, scope, device,
  ${kwh('energy_uj')} AS energy_kwh,
  round(energy_uj / nullif(covered_ms * 1000.0, 0), 3) AS mean_w,
  round(max_uw / 1e6, 3) AS max_w,
  ${coverage('covered_ms', HOUR_MS)} AS coverage_pct
FROM channel_hour JOIN channel USING (channel_id)
ORDER BY start_unix_ms, channel_id`,
  gaps: `
SELECT ${utc('started_unix_ms')} AS started, ${utc('ended_unix_ms')} AS ended,
  sensor, iif(channel_id IS NULL, 'node', device) AS device, reason
FROM gap LEFT JOIN channel USING (channel_id)
ORDER BY started_unix_ms, gap_id`,
  intensity: `
SELECT ${utc('starts_unix_ms')} AS starts, ${utc('ends_unix_ms')} AS ends,
  zone, basis, mg_per_kwh / 1000.0 AS g_per_kwh, source, status
FROM grid_intensity
ORDER BY starts_unix_ms, zone, basis, source`,
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
    ${sumIfAllKnown('embodied_ug')} AS embodied_ug
  FROM node_hour GROUP BY 1, 2
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
  ${grams('co2e_location_ug')} AS co2e_location_g,
  ${grams('co2e_market_ug')} AS co2e_market_g,
  ${grams('embodied_ug')} AS embodied_g,
  round(1.0 * sum(facility_uj) / nullif(sum(energy_uj), 0), 4) AS pue
FROM named GROUP BY start_unix_ms, meters ORDER BY start_unix_ms`
}

function utc(unixMs: string, format = SECONDS): string {
  return `strftime('${format}', ${unixMs} / 1000, 'unixepoch')`
}

function kwh(energyUj: string): string {
  return `round(${energyUj} / 3.6e12, 9)`
}

function grams(ug: string): string {
  return `round(${sumIfAllKnown(ug)} / 1e6, 6)`
}

/** More than the whole is possible when the wall clock was set back: the same minutes passed twice. */
function coverage(coveredMs: string, periodMs: number): string {
  return `round(min(100.0, ${coveredMs} * 100.0 / ${periodMs}), 2)`
}

function sumIfAllKnown(column: string): string {
  return `iif(count(${column}) = count(*), sum(${column}), NULL)`
}
