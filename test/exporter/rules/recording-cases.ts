import { always, counts, DAY_MIN, HOUR_MIN, MACHINE, machineOf, OTHER_MACHINE, of, type Series } from './series.ts'

/** What one recorded series is, for each recording rule. */
export interface RecordingCase {
  readonly record: string
  readonly labels: string
  readonly series: Series
  readonly atMin: number
  readonly value: number
  /** Series that the record has in all, where more would be wrong. */
  readonly inAll?: number
}

const settled = of('settled_energy_joules_total', 'tenant="web"')
const anHour = machineOf(200, 50)
const perHour = 'scope="2",basis="location",ef_basis="direct"'

export const RECORDING_CASES: readonly RecordingCase[] = [
  {
    record: 'instance_quality:wattledger_node_power_watts:rate5m',
    labels: `${MACHINE},quality="measured"`,
    series: anHour,
    atMin: 30,
    value: 200,
  },
  {
    record: 'instance:wattledger_node_power_watts:rate5m',
    labels: MACHINE,
    series: { ...anHour, [of('node_energy_joules_total', 'quality="estimated"')]: counts(30) },
    atMin: 30,
    value: 230,
  },
  { record: 'instance:wattledger_node_power_watts:rate1h', labels: MACHINE, series: anHour, atMin: 60, value: 200 },
  {
    record: 'instance_part:wattledger_node_power_watts:rate5m',
    labels: `${MACHINE},part="rest"`,
    series: anHour,
    atMin: 30,
    value: 50,
  },
  {
    record: 'instance_tenant:wattledger_tenant_power_watts:rate5m',
    labels: `${MACHINE},tenant="web"`,
    series: {
      [of('tenant_energy_joules_total', 'tenant="web",part="idle"')]: counts(10),
      [of('tenant_energy_joules_total', 'tenant="web",part="dynamic"')]: counts(15),
    },
    atMin: 30,
    value: 25,
  },
  {
    record: 'instance:wattledger_node_rest_watts:rate1h',
    labels: MACHINE,
    series: { ...anHour, [of('node_part_energy_joules_total', 'part="rest",quality="estimated"')]: counts(9) },
    atMin: 60,
    value: 50,
  },
  {
    record: 'instance:wattledger_node_rest_watts:mean7d',
    labels: MACHINE,
    series: machineOf(200, 50, 6 * HOUR_MIN),
    atMin: 6 * HOUR_MIN,
    value: 50,
  },
  {
    record: 'instance:wattledger_node_rest_watts:stddev7d',
    labels: MACHINE,
    series: machineOf(200, 50, 6 * HOUR_MIN),
    atMin: 6 * HOUR_MIN,
    value: 0,
  },
  {
    record: 'instance:wattledger_node_coverage:ratio1h',
    labels: MACHINE,
    series: { [of('node_unaccounted_seconds_total')]: counts(0.25) },
    atMin: 60,
    value: 0.75,
  },
  {
    record: 'instance_hardware:wattledger_node_part_coverage:ratio1h',
    labels: `${MACHINE},part="memory",hardware="socket-0"`,
    // A counter that catches up must not make a negative coverage.
    series: { [of('node_part_unaccounted_seconds_total', 'part="memory",hardware="socket-0"')]: counts(1.5) },
    atMin: 60,
    value: 0,
  },
  {
    record: 'instance_basis:wattledger_node_co2e_grams_per_hour:rate1h',
    labels: `${MACHINE},${perHour}`,
    series: { [of('node_co2e_grams_total', perHour)]: counts(0.5) },
    atMin: 60,
    value: 1800,
  },
  {
    record: 'instance:wattledger_limit_power_watts',
    labels: 'instance="db-17:10910"',
    series: anHour,
    atMin: 60,
    value: 800,
  },
  {
    record: 'instance:wattledger_limit_month_kwh',
    labels: 'instance="db-18:10910"',
    series: machineOf(200, 50, HOUR_MIN, OTHER_MACHINE),
    atMin: 60,
    value: 1000,
  },
  {
    record: 'instance_tenant:wattledger_settled_kwh:forecast_month',
    labels: `${MACHINE},tenant="web"`,
    // 7 kWh in the last seven days, in steps.
    // A ledger that began anew has less than a week ago: no figure, where one would be negative.
    series: {
      [settled]: `3600000x${DAY_MIN} 10800000x${2 * DAY_MIN} 28800000x${5 * DAY_MIN}`,
      [of('settled_energy_joules_total', 'tenant="anew"')]: `${7.2e6}x${6 * DAY_MIN} 0x${2 * DAY_MIN}`,
    },
    atMin: 7 * DAY_MIN + 600,
    value: 31,
    inAll: 1,
  },
]

export const SOUND: Series = {
  ...machineOf(300, 80, 4 * HOUR_MIN),
  [`up{${MACHINE}}`]: always(1, 4 * HOUR_MIN),
  [of('sensor_up', 'sensor="rapl"')]: always(1, 4 * HOUR_MIN),
  [of('node_unaccounted_seconds_total')]: always(2, 4 * HOUR_MIN),
  [of('node_parts_exceed_meter')]: always(0, 4 * HOUR_MIN),
  [of('ledger_up')]: always(1, 4 * HOUR_MIN),
  [of('ledger_dropped_batches_total')]: always(0, 4 * HOUR_MIN),
  [of('sensor_last_reading_timestamp_seconds', 'sensor="rapl"')]: `0+60x${4 * HOUR_MIN}`,
}
