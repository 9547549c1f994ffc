import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Agent, sumOf } from './agent.ts'

/*
 * A golden scrape of a machine: every series, with the values that do not depend on time. UPDATE_GOLDEN=1 writes them anew.
 * `npm run test:system` lints them with promtool.
 */
const golden = join(import.meta.dirname, 'golden')

/** Configuration of an agent whose scrape is compared. */
export const GOLDEN_CONFIG = { node: { name: 'golden', labels: { rack: 'r12' } }, carbon: { zone: 'DE' } }

/** Metrics whose value is a matter of time, of this process or of the model's coefficients. */
const UNSTEADY =
  /^(process_|nodejs_|wattledger_(consumer_|tenant_|ledger_size|sensor_last_reading|sensor_read_seconds|carbon_intensity_age|self_energy|build_info|node_(energy|part_energy|co2e|water|unaccounted|power)|(energy|unaccounted)_.*_total|power_watts\{sensor="(cray|estimate|nvml|rapl)|sensor_failures|register_wraps))/
/**
 * Chance is which part of the machine begins a moment before or after the others, when a driver first tells who uses its
 * cards, and whether an hour or a day has ended since the start, which the tests of settlement and seals decide.
 */
const CHANCE =
  /^# HELP wattledger_(node_part_(unaccounted_seconds_total|state_energy_joules_total|co2e_share)|accelerator_|settled_|seal_)/

/** This machine's, on which all of them run. */
const MACHINE = /,machine="[0-9a-f]{32}"/

export function steady(scrape: string): string {
  const families = scrape.split('\n\n').filter((family) => !CHANCE.test(family))
  const lines = families.join('\n\n').split('\n')
  const steadyLines = lines.map((line) =>
    UNSTEADY.test(line)
      ? line
          .replace(/version="[^"]*"/, 'version="*"')
          .replace(/node_version="[^"]*"/, 'node_version="*"')
          .replace(/ \S+$/, ' *')
      : line.replace(MACHINE, ''),
  )
  return steadyLines.join('\n')
}

/** Leaves that have no source of their own yet. */
const UNSETTLED = /^wattledger_node_part_source_info\{.*source="(none|waiting|siblings)"/
/** Where there is an estimate, it comes before the model as soon as it was read. */
const BEFORE_ESTIMATE = /^wattledger_node_part_source_info\{.*source="model"/

/**
 * The account is there, by `meter`, and all that is read has told its power.
 * @param silent channels that never tell
 */
export const countsBy =
  (meter: string, silent = 0) =>
  (samples: ReadonlyMap<string, number>): boolean => {
    const series = [...samples.keys()]
    const info = `wattledger_node_info{node="golden",meter="${meter}",rack="r12"}`
    const count = (prefix: string) => series.filter((name) => name.startsWith(prefix)).length
    return (
      series.some((name) => name.replace(MACHINE, '') === info) &&
      sumOf(samples, 'wattledger_node_energy_joules_total') > 0 &&
      count('wattledger_energy_joules_total{') - count('wattledger_power_watts{') === silent &&
      !series.some((name) => UNSETTLED.test(name)) &&
      !(samples.has('wattledger_sensor_up{sensor="estimate"}') && series.some((name) => BEFORE_ESTIMATE.test(name)))
    )
  }

/** The scrape becomes the one that is kept under this name: which of two readings comes first in a second is chance. */
export async function assertGolden(agent: Agent, name: string, patienceMs = 60_000): Promise<void> {
  const file = join(golden, `${name}.prom`)
  const untilMs = performance.now() + patienceMs
  if (process.env.UPDATE_GOLDEN) writeFileSync(file, steady(await agent.get('/metrics')))
  const expected = inOrder(readFileSync(file, 'utf8'))
  for (;;) {
    const scrape = inOrder(steady(await agent.get('/metrics')))
    if (scrape === expected) return
    if (performance.now() > untilMs)
      assert.fail(`the scrape is not golden/${name}.prom:\n${difference(expected, scrape)}`)
    await new Promise((resolve) => setTimeout(resolve, 500))
  }
}

/** Which of several sensors opens first is chance. */
function inOrder(scrape: string): string {
  const families = scrape.split('\n\n').map((family) => family.split('\n').toSorted().join('\n'))
  return families.join('\n\n')
}

/** The lines that are missing, after `-`, and those that are extra, after `+`: two whole scrapes hide them in a log. */
export function difference(expected: string, scrape: string): string {
  const [missing, extra] = [beyond(scrape, expected), beyond(expected, scrape)]
  if (missing.length + extra.length === 0) return 'all lines are there, in another order'
  return [...missing.map((line) => `- ${line}`), ...extra.map((line) => `+ ${line}`)].join('\n')
}

/** The lines of one text that another does not have, or not as often. */
function beyond(other: string, text: string): string[] {
  const spare = Map.groupBy(other.split('\n'), (line) => line)
  return text.split('\n').filter((line) => line !== '' && spare.get(line)?.pop() === undefined)
}
