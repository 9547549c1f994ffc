/** What one pass of the `files` and `perf` readers costs beside the bare system calls in C. */
import { globSync, readFileSync } from 'node:fs'
import { compile, readerRows } from './readers.ts'
import type { BenchRow } from './row.ts'

const FILES = 8
/** Small sysfs attributes that hold a number, as `energy_uj` does: on every machine, with RAPL or without. */
const ATTRIBUTES = '/sys/devices/system/cpu/cpu*/{topology/{physical_package_id,core_id,die_id},cache/index*/level}'

/** No row for perf events where the kernel refuses them. */
export async function raplRows(): Promise<BenchRow[]> {
  const measure = await compile('rapl', 'files', 'rapl')
  return readerRows(await measure(...numericFiles()), {
    files: [`files reader, one pass of ${FILES} files`, 'pread'],
    perf: ['perf reader, a group of 5 events', 'read'],
  })
}

function numericFiles(): string[] {
  const numeric = globSync(ATTRIBUTES).filter((path) => /^\d+\n$/.test(readFileSync(path, 'utf8')))
  return Array.from({ length: FILES }, (_, index) => numeric[index % numeric.length] ?? '/dev/null')
}
