/** What one pass of the readers of AMD's cards and processors costs beside the bare calls in C. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gpuMetrics } from '../test/fixtures/machines/amdgpu.ts'
import { compile, readerRows } from './readers.ts'
import type { BenchRow } from './row.ts'

/** The firmware takes a millisecond to fill a table or to answer, beside which what the readers add is nothing. */
export async function amdRows(): Promise<BenchRow[]> {
  const folder = mkdtempSync(join(tmpdir(), 'wattledger-bench-'))
  try {
    const table = join(folder, 'gpu_metrics')
    writeFileSync(table, gpuMetrics('1.3', { power: 92, energy: 5n }))
    const measure = await compile('amd', 'files', 'hsmp')
    return readerRows(await measure(table), {
      words: ['amdgpu reader, one table of a card', 'pread'],
      hsmp: ['hsmp reader, power of one socket', 'ioctl'],
    })
  } finally {
    rmSync(folder, { recursive: true })
  }
}
