import { choice, dashboard } from './dashboard.ts'
import { BAND, BY_QUALITY, lines, stat, table } from './panel.ts'

const M = '{instance="$instance"}'
const rate = (metric: string): string => `rate(wattledger_${metric}${M}[$__rate_interval])`
/** Where at least half of the time is known. Elsewhere a counter stands still, which is no 0 W. */
const KNOWN = `${rate('node_unaccounted_seconds_total')} < 0.5`
const knownOnly = (expr: string): string => `(${expr}) and on (instance) (${KNOWN})`
/** Of the time that is known. */
const POWER = `sum by (instance) (${rate('node_energy_joules_total')}) / on (instance) (1 - (${KNOWN}))`
const HALF_WIDTH = `wattledger_node_energy_uncertainty_ratio${M}`

export const NODE = dashboard({
  uid: 'wattledger-node',
  title: 'Wattledger: a machine',
  description: 'Where the watts of one machine go, how they are known, how sure they are and when they are not known.',
  choices: [choice('instance', 'wattledger_node_info', false)],
  figures: [
    stat({ title: 'Power', description: 'Now.', unit: 'watt', expr: `wattledger_node_power_watts${M}` }),
    stat({
      title: 'Energy',
      description: 'Of the time shown, as Prometheus extrapolates it: to look at. Bills are by the settled counters.',
      unit: 'kwatth',
      expr: `sum(increase(wattledger_node_energy_joules_total${M}[$__range])) / 3.6e6`,
    }),
    stat({
      title: 'Measured',
      description: 'Share of the energy that meters measured.',
      unit: 'percentunit',
      expr: `sum(increase(wattledger_node_energy_joules_total{instance="$instance",quality="measured"}[$__range])) / sum(increase(wattledger_node_energy_joules_total${M}[$__range]))`,
    }),
    stat({
      title: 'Uncertainty ±',
      description: 'Half-width of the 95 % interval of the last hour.',
      unit: 'percentunit',
      expr: HALF_WIDTH,
    }),
    stat({
      title: 'Coverage',
      description: 'Share of the time shown whose energy is known.',
      unit: 'percentunit',
      decimals: 2,
      expr: `clamp_min(1 - rate(wattledger_node_unaccounted_seconds_total${M}[$__range]), 0)`,
    }),
    stat({
      title: 'Sensors down',
      description: 'Sensors that are there but cannot be read.',
      unit: 'none',
      expr: `count(wattledger_sensor_up${M}) - sum(wattledger_sensor_up${M})`,
    }),
    lines({
      title: 'Power with its 95 % interval',
      description: 'In the time that is known. Where less than half of it is, there is a gap.',
      unit: 'watt',
      width: 24,
      queries: {
        power: POWER,
        upper: `(${POWER}) * on (instance) (1 + ${HALF_WIDTH})`,
        lower: `(${POWER}) * on (instance) (1 - ${HALF_WIDTH})`,
      },
      overrides: BAND,
    }),
    lines({
      title: 'Power by part',
      description: 'The parts sum to the machine.',
      unit: 'watt',
      stacked: true,
      queries: { '{{part}}': knownOnly(`sum by (instance, part) (${rate('node_part_energy_joules_total')})`) },
    }),
    lines({
      title: 'Power by how it is known',
      description: 'Measured by a meter, derived by a known relation, estimated by a model (dashed).',
      unit: 'watt',
      stacked: true,
      queries: { '{{quality}}': knownOnly(`sum by (instance, quality) (${rate('node_energy_joules_total')})`) },
      overrides: BY_QUALITY,
    }),
    lines({
      title: 'Time that is not known',
      description:
        'Share of the time whose energy is a gap: of the machine, and of its parts while the others counted.',
      unit: 'percentunit',
      max: 1,
      queries: {
        machine: rate('node_unaccounted_seconds_total'),
        '{{part}} {{hardware}}': rate('node_part_unaccounted_seconds_total'),
      },
    }),
    table({
      title: 'What each piece of hardware counts by',
      description:
        'A sensor, its siblings, a model, the rest of the meter of the whole machine, or waiting for its meter.',
      unit: 'none',
      expr: `wattledger_node_part_source_info${M}`,
      columns: ['part', 'hardware', 'source'],
      value: null,
    }),
    lines({
      title: 'Power of each channel',
      description: 'Channels overlap: never sum them. A gap is a reading that is too old.',
      unit: 'watt',
      queries: { '{{sensor}} {{scope}} {{device}}': `wattledger_power_watts${M}` },
    }),
    lines({
      title: 'Sensors',
      description: '1 while a sensor can be read.',
      unit: 'none',
      max: 1,
      queries: { '{{sensor}}': `wattledger_sensor_up${M}` },
    }),
    lines({
      title: 'Ledger',
      description: 'Batches that wait to be written, and those that were lost.',
      unit: 'none',
      queries: {
        waiting: `wattledger_ledger_queued_batches${M}`,
        lost: `wattledger_ledger_dropped_batches_total${M}`,
      },
    }),
    lines({
      title: 'What it costs to know it',
      description: "The agent's own power.",
      unit: 'watt',
      queries: { agent: rate('self_energy_joules_total') },
    }),
  ],
})
