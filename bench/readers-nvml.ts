/** What one pass of the NVML reader over 8 GPUs of the test library costs beside the bare calls in C. */
import { NvmlMachine } from '../test/fixtures/nvml/machine.ts'
import { compile, readerRows } from './readers.ts'
import type { BenchRow } from './row.ts'

const GPUS = 8

/**
 * The test library makes one system call in each function, a stat; the real one makes an ioctl at least, beside which what
 * the reader adds is less still.
 */
export async function nvmlRows(): Promise<BenchRow[]> {
  using machine = await NvmlMachine.create({ control: [`gpus ${GPUS}`, 'gpu * step-mj 300'] })
  const measure = await compile('nvml', 'nvml')
  return readerRows(await measure(machine.library), {
    energy: [`nvml reader, energy of ${GPUS} GPUs`, 'calls'],
    instant: [`nvml reader, power of ${GPUS} GPUs by field values`, 'calls'],
    watched: [`nvml reader, energy of ${GPUS} GPUs watched beside their power`, 'calls'],
  })
}
