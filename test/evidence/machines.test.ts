import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { acpiPowerMeter6, graceHopper } from '../fixtures/machines/hwmon.ts'
import type { Machine } from '../fixtures/machines/machine.ts'
import { epyc, laptop, xeon2s } from '../fixtures/machines/rapl.ts'
import { Host, sumOf } from './agent.ts'
import { bare, vm } from './bare.ts'

/*
 * One golden scrape per machine: every series, with the values that do not depend on time. UPDATE_GOLDEN=1 writes them
 * anew. `npm run test:system` lints them with promtool.
 */
const golden = join(import.meta.dirname, 'golden')

const machines: Record<string, { readonly machine: Machine; readonly meter: string }> = {
  'xeon-2s-dram': { machine: { ...bare, ...xeon2s }, meter: 'psys' },
  epyc: { machine: { ...bare, ...epyc }, meter: 'components' },
  'laptop-psys-mmio': { machine: { ...bare, ...laptop }, meter: 'psys' },
  'grace-hwmon': { machine: { ...bare, ...graceHopper }, meter: 'components' },
  'acpi-power-meter': { machine: { ...vm, ...acpiPowerMeter6 }, meter: 'acpi' },
  'vm-with-nothing': { machine: vm, meter: 'estimate' },
}

/** Metrics whose value is a matter of time, of this process or of the model's coefficients. */
const UNSTEADY =
  /^(process_|nodejs_|wattledger_(ledger_size|sensor_last_reading|sensor_read_seconds|carbon_intensity_age|self_energy|build_info|node_(energy|co2e|water|unaccounted|power)|(energy|unaccounted)_.*_total|power_watts\{sensor="(estimate|account|rapl)|sensor_failures|register_wraps))/

function steady(scrape: string): string {
  const lines = scrape.split('\n').map((line) => {
    if (!UNSTEADY.test(line)) return line
    return line
      .replace(/version="[^"]*"/, 'version="*"')
      .replace(/node_version="[^"]*"/, 'node_version="*"')
      .replace(/ \S+$/, ' *')
  })
  return lines.join('\n')
}

describe('golden scrape', { concurrency: true }, () => {
  for (const [name, { machine, meter }] of Object.entries(machines)) {
    test(name, async () => {
      await using host = new Host(machine, {
        node: { name: 'golden', labels: { rack: 'r12' } },
        carbon: { zone: 'DE' },
      })
      const agent = await host.start()
      const info = `wattledger_node_info{node="golden",meter="${meter}",rack="r12"}`
      // Gauges are of now and totals of the last flush: a channel that is new has the first alone.
      const areTotalsThere = (series: readonly string[]) =>
        series
          .filter((name) => name.startsWith('wattledger_power_watts'))
          .every((name) => series.includes(name.replace('power_watts', 'energy_joules_total')))
      await agent.scrapeUntil(
        (samples) =>
          samples.get(info) === 1 &&
          sumOf(samples, 'wattledger_node_energy_joules_total') > 0 &&
          areTotalsThere([...samples.keys()]),
      )
      const scrape = steady(await agent.get('/metrics'))
      const file = join(golden, `${name}.prom`)
      if (process.env.UPDATE_GOLDEN) writeFileSync(file, scrape)
      assert.equal(scrape, readFileSync(file, 'utf8'))
      assert.equal(await agent.stop(), 0)
    })
  }
})
