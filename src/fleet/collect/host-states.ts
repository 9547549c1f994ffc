import { parseDecimal, wholeParts } from '../../model/decimal.ts'
import type { HostState } from '../ledger/rows.ts'
import type { Series } from '../prometheus/answer.ts'
import { selector } from '../prometheus/promql.ts'

export const INFO = 'wattledger_node_info'
const UNTIL = 'wattledger_settled_until_timestamp_seconds'
const ENERGY = 'wattledger_settled_energy_joules_total'
const CO2E = 'wattledger_settled_co2e_grams_total'
const WATER = 'wattledger_settled_water_liters_total'
const UNACCOUNTED = 'wattledger_node_unaccounted_seconds_total'
const UNCERTAINTY = 'wattledger_node_energy_uncertainty_ratio'
const PUE = 'wattledger_pue_ratio'

/** Of the machine at the last closed hour; they stand still until the next is closed. */
export const SETTLED_METRICS = [UNTIL, ENERGY, CO2E, WATER] as const
/** Of the machine now. */
export const LIVE_METRICS = [UNACCOUNTED, UNCERTAINTY, PUE] as const

/** Of an integer of SQLite. */
const MOST = 2n ** 63n - 1n

const PART_STATE = 'wattledger_node_part_state_energy_joules_total'
/** As the rules have it: the rest of the machine and its supplies' loss remain. */
const CHIPS = 'part=~"processors|memory|accelerators"'

/** What the chips of each machine have used idle and beyond, by `state`, and all its parts, as a state of its own. */
export function partsQuery(...matchers: readonly string[]): string {
  const of = (...more: readonly string[]) => selector([PART_STATE], ...more, ...matchers)
  const all = `label_replace(sum without (part, state) (${of()}), "state", "all", "", "")`
  return `sum without (part) (${of(CHIPS)}) or ${all}`
}

/** Labels that metrics have of their own, so that all others are those of the target. */
const OWN: ReadonlySet<string> = new Set(['__name__', 'tenant', 'scope', 'basis', 'ef_basis', 'source', 'state'])
const OWN_OF_INFO: ReadonlySet<string> = new Set(['__name__', 'node', 'meter', 'machine'])
const WITHOUT_OWN: ReadonlySet<string> = new Set([UNTIL, ENERGY, UNACCOUNTED, UNCERTAINTY, PUE])
/** Meters by which a model counts: see docs/account.md. */
const MODELLED: ReadonlySet<string> = new Set(['none', 'components', 'estimate'])

/** What the series of one moment tell of each target. */
export function hostStates(infos: readonly Series[], others: readonly Series[]): HostState[] {
  const names = new Set(['job', 'instance'])
  for (const { labels } of others) {
    if (!WITHOUT_OWN.has(labels.__name__ ?? '')) continue
    for (const name of Object.keys(labels)) if (!OWN.has(name)) names.add(name)
  }
  const targetNames = [...names].sort()
  const targetOf = ({ labels }: Series) => targetNames.map((name) => `${name}=${labels[name] ?? ''}`).join(',')
  const byTarget = Map.groupBy(others, targetOf)
  return infos
    .map((info) => stateOf(info, targetOf(info), byTarget.get(targetOf(info)) ?? [], names))
    .sort((a, b) => (a.target < b.target ? -1 : a.target > b.target ? 1 : 0))
}

function stateOf(info: Series, target: string, series: readonly Series[], names: ReadonlySet<string>): HostState {
  const { node = '', machine = null, meter = 'none' } = info.labels
  const own = Object.entries(info.labels).filter(([name]) => !OWN_OF_INFO.has(name) && !names.has(name))
  const value = (name: string | undefined, parts: bigint, labels: Readonly<Record<string, string>> = {}) =>
    sumOf(
      series.filter(
        (one) =>
          one.labels.__name__ === name && Object.entries(labels).every(([key, text]) => one.labels[key] === text),
      ),
      parts,
    )
  const untilS = value(UNTIL, 1n)
  return {
    target,
    node,
    machine,
    // What the scraper says of its place counts as what the host says itself.
    labels: { ...targetLabels(info, names), ...Object.fromEntries(own.sort()) },
    untilUnixMs: untilS === null ? null : Number(untilS) * 1e3,
    energyUj: value(ENERGY, 1_000_000n),
    locationUg: value(CO2E, 1_000_000n, { basis: 'location' }),
    marketUg: value(CO2E, 1_000_000n, { basis: 'market' }),
    embodiedUg: value(CO2E, 1_000_000n, { basis: 'embodied' }),
    siteWaterUl: value(WATER, 1_000_000n, { source: 'site' }),
    gridWaterUl: value(WATER, 1_000_000n, { source: 'grid' }),
    unaccountedMs: value(UNACCOUNTED, 1_000n),
    uncertaintyPpm: value(UNCERTAINTY, 1_000_000n),
    puePpm: value(PUE, 1_000_000n),
    isModelled: MODELLED.has(meter),
    // Sums have no name.
    chipIdleUj: value(undefined, 1_000_000n, { state: 'idle' }),
    chipDynamicUj: value(undefined, 1_000_000n, { state: 'dynamic' }),
    partsUj: value(undefined, 1_000_000n, { state: 'all' }),
  }
}

function targetLabels({ labels }: Series, names: ReadonlySet<string>): Readonly<Record<string, string>> {
  const shown = Object.entries(labels).filter(([name]) => names.has(name) && name !== 'job' && name !== 'instance')
  return Object.fromEntries(shown.sort())
}

/** In parts of the unit; null where there is none, or one that is no number or that the ledger cannot hold. */
function sumOf(series: readonly Series[], parts: bigint): bigint | null {
  if (series.length === 0) return null
  let sum = 0n
  for (const { samples } of series) {
    const decimal = parseDecimal(samples.at(-1)?.[1] ?? '')
    if (decimal === null || decimal.digits < 0n) return null
    sum += wholeParts(decimal, parts)
  }
  return sum <= MOST ? sum : null
}
