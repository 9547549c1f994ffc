import { Host } from '../test/evidence/agent.ts'
import { bare } from '../test/evidence/bare.ts'
import { xeon2s } from '../test/fixtures/machines/rapl.ts'
import { NvmlMachine } from '../test/fixtures/nvml/machine.ts'
import { labIsMissing, startBmc } from '../test/lab/bmc.ts'
import { asInstalled } from './as-installed.ts'
import { cpuSeconds, residentMb } from './process-cost.ts'
import type { BenchRow } from './row.ts'

const WARM_UP_MS = 15_000
const MEASURED_MS = 60_000
const GPUS = 8

/** The daemon at its default intervals with RAPL, 8 GPUs of the test library and, where ipmi_sim is installed, a BMC. */
export async function agentRows(): Promise<BenchRow[]> {
  using gpus = await NvmlMachine.create({ control: [`count ${GPUS}`] })
  const isLabMissing = labIsMissing()
  const bmc = isLabMissing ? null : await startBmc()
  const { 'sys/class/powercap/intel-rapl:1': _psys, ...fourChannels } = { ...bare, ...xeon2s }
  await using host = new Host(fourChannels, {
    sensors: { nvml: { library: gpus.library }, ipmi: bmc ? { device: bmc.vmUrl } : { enabled: false } },
    ledger: { flush: '2m' },
    log: { level: 'info' },
  })
  try {
    const program = asInstalled()
    const startedMs = performance.now()
    const agent = await host.start(program)
    await agent.scrape()
    const firstScrapeMs = performance.now() - startedMs
    await sleep(WARM_UP_MS)
    const before = cpuSeconds(agent)
    await sleep(MEASURED_MS)
    const share = (cpuSeconds(agent) - before) / (MEASURED_MS / 1e3)
    const rssMb = residentMb(agent)
    const series = (await agent.scrape()).size
    const parts = `4 RAPL channels, ${GPUS} GPUs${bmc ? ', a BMC' : ` (no BMC: ${isLabMissing})`}, ${series} samples`
    return [
      { name: `agent, CPU of one core: ${parts}`, figure: `${(share * 100).toFixed(2)} %`, aim: 'below 0.3 %' },
      { name: 'agent, resident memory', figure: `${rssMb.toFixed(1)} MB`, aim: 'below 90 MB' },
      { name: 'agent, start to first scrape', figure: `${(firstScrapeMs / 1e3).toFixed(2)} s`, aim: 'below 1.5 s' },
    ]
  } finally {
    await bmc?.[Symbol.asyncDispose]()
  }
}

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))
