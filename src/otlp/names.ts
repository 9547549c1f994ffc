import type { Labels, Metric } from '../exporter/metric.ts'

/**
 * Names by the semantic conventions of OpenTelemetry 1.44 where they have one: `hw.host.*` for the machine alone, `hw.*` for
 * parts that do not contain each other, so that neither sum counts a joule twice. All others keep ours, so that Prometheus'
 * receiver makes the names of a scrape of them.
 */
export interface OtlpName {
  readonly name: string
  /** UCUM; empty where there is none. */
  readonly unit: string
  /** The attribute that a label becomes; null where the resource has it. */
  readonly attributeOf: (label: string) => string | null
  /** What all points have. */
  readonly fixed: Labels
  /** When its counter was zero: as the ledger began, or as the agent did. */
  readonly since: 'ledger' | 'agent'
}

interface Exception {
  readonly name?: string
  readonly unit?: string
  readonly attributes?: Labels
  readonly fixed?: Labels
  readonly since?: 'agent'
}

const HOST: Labels = { 'hw.id': 'host' }
const GHG: Exception = { attributes: { scope: 'wattledger.ghg_scope' } }
const IDLE_OR_DYNAMIC: Exception = { attributes: { part: 'wattledger.state' } }
const OF_THIS_PROCESS: Exception = { since: 'agent' }

/** All that does not follow from the name of a scrape. Null is not pushed. */
const EXCEPTIONS: Readonly<Record<string, Exception | null>> = {
  wattledger_node_energy_joules_total: { name: 'hw.host.energy', fixed: HOST },
  wattledger_node_power_watts: { name: 'hw.host.power', fixed: HOST },
  wattledger_node_part_energy_joules_total: {
    name: 'hw.energy',
    attributes: { part: 'hw.id' },
    fixed: { 'hw.parent': 'host' },
  },
  // The joules again.
  wattledger_node_energy_kwh_total: null,
  wattledger_node_co2e_grams_total: GHG,
  wattledger_node_part_co2e_share: GHG,
  wattledger_settled_co2e_grams_total: GHG,
  wattledger_carbon_intensity_grams_per_kwh: { name: 'wattledger.carbon_intensity', unit: 'g/kWh' },
  wattledger_consumer_co2e_grams_total: GHG,
  wattledger_consumer_energy_joules_total: IDLE_OR_DYNAMIC,
  wattledger_tenant_energy_joules_total: IDLE_OR_DYNAMIC,
  wattledger_accelerator_reserved_idle_seconds_total: OF_THIS_PROCESS,
  wattledger_ledger_dropped_batches_total: OF_THIS_PROCESS,
  wattledger_sensor_failures_total: OF_THIS_PROCESS,
  wattledger_sensor_read_seconds: OF_THIS_PROCESS,
  wattledger_workload_co2e_grams_total: { ...GHG, since: 'agent' },
  wattledger_workload_energy_joules_total: OF_THIS_PROCESS,
  wattledger_workload_restarts_total: OF_THIS_PROCESS,
  wattledger_workload_unaccounted_seconds_total: OF_THIS_PROCESS,
  wattledger_workload_units_total: OF_THIS_PROCESS,
  wattledger_otlp_pushes_total: OF_THIS_PROCESS,
  wattledger_otlp_rejected_points_total: OF_THIS_PROCESS,
}

const UNITS: Labels = {
  joules: 'J',
  watts: 'W',
  seconds: 's',
  grams: 'g',
  liters: 'L',
  bytes: 'By',
  ratio: '1',
}

/** First words of names with several metrics below them. */
const NAMESPACES = 'accelerator|consumer|ledger|node|otlp|register|seal|self|sensor|settled|tenant|workload'
const NAMESPACE = new RegExp(`^wattledger_(?:(${NAMESPACES})_)?`)

/** An attribute is no namespace of another one. */
const ATTRIBUTES: Labels = {
  consumer: 'wattledger.consumer.name',
  kind: 'wattledger.consumer.kind',
}

/** What a metric of the scrape is called when it is pushed; null where it is not. */
export function otlpNameOf({ name, type, labels }: Metric<never>): OtlpName | null {
  const exception = EXCEPTIONS[name]
  if (exception === null) return null
  const [, plain = '', suffix] = /^(.*?)(?:_([a-z]+))?$/.exec(name.replace(/_total$/, '')) ?? []
  const unit = UNITS[suffix ?? '']
  const ours = (unit === undefined ? name.replace(/_total$/, '') : plain).replace(NAMESPACE, (_, space?: string) =>
    space === undefined ? 'wattledger.' : `wattledger.${space}.`,
  )
  return {
    name: exception?.name ?? ours,
    unit: exception?.unit ?? unit ?? (type === 'counter' ? '1' : ''),
    // The names of configured labels are the operator's own.
    attributeOf(label) {
      if (label === 'node') return null
      const known = exception?.attributes?.[label] ?? ATTRIBUTES[label]
      return known ?? (labels.includes(label) ? `wattledger.${label}` : label)
    },
    fixed: exception?.fixed ?? {},
    since: exception?.since ?? 'ledger',
  }
}
