/** With openipmi, the machine has a BMC too. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Agent, Host } from '../evidence/agent.ts'
import { bare } from '../evidence/bare.ts'
import { xeon2s } from '../fixtures/machines/rapl.ts'
import { NvmlMachine } from '../fixtures/nvml/machine.ts'
import { labIsMissing, startBmc } from '../lab/bmc.ts'

const GPUS = 8
const MOST_OF_A_HOST = 150
const MOST_OF_A_GPU = 12
const MOST_OF_A_BMC = 30
/** Energy, water, emissions of two accounts, and until when. */
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

/** Complete but for the settled hour, which comes after the first whole one. */
async function countOf(gpuCount: number, bmc: string | null): Promise<number> {
  using gpus = await NvmlMachine.create({ control: [`gpus ${gpuCount}`, 'gpu * rate-mw 300000'] })
  const sensors = {
    ...(bmc !== null && { ipmi: { device: bmc } }),
    ...(gpuCount > 0 && { nvml: { library: gpus.library } }),
  }
  await using host = new Host({ ...bare, ...xeon2s }, { sensors, carbon: { zone: 'DE' } })
  const agent = await host.start()
  const series = await seriesOf(
    agent,
    (series) =>
      count(series, 'wattledger_power_watts{sensor="rapl') > 0 &&
      count(series, 'wattledger_power_watts{sensor="nvml') === gpuCount &&
      count(series, 'wattledger_node_part_state_energy') > 0 &&
      (bmc === null || count(series, 'wattledger_power_watts{sensor="ipmi') > 0),
  )
  return series.length + SETTLED
}

test('at its defaults a host has less than 150 series beside those of consumers, and 12 more for each GPU', {
  timeout: 120_000,
}, async () => {
  const [host, withGpus] = [await countOf(0, null), await countOf(GPUS, null)]
  console.log(`${host} series, ${withGpus} with ${GPUS} GPUs`)
  assert.ok(host < MOST_OF_A_HOST, `${host}`)
  assert.ok(withGpus < MOST_OF_A_HOST + GPUS * MOST_OF_A_GPU, `${withGpus}`)
})

test('a BMC costs 30 more at most', { skip: labIsMissing(), timeout: 120_000 }, async () => {
  await using bmc = await startBmc()
  const [host, withBmc] = [await countOf(0, null), await countOf(0, bmc.vmUrl)]
  console.log(`${host} series, ${withBmc} with a BMC`)
  assert.ok(withBmc - host <= MOST_OF_A_BMC, `${withBmc - host}`)
})
