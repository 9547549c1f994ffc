/** What one DCMI reading costs through the reader beside a bare exchange over a socket, with ipmi_sim as the BMC. */
import { labIsMissing, startBmc } from '../test/lab/bmc.ts'
import { LAB_IDENTITY } from '../test/lab/machine.ts'
import { AIM, compile, readerRows } from './readers.ts'
import type { BenchRow } from './row.ts'

const NAME = 'ipmi reader, one DCMI reading'

/** ipmi_sim answers at once; a real BMC takes 5 to 100 ms, beside which what the reader adds is nothing. */
export async function ipmiRows(): Promise<BenchRow[]> {
  const missing = labIsMissing()
  if (missing !== false) return [{ name: NAME, figure: `not taken: ${missing}`, aim: AIM }]
  await using bmc = await startBmc()
  const measure = await compile('ipmi', 'ipmi')
  return readerRows(await measure(new URL(bmc.vmUrl).port, LAB_IDENTITY), { ipmi: [NAME, 'exchange'] })
}
