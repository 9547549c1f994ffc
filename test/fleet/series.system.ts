/** With openipmi, the machines have a BMC too. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Agent, Host } from '../evidence/agent.ts'
import { bare } from '../evidence/bare.ts'
import type { Machine } from '../fixtures/machines/machine.ts'
import { epyc, xeon2s } from '../fixtures/machines/rapl.ts'
import { NvmlMachine } from '../fixtures/nvml/machine.ts'
import { labIsMissing, startBmc } from '../lab/bmc.ts'

const GPUS = 8
const MOST_OF_A_HOST = 150
const MOST_OF_A_GPU = 12
/** Energy, water, emissions of two accounts, and until when: they come after the first whole hour. */
const SETTLED = 5
/** Bounded by `attribution.max_series`, and as many as the machine has services. */
const CONSUMERS = /^wattledger_(consumer|tenant)_/

async function seriesOf(agent: Agent, isComplete: (series: readonly string[]) => boolean): Promise<readonly string[]> {
  for (;;) {
    const series = [...(await agent.scrape()).keys()].filter((name) => !CONSUMERS.test(name))
    if (isComplete(series)) return series
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
}

const count = (series: readonly string[], prefix: string): number =>
  series.filter((name) => name.startsWith(prefix)).length

/** Of a machine that has been there for hours, each piece of which could not be read once. */
async function mostOf(machine: Machine, gpuCount: number, bmc: string | null): Promise<number> {
  using gpus = await NvmlMachine.create({ control: [`gpus ${gpuCount}`, 'gpu * rate-mw 300000'] })
  const sensors = {
    ...(bmc !== null && { ipmi: { device: bmc } }),
    ...(gpuCount > 0 && { nvml: { library: gpus.library } }),
  }
  await using host = new Host({ ...bare, ...machine }, { sensors, carbon: { zone: 'DE' } })
  const agent = await host.start()
  const series = await seriesOf(
    agent,
    (series) =>
      count(series, 'wattledger_power_watts{sensor="rapl') > 0 &&
      count(series, 'wattledger_power_watts{sensor="nvml') === gpuCount &&
      count(series, 'wattledger_accelerator_info') === gpuCount &&
      count(series, 'wattledger_node_part_state_energy') > 0 &&
      (bmc === null || count(series, 'wattledger_power_watts{sensor="ipmi') > 0),
  )
  const powers = count(series, 'wattledger_energy_joules_total') - count(series, 'wattledger_power_watts')
  const gaps = count(series, 'wattledger_node_part_source_info') - count(series, 'wattledger_node_part_unaccounted')
  return series.length + powers + gaps + SETTLED
}

for (const [name, machine] of Object.entries({ xeon2s, epyc })) {
  test(`${name} with a BMC has less than 150 series at its defaults beside those of consumers, and 12 more for each GPU`, {
    timeout: 400_000,
  }, async () => {
    await using bmc = labIsMissing() ? null : await startBmc()
    for (const gpus of [0, GPUS]) {
      const most = await mostOf(machine, gpus, bmc?.vmUrl ?? null)
      console.log(`${name}: ${most} series with ${gpus} GPUs${bmc === null ? '' : ' and a BMC'}`)
      assert.ok(most < MOST_OF_A_HOST + gpus * MOST_OF_A_GPU, `${most}`)
    }
  })
}
