/** `npm run fleet:rules`: writes config/prometheus/fleet/levels.yml, the same sums for each level. */
import { writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { LEVELS, type Level } from '../src/fleet/topology.ts'

export const LEVELS_FILE = resolve(import.meta.dirname, '../config/prometheus/fleet/levels.yml')

/** What models share goes wrong together, so that it adds up; meters go wrong each by itself. */
const MODELLED = 'none|components|estimate'

function rulesOf(level: Level): string {
  const by = LEVELS.slice(0, LEVELS.indexOf(level) + 1).join(', ')
  const host = (name: string) => `instance:wattledger_fleet_${name}`
  const own = (name: string) => `${level}:wattledger_fleet_${name}`
  const of = (name: string) => `sum by (${by}) (wattledger_fleet_${name}{level="${level}"})`
  const sum = (name: string, more = '') => `sum by (${by}${more}) (${name})`
  return `
  - name: wattledger-fleet-${level}
    interval: 1m
    rules:
      - record: ${own('hosts:count')}
        expr: ${sum(host('host:state'), ', state')}
      - record: ${own('power_watts:rate5m')}
        expr: ${sum(host('power_watts:rate5m'))}
      - record: ${own('uncertainty:ratio5m')}
        expr: |
          sqrt(
            (${sum(`${host('uncertainty_watts:rate5m')}{meter!~"${MODELLED}"} ^ 2`)} or 0 * ${own('power_watts:rate5m')})
              +
            (${sum(`${host('uncertainty_watts:rate5m')}{meter=~"${MODELLED}"}`)} or 0 * ${own('power_watts:rate5m')}) ^ 2
          ) / ${own('power_watts:rate5m')}
      # A host that is missing has none.
      - record: ${own('coverage:ratio1h')}
        expr: |
          (${sum(host('coverage:ratio1h'))} or 0 * ${sum(host('counted:info'))})
            / ${sum(host('counted:info'))}
      - record: ${own('settled_energy_joules:delta1h')}
        expr: ${sum(host('settled_energy_joules:delta1h'))}
      - record: ${own('settled_co2e_grams:delta1h')}
        expr: ${sum(host('settled_co2e_grams:delta1h'), ', scope, basis, ef_basis')}
      # Share of the hosts whose hour is in the two above.
      - record: ${own('settled_coverage:ratio')}
        expr: |
          (${sum(host('settled:info'))} or 0 * ${sum(host('counted:info'))})
            / ${sum(host('counted:info'))}
      - record: ${own('power_watts:rate1h')}
        expr: ${sum(host('power_watts:rate1h'))}
      - record: ${own('part_watts:rate1h')}
        expr: ${sum(host('part_watts:rate1h'), ', part')}
      # What the meters of the place tell beyond its hosts: a loss only where each of these was heard.
      - record: ${own('unexplained_watts:rate1h')}
        expr: ${of('it_supply_watts:rate1h')} - ${own('power_watts:rate1h')}
      - record: ${own('part_watts:rate1h')}
        labels: { part: distribution_loss }
        expr: ${own('unexplained_watts:rate1h')} unless on (${by}) ${own('hosts:count')}{state="missing"} > 0
      - record: ${own('part_watts:rate1h')}
        labels: { part: cooling }
        expr: ${of('cooling_watts:rate1h')}
      - record: ${own('part:share1h')}
        expr: ${own('part_watts:rate1h')} / on (${by}) group_left () sum by (${by}) (${own('part_watts:rate1h')})
      - record: ${own('pue:ratio1h')}
        expr: (${of('it_supply_watts:rate1h')} + ${of('cooling_watts:rate1h')}) / ${own('power_watts:rate1h')}
`
}

export function levelRules(): string {
  const head =
    '# Hosts added up by place: written by `npm run fleet:rules`. Series of meters come from a topology file.\ngroups:'
  return head + LEVELS.toReversed().map(rulesOf).join('')
}

if (import.meta.main) writeFileSync(LEVELS_FILE, levelRules())
