import { stringify } from 'yaml'
import { isFedThrough, outermost, suppliesOf } from './feeds.ts'
import { oneOf } from './prometheus/promql.ts'
import { labelsOf, type Meter, type Place, type Topology, UNIT_OF, within } from './topology.ts'

interface Rule {
  readonly record: string
  readonly labels: Readonly<Record<string, string>>
  readonly expr: string
}

const METER_WATTS = 'wattledger_fleet_meter_watts:rate1h'

/**
 * Recording rules (prometheus.io/docs/prometheus/latest/configuration/recording_rules) that give the meters of a topology
 * one name and unit, and each place what its meters tell. Only meters that are there at `unixMs`.
 */
export function meterRules(topology: Topology, unixMs: number): string {
  const inForce = ({ sinceUnixMs, untilUnixMs }: Meter): boolean =>
    (sinceUnixMs ?? -Infinity) <= unixMs && unixMs < (untilUnixMs ?? Infinity)
  const meters = [...topology.meters.values()].filter(inForce)
  const rules = [
    ...meters.map(meterRule),
    ...[...topology.places.values()].flatMap((place) => placeRules(place, meters)),
  ]
  const head = '# Meters of a topology file: written by `wattledger fleet rules`.\n'
  return head + stringify({ groups: [{ name: 'wattledger-fleet-meters', interval: '1m', rules }] }, { lineWidth: 0 })
}

function meterRule({ name, measures, place, series, unit, scale }: Meter): Rule {
  const { kind } = UNIT_OF[unit]
  // A power that has come to an end stays in its mean for an hour, and would stand beside hosts that are gone.
  const mean = kind === 'power' ? `avg_over_time(${series}[1h]) and ${series}` : `rate(${series}[1h])`
  return {
    record: kind === 'volume' ? 'wattledger_fleet_meter_liters:rate1h' : METER_WATTS,
    labels: { meter: name, measures, ...labelsOf(place) },
    expr: scale === 1 ? `sum(${mean})` : `${scale} * sum(${mean})`,
  }
}

function placeRules(place: Place, meters: readonly Meter[]): Rule[] {
  const labels = { level: place.level, ...labelsOf(place) }
  const supply = suppliesOf(place, meters)
  const inside = new Set(within(place))
  const cooling = outermost(meters, 'cooling').filter((meter) => inside.has(meter.place))
  const cooledBySupply = cooling.filter((meter) => isFedThrough(place, meter))
  const rules: Rule[] = []
  if (supply.length > 0) {
    const expr = sumOf(supply, cooledBySupply)
    rules.push({ record: 'wattledger_fleet_it_supply_watts:rate1h', labels, expr })
  }
  if (cooling.length > 0) {
    rules.push({ record: 'wattledger_fleet_cooling_watts:rate1h', labels, expr: sumOf(cooling, []) })
  }
  if (place.hosts.length > 0) {
    rules.push({ record: 'wattledger_fleet_hosts_expected:count', labels, expr: `vector(${place.hosts.length})` })
  }
  return rules
}

/** Of nothing less than all: a meter that is silent would make the sum too small. */
function sumOf(plus: readonly Meter[], minus: readonly Meter[]): string {
  const sum = `sum(${selectorOf(plus)})${minus.length === 0 ? '' : ` - sum(${selectorOf(minus)})`}`
  const all = [...plus, ...minus]
  return `${sum} and count(${selectorOf(all)}) == ${all.length}`
}

function selectorOf(meters: readonly Meter[]): string {
  return `${METER_WATTS}{meter=~${oneOf(meters.map(({ name }) => name))}}`
}
