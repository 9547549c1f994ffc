import { choice, dashboard } from './dashboard.ts'
import { BAND, lines, looks, stat } from './panel.ts'

const M = '{instance=~"$instance"}'
const emitted = (scope: string): string =>
  `sum by (basis, ef_basis) (increase(wattledger_node_co2e_grams_total{instance=~"$instance",${scope}}[$__range]))`
/** Where at least half of the time is known. Elsewhere a counter stands still, which is no 0 g. */
const KNOWN = `(rate(wattledger_node_unaccounted_seconds_total${M}[$__rate_interval]) < 0.5)`
const rate = (labels: string): string =>
  `rate(wattledger_node_co2e_grams_total{instance=~"$instance",${labels}}[$__rate_interval])`
const perHour = (labels: string): string =>
  `3600 * sum by (basis, ef_basis) (${rate(labels)} and on (instance) ${KNOWN})`
/** Of the machines' energy alone: what is unsure of the grid's intensity comes on top. */
const bound = (sign: '+' | '-'): string =>
  `3600 * sum by (ef_basis) ((${rate('basis="location"')} and on (instance) ${KNOWN}) * on (instance) group_left () (1 ${sign} wattledger_node_energy_uncertainty_ratio${M}))`

export const CARBON = dashboard({
  uid: 'wattledger-carbon',
  title: 'Wattledger: carbon and water',
  description:
    'Emissions by scope and basis, the intensity they were counted with and how old it is. Bases are never summed.',
  choices: [choice('instance', 'wattledger_node_info', true)],
  figures: [
    stat({
      title: 'Scope 2 by location',
      description: 'Of the time shown, as booked.',
      unit: 'massg',
      legend: '{{basis}}, {{ef_basis}}',
      expr: emitted('basis="location"'),
    }),
    stat({
      title: 'Scope 2 by market',
      description: 'Of the time shown, as booked. Empty without contracts in carbon.market.',
      unit: 'massg',
      legend: '{{basis}}, {{ef_basis}}',
      expr: emitted('basis="market"'),
    }),
    stat({
      title: 'Scope 3, manufacture',
      description: 'Of the time shown. Empty without carbon.embodied and on virtual machines.',
      unit: 'massg',
      legend: '{{basis}}, {{ef_basis}}',
      expr: emitted('basis="embodied"'),
    }),
    stat({
      title: 'Restated since',
      description: 'What later figures changed of all that was booked.',
      unit: 'massg',
      legend: '{{basis}}, {{ef_basis}}',
      expr: `sum by (basis, ef_basis) (wattledger_co2e_correction_grams${M})`,
    }),
    stat({
      title: 'Water',
      description: 'Consumed in the time shown, at the site and where the electricity was generated.',
      unit: 'litre',
      expr: `sum(increase(wattledger_node_water_liters_total${M}[$__range]))`,
    }),
    stat({
      title: 'PUE',
      description: "What the energy is multiplied by for the site's own needs.",
      unit: 'none',
      decimals: 2,
      expr: `avg(wattledger_pue_ratio${M})`,
    }),
    lines({
      title: 'Emissions by location, with the interval of the energy',
      description:
        'Grams an hour in the time that is known. The band is the 95 % interval of the energy: the intensity has one of its own.',
      unit: 'massg',
      width: 24,
      queries: { '{{ef_basis}}': perHour('basis="location"'), upper: bound('+'), lower: bound('-') },
      overrides: BAND,
    }),
    lines({
      title: 'Emissions by basis',
      description: 'Grams an hour. By location and by market are two answers to one question.',
      unit: 'massg',
      queries: { '{{basis}}, {{ef_basis}}': perHour('basis!=""') },
      overrides: [looks('embodied', { 'custom.lineStyle': { fill: 'dash', dash: [8, 8] } })],
    }),
    lines({
      title: 'Intensity in force',
      description: 'Of each zone and source. Marginal figures are shown and never counted. Yearly averages are dashed.',
      unit: 'none',
      queries: {
        '{{zone}} {{source}} ({{basis}}) g/kWh': `avg by (zone, source, basis) (wattledger_carbon_intensity_grams_per_kwh${M})`,
      },
      overrides: [looks('static|world-average', { 'custom.lineStyle': { fill: 'dash', dash: [8, 8] } })],
    }),
    lines({
      title: 'Age of the intensity',
      description: 'Since the start of the period that it is for. A yearly figure is years old.',
      unit: 's',
      queries: { '{{zone}} {{source}}': `max by (zone, source) (wattledger_carbon_intensity_age_seconds${M})` },
    }),
    lines({
      title: 'Grams per unit of work',
      description: 'Of servers in workloads: per request or token. Empty without one.',
      unit: 'massg',
      queries: {
        '{{workload}} {{unit}} {{window}}': `avg by (workload, unit, window) (wattledger_workload_grams_per_unit${M})`,
      },
    }),
  ],
})
