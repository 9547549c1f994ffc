import { FIGURES } from '../../model/footprint.ts'
import { FOOTPRINT_COLUMNS } from './consumer-tables.ts'

/*
 * Part of step 5: totals that had tables of their own become one cell of the account, as the JSON that `decode` reads: whole
 * numbers as `#5`, and texts that begin so with one more.
 */

const uj = (column: string) => `'#' || ${column}`
const text = (column: string) => `iif(${column} LIKE '#%', '#' || ${column}, ${column})`
const object = (members: Readonly<Record<string, string>>) =>
  `json_object(${Object.entries(members)
    .map(([name, value]) => `'${name}', ${value}`)
    .join(', ')})`
const list = (item: string, from: string) => `json((SELECT json_group_array(${item}) FROM ${from}))`
const dictionary = (name: string, value: string, from: string) =>
  `json((SELECT json_group_object(${name}, ${value}) FROM ${from}))`

/** By account and basis. */
const masses = (column: string) =>
  dictionary(
    'account',
    `json(${column})`,
    `(SELECT account, json_group_object(basis, ${uj(column)}) AS ${column} FROM carbon_total GROUP BY account)`,
  )

const columnOf = (figure: string) =>
  uj(FOOTPRINT_COLUMNS[FIGURES.indexOf(figure as (typeof FIGURES)[number])] ?? figure)
const byBasis = (account: string) =>
  object({ direct: columnOf(`${account}/direct`), 'life-cycle': columnOf(`${account}/life-cycle`) })
const FOOTPRINT = object({
  co2eUg: object({ location: byBasis('location'), market: byBasis('market'), embodied: byBasis('embodied') }),
  siteWaterUl: columnOf('water/site'),
  gridWaterUl: columnOf('water/grid'),
})

const LABELS = `json((SELECT json_group_object(key, ${text('value')}) FROM json_each(labels)))`
const CONSUMER = object({
  consumer: object({ kind: 'kind', id: text('id'), name: text('name'), labels: LABELS }),
  tenant: text('tenant'),
  idleUj: uj('idle_uj'),
  dynamicUj: uj('dynamic_uj'),
  booked: FOOTPRINT,
  bornUnixMs: 'born_unix_ms',
  goneUnixMs: 'gone_unix_ms',
})
const TENANT = object({ tenant: text('tenant'), idleUj: uj('idle_uj'), dynamicUj: uj('dynamic_uj') })
const PART = object({ part: 'part', idleUj: uj('idle_uj'), dynamicUj: uj('dynamic_uj'), waitingUj: uj('waiting_uj') })

const ATTRIBUTION = object({
  consumers: list(CONSUMER, 'consumer_total'),
  tenants: list(TENANT, 'tenant_total'),
  parts: list(PART, 'part_state_total'),
  attributedUj: uj('attributed_uj'),
  attributedBooked: FOOTPRINT,
  lastUse: `ifnull((SELECT ${text('counts')} FROM last_use), '')`,
  idle: dictionary('leaf', text('learned'), 'idle_power'),
})

const REST = object({
  node: object({
    parts: list(object({ part: 'part', quality: 'quality', energyUj: uj('energy_uj') }), 'part_total'),
    leaves: list('name', 'leaf WHERE is_metered'),
    missing: list(object({ name: 'name', sinceNs: uj('missing_from_ns') }), 'leaf WHERE missing_from_ns IS NOT NULL'),
    leafGaps: list(object({ name: 'name', unaccountedNs: uj('unaccounted_ns') }), 'leaf WHERE unaccounted_ns > 0'),
  }),
  carbon: object({
    bookedUg: masses('booked_ug'),
    correctionUg: masses('correction_ug'),
    claimedUj: dictionary('contract', uj('claimed_uj'), 'claim'),
  }),
  attribution: `json(ifnull((SELECT ${ATTRIBUTION} FROM attribution), 'null'))`,
  ceilings: dictionary('name', uj('most'), 'ceiling'),
  nodeModels: list(
    object({
      meter: 'meter',
      changes: uj('changes'),
      isNewest: "json(iif(is_newest, 'true', 'false'))",
      learned: text('learned'),
    }),
    'node_model',
  ),
  leafModels: list(object({ name: 'name', learned: text('learned') }), 'leaf_model'),
})

/** What is in the cell now. */
export const TABLES_OF_REST = [
  'part_total',
  'leaf',
  'carbon_total',
  'claim',
  'consumer_total',
  'tenant_total',
  'part_state_total',
  'attribution',
  'last_use',
  'idle_power',
  'ceiling',
  'node_model',
  'leaf_model',
] as const

export const REST_COLUMN = `
-- See packRest.
ALTER TABLE account ADD COLUMN rest ANY;
UPDATE account SET rest = ${REST};
${TABLES_OF_REST.map((table) => `DROP TABLE ${table};`).join('\n')}
`
