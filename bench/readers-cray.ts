/** What one pass of the reader of a Cray's counters costs beside the bare calls in C. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { crayEx } from '../test/fixtures/machines/cray.ts'
import { writeMachine } from '../test/fixtures/machines/machine.ts'
import { compile, readerRows } from './readers.ts'
import type { BenchRow } from './row.ts'

export async function crayRows(): Promise<BenchRow[]> {
  const root = mkdtempSync(join(tmpdir(), 'wattledger-bench-'))
  try {
    writeMachine(root, crayEx)
    const measure = await compile('cray', 'files')
    const output = await measure(join(root, 'sys/cray/pm_counters'))
    return readerRows(output, { cray: ['cray reader, five counters of a node', 'pread'] })
  } finally {
    rmSync(root, { recursive: true })
  }
}
