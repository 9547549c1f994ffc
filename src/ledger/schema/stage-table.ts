import { LIFE_STAGES, STAGE_CATEGORY } from '../../model/life-stage.ts'
import { DAY_MS } from '../../model/time.ts'
import { DAY_FORMAT, sumIfAllKnown, utc } from './sql.ts'

/** Part of step 4. What holds of a stage at a time is its newest row up to it; the first one is of all time before. */
export const STAGE_TABLE = `
-- Stages of the machine's life in parts per million of the making, which is what is booked.
CREATE TABLE embodied_stage (
  stage TEXT NOT NULL,
  since_unix_ms INTEGER NOT NULL,
  ppm INTEGER,
  low_ppm INTEGER,
  high_ppm INTEGER,
  source TEXT NOT NULL,
  PRIMARY KEY (stage, since_unix_ms)
) STRICT, WITHOUT ROWID;
`

/** Each hour of the machine with each stage of its life, in µg. */
export function stageHours(where = ''): string {
  const part = (ppm: string) => `embodied_ug * (${ppm} / 1e6)`
  return `
SELECT start_unix_ms, stage, source,
  ${part('ppm')} AS stage_ug, ${part('low_ppm')} AS low_ug, ${part('high_ppm')} AS high_ug
FROM (
  SELECT start_unix_ms, ${sumIfAllKnown('embodied_ug')} AS embodied_ug FROM node_hour ${where} GROUP BY start_unix_ms
) JOIN embodied_stage s ON since_unix_ms = (
  SELECT max(since_unix_ms) FROM embodied_stage t WHERE t.stage = s.stage AND t.since_unix_ms <= start_unix_ms)`
}

const chosen = (of: 'about' | 'category') =>
  `CASE stage ${LIFE_STAGES.map((stage) => `WHEN '${stage}' THEN '${STAGE_CATEGORY[stage][of]}'`).join(' ')} END`

/** In the order of a life. */
export const STAGE_ORDER = `CASE stage ${LIFE_STAGES.map((stage, index) => `WHEN '${stage}' THEN ${index}`).join(' ')} END`

const grams = (column: string) => `round(${sumIfAllKnown(column)} / 1e6, 6)`

export const STAGE_VIEW = `
SELECT ${utc(`start_unix_ms - start_unix_ms % ${DAY_MS}`, DAY_FORMAT)} AS day, stage,
  ${chosen('about')} AS about, ${chosen('category')} AS scope3_category,
  iif(stage = 'manufacturing', 'yes', 'no') AS counted,
  ${grams('stage_ug')} AS co2e_g, ${grams('low_ug')} AS low_g, ${grams('high_ug')} AS high_g,
  group_concat(DISTINCT source) AS source
FROM (${stageHours()})
GROUP BY start_unix_ms - start_unix_ms % ${DAY_MS}, stage
ORDER BY start_unix_ms - start_unix_ms % ${DAY_MS}, ${STAGE_ORDER}`
