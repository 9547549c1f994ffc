/**
 * Prints what the parts and the whole cost. Figures hold for the machine that they were taken on; ratios carry over.
 * `npm run bench -- NAME ...` runs only the named ones.
 */
import { agentRows } from './agent.ts'
import { attributionRows } from './attribution.ts'
import { carbonRows } from './carbon.ts'
import { ledgerRows } from './ledger.ts'
import { lightRows } from './light.ts'
import { loginRows } from './login.ts'
import { networkMeterRows } from './network-meters.ts'
import { nodeModelRows } from './node-model.ts'
import { pageRows } from './page.ts'
import { amdRows } from './readers-amd.ts'
import { cgroupRows } from './readers-cgroup.ts'
import { ipmiRows } from './readers-ipmi.ts'
import { nvmlRows } from './readers-nvml.ts'
import { raplRows } from './readers-rapl.ts'
import { redfishRows } from './redfish.ts'
import type { BenchRow } from './row.ts'
import { scrapeRows } from './scrape.ts'
import { tickRows } from './tick.ts'
import { windowsRows } from './windows.ts'

const benches: Readonly<Record<string, () => Promise<readonly BenchRow[]>>> = {
  rapl: raplRows,
  nvml: nvmlRows,
  amd: amdRows,
  ipmi: ipmiRows,
  'network-meters': networkMeterRows,
  redfish: redfishRows,
  cgroup: cgroupRows,
  agent: agentRows,
  light: lightRows,
  attribution: attributionRows,
  tick: tickRows,
  'node-model': nodeModelRows,
  scrape: scrapeRows,
  login: loginRows,
  ledger: ledgerRows,
  carbon: carbonRows,
  windows: windowsRows,
  page: pageRows,
}

const wanted = process.argv.slice(2)
const unknown = wanted.filter((name) => benches[name] === undefined)
if (unknown.length > 0) {
  console.error(`bench: no ${unknown.join(', ')}; there are ${Object.keys(benches).join(', ')}`)
  process.exitCode = 2
} else {
  const rows: BenchRow[] = []
  for (const [name, run] of Object.entries(benches)) {
    if (wanted.length > 0 && !wanted.includes(name)) continue
    if (process.stderr.isTTY) process.stderr.write(`\r\u001b[Kbench: ${name}`)
    rows.push(...(await run()))
  }
  if (process.stderr.isTTY) process.stderr.write('\r\u001b[K')
  const width = (key: keyof BenchRow): number => Math.max(...rows.map((row) => row[key].length))
  const [name, figure] = [width('name'), width('figure')]
  for (const row of rows) console.log(`${row.name.padEnd(name)}  ${row.figure.padEnd(figure)}  ${row.aim}`)
}
