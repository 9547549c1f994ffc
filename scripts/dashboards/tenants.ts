import { choice, dashboard } from './dashboard.ts'
import { lines, stat, table } from './panel.ts'

const MACHINES = 'instance=~"$instance"'
const OF = `{${MACHINES},tenant=~"$tenant"}`
/** Where at least half of the time is known. Elsewhere a counter stands still, which is no 0 W. */
const KNOWN = `(rate(wattledger_node_unaccounted_seconds_total{${MACHINES}}[$__rate_interval]) < 0.5)`
const power = (metric: string): string => `rate(wattledger_${metric}${OF}[$__rate_interval]) and on (instance) ${KNOWN}`
/** Of the hours that were closed in the time shown: settled counters never fall, so that their ends are their extremes. */
const settled = (metric: string): string =>
  `(max_over_time(wattledger_settled_${metric}[$__range]) - min_over_time(wattledger_settled_${metric}[$__range]))`

export const TENANTS = dashboard({
  uid: 'wattledger-tenants',
  title: 'Wattledger: tenants',
  description: 'Who uses the energy: tenants, the consumers of each, and what is reserved and idle.',
  choices: [
    choice('instance', 'wattledger_node_info', true),
    choice('tenant', 'wattledger_tenant_energy_joules_total', true),
  ],
  figures: [
    stat({
      title: 'Power',
      description: 'Of the tenants chosen.',
      unit: 'watt',
      expr: `sum(${power('tenant_energy_joules_total')})`,
    }),
    stat({
      title: 'Idle',
      description: 'Share that is idle power, by what is reserved.',
      unit: 'percentunit',
      expr: `sum(rate(wattledger_tenant_energy_joules_total{${MACHINES},tenant=~"$tenant",part="idle"}[$__range])) / sum(rate(wattledger_tenant_energy_joules_total${OF}[$__range]))`,
    }),
    stat({
      title: "Nobody's",
      description: 'Share of the used energy that no rule of attribution.tenants gives to a tenant.',
      unit: 'percentunit',
      expr: `sum(rate(wattledger_tenant_energy_joules_total{${MACHINES},tenant="unassigned",part="dynamic"}[$__range])) / sum(rate(wattledger_tenant_energy_joules_total{${MACHINES},part="dynamic"}[$__range]))`,
    }),
    stat({
      title: 'Accelerators held idle',
      description:
        'How many did nothing for those who held them, in the mean. Empty where no machine has an accelerator.',
      unit: 'none',
      decimals: 2,
      expr: `sum(rate(wattledger_accelerator_reserved_idle_seconds_total{${MACHINES}}[$__range]))`,
    }),
    stat({
      title: 'Settled until',
      description: 'The hour up to which all machines have closed their account.',
      unit: 'dateTimeAsIso',
      expr: `1000 * min(wattledger_settled_until_timestamp_seconds{${MACHINES}})`,
    }),
    lines({
      title: 'Power by tenant',
      description: 'The tenants sum to the machines, in the time that is known.',
      unit: 'watt',
      stacked: true,
      width: 24,
      queries: { '{{tenant}}': `sum by (tenant) (${power('tenant_energy_joules_total')})` },
    }),
    lines({
      title: 'Idle and used',
      description: 'Idle power is shared by what is reserved, dynamic power by what is used.',
      unit: 'watt',
      stacked: true,
      queries: { '{{part}}': `sum by (part) (${power('tenant_energy_joules_total')})` },
    }),
    table({
      title: 'Energy for bills',
      description: 'Of the hours closed in the time shown, to the microjoule of the ledger.',
      unit: 'kwatth',
      expr: `sum by (tenant) (${settled(`energy_joules_total{${MACHINES},tenant=~"$tenant",tenant!=""}`)}) / 3.6e6`,
      columns: ['tenant'],
      value: 'kWh',
    }),
    table({
      title: 'Emissions for bills',
      description: 'Of the hours closed in the time shown, as booked, each basis for itself.',
      unit: 'massg',
      expr: `sum by (tenant, scope, basis, ef_basis) (${settled(`co2e_grams_total{${MACHINES},tenant=~"$tenant",tenant!=""}`)})`,
      columns: ['tenant', 'scope', 'basis', 'ef_basis'],
      value: 'gCO₂e',
    }),
    lines({
      title: 'Greatest consumers',
      description: 'Services, users, containers, pods, jobs and virtual machines of the tenants chosen.',
      unit: 'watt',
      queries: {
        '{{kind}} {{consumer}}': `topk(10, sum by (kind, consumer) (${power('consumer_energy_joules_total')}))`,
      },
    }),
    table({
      title: 'Consumers of each tenant',
      description: 'Of the time shown. A consumer that ended is in its tenant.',
      unit: 'kwatth',
      expr: `sum by (tenant, kind, consumer) (increase(wattledger_consumer_energy_joules_total${OF}[$__range])) / 3.6e6`,
      columns: ['tenant', 'kind', 'consumer'],
      value: 'kWh',
    }),
    table({
      title: 'Accelerators and who holds them',
      description: 'Consumers that have one reserved or use it. Empty where no machine has an accelerator.',
      unit: 'none',
      expr: `wattledger_accelerator_holders{${MACHINES}} * on (instance, hardware) group_left (sharing) wattledger_accelerator_info`,
      columns: ['instance', 'hardware', 'sharing'],
      value: 'holders',
    }),
  ],
})
