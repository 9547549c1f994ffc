import type { Level } from '../../src/fleet/topology.ts'
import { always, counts, type Series } from '../exporter/rules/series.ts'

const HOUR_S = 3600
/** Unit tests begin at the epoch, so that hours close at whole ones. */
const MINUTES = 250
const CLOSED_AFTER_MIN = 2

export interface RackHost {
  readonly name: string
  readonly machine?: string
  readonly rack: string
  readonly row?: string
  readonly room?: string
  readonly campus?: string
  readonly meter?: string
  readonly watts: number
  readonly idleWatts?: number
  readonly dynamicWatts?: number
  /** Minute at which it falls silent. */
  readonly endsMin?: number
  /** Minute from which it names another rack. */
  readonly movesMin?: number
  readonly movesTo?: string
  readonly unaccountedPerS?: number
  /** It closes no hour from then on. */
  readonly lateFromH?: number
}

/** All that one host is scraped for, a sample a minute. */
export function hostSeries(host: RackHost): Series {
  const { name, machine = `id-${name}`, rack, row = 'a-1', room = 'hall-a', campus = 'fra1', watts } = host
  const {
    meter = 'dcmi',
    endsMin = MINUTES,
    movesMin,
    movesTo,
    idleWatts,
    dynamicWatts,
    unaccountedPerS = 0,
    lateFromH,
  } = host
  const target = `job="wattledger",instance="${name}:10910"`
  const of = (metric: string, labels = ''): string => `wattledger_${metric}{${target}${labels && `,${labels}`}}`
  const info = (rack: string): string =>
    of(
      'node_info',
      `node="${name}",machine="${machine}",meter="${meter}",campus="${campus}",room="${room}",row="${row}",rack="${rack}"`,
    )
  // What was scraped last does not live on: Prometheus marks it as stale.
  const ends = (values: string): string => (endsMin === MINUTES ? values : `${values} stale`)
  const part = (state: string, perS: number | undefined): Series =>
    perS === undefined
      ? {}
      : {
          [of('node_part_state_energy_joules_total', `part="processors",state="${state}"`)]: ends(
            counts(perS, endsMin),
          ),
        }
  const until = lateFromH ?? Infinity
  const hoursAt = (minute: number): number => Math.max(0, Math.min(until, Math.floor((minute - CLOSED_AFTER_MIN) / 60)))
  const settled = (perHour: number): string =>
    ends(Array.from({ length: endsMin + 1 }, (_, minute) => String(hoursAt(minute) * perHour)).join(' '))
  return {
    [`up{${target}}`]: endsMin === MINUTES ? always(1, MINUTES) : `1x${endsMin} 0x${MINUTES - endsMin}`,
    ...(movesMin === undefined
      ? { [info(rack)]: ends(always(1, endsMin)) }
      : {
          [info(rack)]: `1x${movesMin - 1} stale`,
          [info(movesTo ?? '')]: `_x${movesMin} ${always(1, MINUTES - movesMin)}`,
        }),
    [of('node_energy_joules_total', 'quality="measured"')]: ends(counts(watts, endsMin)),
    [of('node_energy_uncertainty_ratio')]: ends(always(0.04, endsMin)),
    [of('node_unaccounted_seconds_total')]: ends(counts(unaccountedPerS, endsMin)),
    [of('settled_energy_joules_total', 'tenant=""')]: settled(watts * HOUR_S),
    [of('settled_energy_joules_total', 'tenant="web"')]: settled(watts * HOUR_S),
    [of('settled_co2e_grams_total', 'tenant="",scope="2",basis="location",ef_basis="life-cycle"')]: settled(watts / 2),
    [of('settled_until_timestamp_seconds')]: settled(HOUR_S),
    ...part('idle', idleWatts),
    ...part('dynamic', dynamicWatts),
  }
}

/** Rack r12 has all there is to know; r13 an estimate, one that moved there, one that fell silent and one that stands there twice. */
export const FLEET: Series = {
  ...hostSeries({ name: 'db-17', rack: 'r12', watts: 300, idleWatts: 80, dynamicWatts: 120 }),
  ...hostSeries({ name: 'db-18', rack: 'r12', watts: 400, idleWatts: 100, dynamicWatts: 220, unaccountedPerS: 0.25 }),
  ...hostSeries({ name: 'web-1', rack: 'r13', watts: 200, meter: 'none' }),
  ...hostSeries({ name: 'web-2', rack: 'r13', watts: 100, meter: 'none' }),
  ...hostSeries({ name: 'web-2-again', machine: 'id-web-2', rack: 'r13', watts: 100, meter: 'none' }),
  ...hostSeries({ name: 'dead', rack: 'r13', watts: 500, endsMin: 100 }),
  ...hostSeries({ name: 'late', rack: 'b12', row: '', room: 'hall-b', watts: 50, lateFromH: 1 }),
  ...hostSeries({ name: 'moved', rack: 'b12', row: '', room: 'hall-b', watts: 60, movesMin: 210, movesTo: 'b13' }),
  ...hostSeries({ name: 'nowhere', rack: '', row: '', room: '', campus: '', watts: 5 }),
  'site_energy{meter="1"}': `0+0.05x${MINUTES}`,
  crac_watts: always(300, MINUTES),
  ups_output_kw: always(2.1, MINUTES),
  'pdu_watts{pdu="12a"}': always(35, MINUTES),
  'pdu_watts{pdu="12b"}': always(36.4, MINUTES),
  tower_m3_total: `0+0.001x${MINUTES}`,
  bus_watts: always(1900, MINUTES),
  inrow_watts: always(100, MINUTES),
  door_watts: always(4, MINUTES),
}

/** What the records of one place are: name without its level, with labels of its own → value. */
export interface PlaceCase {
  readonly level: Level
  readonly labels: string
  readonly atMin: number
  readonly gives: Readonly<Record<string, number>>
}

const CO2E = 'settled_co2e_grams:delta1h{scope="2",basis="location",ef_basis="life-cycle"}'
const CAMPUS = 'campus="fra1"'
const HALL = `${CAMPUS},room="hall-a"`
const ROW = `${HALL},row="a-1"`

/** A minute of an hour whose predecessor is closed. */
export const AT_MIN = 230
/** Before one host has died. */
const ALL_THERE_MIN = 90

export const PLACE_CASES: readonly PlaceCase[] = [
  {
    level: 'rack',
    labels: `${ROW},rack="r12"`,
    atMin: AT_MIN,
    gives: {
      'hosts:count{state="heard"}': 2,
      'power_watts:rate5m': 700,
      // √((4 % × 300)² + (4 % × 400)²)
      'uncertainty:ratio5m': 20 / 700,
      // One for the whole hour, one for three quarters of it.
      'coverage:ratio1h': 1.75 / 2,
      'settled_energy_joules:delta1h': 700 * HOUR_S,
      [CO2E]: 350,
      'settled_coverage:ratio': 1,
      'power_watts:rate1h': 700,
      'part_watts:rate1h{part="chip_idle"}': 180,
      'part_watts:rate1h{part="chip_dynamic"}': 340,
      'part_watts:rate1h{part="remainder"}': 180,
      // Two feeds of 350 and 364 W, and the door's fans behind one of them.
      'part_watts:rate1h{part="distribution_loss"}': 10,
      'part_watts:rate1h{part="cooling"}': 4,
      'unexplained_watts:rate1h': 10,
      'part:share1h{part="chip_dynamic"}': 340 / 714,
      'pue:ratio1h': 714 / 700,
    },
  },
  {
    level: 'rack',
    labels: `${ROW},rack="r13"`,
    atMin: AT_MIN,
    gives: {
      'hosts:count{state="heard"}': 2,
      'hosts:count{state="missing"}': 1,
      'hosts:count{state="double"}': 1,
      'power_watts:rate5m': 300,
      // One model is wrong in one direction.
      'uncertainty:ratio5m': 0.04,
      'coverage:ratio1h': 2 / 3,
      'settled_energy_joules:delta1h': 300 * HOUR_S,
      'settled_coverage:ratio': 2 / 3,
      'part_watts:rate1h{part="undivided"}': 300,
      'part:share1h{part="undivided"}': 1,
    },
  },
  {
    level: 'row',
    labels: ROW,
    atMin: AT_MIN,
    gives: {
      'hosts:count{state="missing"}': 1,
      'power_watts:rate5m': 1000,
      'uncertainty:ratio5m': Math.sqrt(20 ** 2 + 12 ** 2) / 1000,
      'coverage:ratio1h': 3.75 / 5,
      'settled_energy_joules:delta1h': 1000 * HOUR_S,
      [CO2E]: 500,
      'settled_coverage:ratio': 4 / 5,
      'power_watts:rate1h': 1000,
      'part_watts:rate1h{part="cooling"}': 104,
      'unexplained_watts:rate1h': 800,
      'part:share1h{part="cooling"}': 104 / 1104,
      'pue:ratio1h': 1904 / 1000,
    },
  },
  { level: 'row', labels: ROW, atMin: ALL_THERE_MIN, gives: { 'part_watts:rate1h{part="distribution_loss"}': 300 } },
  {
    level: 'room',
    labels: HALL,
    atMin: AT_MIN,
    gives: {
      'hosts:count{state="double"}': 1,
      'power_watts:rate5m': 1000,
      'uncertainty:ratio5m': Math.sqrt(20 ** 2 + 12 ** 2) / 1000,
      'coverage:ratio1h': 3.75 / 5,
      'settled_energy_joules:delta1h': 1000 * HOUR_S,
      [CO2E]: 500,
      'settled_coverage:ratio': 4 / 5,
      'power_watts:rate1h': 1000,
      'part_watts:rate1h{part="cooling"}': 404,
      'unexplained_watts:rate1h': 996,
      'part:share1h{part="cooling"}': 404 / 1404,
      'pue:ratio1h': 2.4,
    },
  },
  { level: 'room', labels: HALL, atMin: ALL_THERE_MIN, gives: { 'part_watts:rate1h{part="distribution_loss"}': 496 } },
  {
    level: 'room',
    labels: `${CAMPUS},room="hall-b"`,
    atMin: AT_MIN,
    gives: {
      'hosts:count{state="late"}': 1,
      'hosts:count{state="moved"}': 1,
      'settled_energy_joules:delta1h': 60 * HOUR_S,
      'settled_coverage:ratio': 1 / 2,
    },
  },
  {
    level: 'campus',
    labels: CAMPUS,
    atMin: AT_MIN,
    gives: {
      'hosts:count{state="heard"}': 6,
      'power_watts:rate5m': 1110,
      'uncertainty:ratio5m': Math.sqrt(20 ** 2 + 2 ** 2 + 2.4 ** 2 + 12 ** 2) / 1110,
      'coverage:ratio1h': 5.75 / 7,
      'settled_energy_joules:delta1h': 1060 * HOUR_S,
      [CO2E]: 530,
      'settled_coverage:ratio': 5 / 7,
      'power_watts:rate1h': 1110,
      'part_watts:rate1h{part="undivided"}': 410,
      'unexplained_watts:rate1h': 1486,
      'part:share1h{part="cooling"}': 404 / 1514,
      'pue:ratio1h': 3000 / 1110,
    },
  },
  {
    level: 'campus',
    labels: CAMPUS,
    atMin: ALL_THERE_MIN,
    gives: { 'part_watts:rate1h{part="distribution_loss"}': 986 },
  },
]

/** How many series a query has, where more or fewer would be wrong. */
export const COUNTS: Readonly<Record<string, number>> = {
  // A loss is one only where no host is missing.
  'count(row:wattledger_fleet_part_watts:rate1h{part="distribution_loss"})': 0,
  'count(rack:wattledger_fleet_part_watts:rate1h{part="distribution_loss"})': 1,
  'sum(instance:wattledger_fleet_counted:info)': 8,
  'count(instance:wattledger_fleet_seen:timestamp_seconds)': 9,
  'sum(instance:wattledger_fleet_heard:info)': 7,
  'sum(instance:wattledger_fleet_settled:info)': 6,
  // Who has moved counts where it is now.
  'count(rack:wattledger_fleet_power_watts:rate5m{rack="b13"})': 1,
  'sum(instance:wattledger_fleet_uncertainty_watts:rate5m)': 0.04 * 1115,
  'sum(instance:wattledger_fleet_power_watts:rate5m)': 1115,
  'sum(instance:wattledger_fleet_power_watts:rate1h)': 1115,
  'sum(instance:wattledger_fleet_part_watts:rate1h)': 1115,
  'sum(instance:wattledger_fleet_coverage:ratio1h)': 6.75,
  'sum(instance:wattledger_fleet_settled_energy_joules:delta1h)': 1065 * HOUR_S,
  'sum(instance:wattledger_fleet_settled_co2e_grams:delta1h)': 532.5,
  'count(instance:wattledger_fleet_host:state)': 12,
  'sum(rack:wattledger_fleet_hosts:count{state="unplaced"})': 1,
  'sum(wattledger_fleet_meter_watts:rate1h{meter="pdu-12b"})': 364,
  'sum(wattledger_fleet_meter_liters:rate1h)': 1 / 60,
  'sum(wattledger_fleet_it_supply_watts:rate1h{level="room"})': 1996,
  'sum(wattledger_fleet_cooling_watts:rate1h{level="campus"})': 404,
  'sum(wattledger_fleet_hosts_expected:count)': 4,
}
