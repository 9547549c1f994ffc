import { renderExposition } from '../../src/exporter/exposition.ts'
import { familiesOf } from '../../src/exporter/metric.ts'
import { SNAPSHOT_METRICS } from '../../src/exporter/metrics.ts'
import type { SimulatedHost } from './simulated-host.ts'

/** What the rules read. */
const READ_BY_RULES = SNAPSHOT_METRICS.filter(({ name }) =>
  /^wattledger_(node_info|node_energy_joules_total|node_part_state_energy|node_energy_uncertainty|node_unaccounted|settled_)/.test(
    name,
  ),
)

/** What the agent of a host answers. */
export function scrapeOf(host: SimulatedHost, unixMs: number, onlyForRules = false): string {
  const metrics = onlyForRules ? READ_BY_RULES : SNAPSHOT_METRICS
  return renderExposition(familiesOf(metrics, host.snapshotAt(unixMs)), 'text')
}

/** Lines of a scrape as samples of one target, with their time. */
export function samplesOf(text: string, instance: string): (readonly [series: string, value: string])[] {
  return text.split('\n').flatMap((line) => {
    const [, name, labels, value] = /^(\w+)(?:\{(.*)\})? (\S+)$/i.exec(line) ?? []
    const target = `job="wattledger",instance="${instance}"`
    return name === undefined || value === undefined
      ? []
      : [[`${name}{${target}${labels ? `,${labels}` : ''}}`, value] as const]
  })
}
