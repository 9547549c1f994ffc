import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { revisedYear } from './carbon-revision.ts'
import { bareSeconds, HOURS } from './carbon-setting.ts'
import { settlementYear } from './carbon-settlement.ts'
import { COMBINATIONS, yearFigures, yearRow } from './carbon-year.ts'
import type { BenchRow } from './row.ts'

/** A year of two real workloads on three real grids, and what it costs to settle a year. Takes about half a minute. */
export async function carbonRows(): Promise<BenchRow[]> {
  const directory = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'bench-'))
  setFlagsFromString('--expose-gc')
  const collectGarbage = runInNewContext('gc') as () => void
  try {
    const years: BenchRow[] = []
    for (const [zone, trace] of COMBINATIONS) years.push(yearRow(zone, trace, await yearFigures(zone, trace)))
    const revised = await revisedYear(join(directory, 'revised.db'), join(directory, 'grid.csv'))
    const year = await settlementYear(join(directory, 'year.db'), collectGarbage)
    const totalS = year.booksS + year.commitS
    const times = (seconds: number) => `${Math.round(seconds / bareSeconds())}× a bare loop`
    return [
      ...years,
      {
        name: 'carbon, a year of hours booked, then restated at once',
        figure: `${revised.totalS.toFixed(2)} CPU s, ${revised.restatements} restatements, ${times(revised.totalS)}`,
        aim: 'below 2 s',
      },
      {
        name: 'carbon, a year settled hour by hour, 40 days open',
        figure: `${totalS.toFixed(2)} CPU s (books ${year.booksS.toFixed(2)}, ledger ${year.commitS.toFixed(2)}), ${year.restatements} restatements, ${times(totalS)}`,
        aim: `${((1e3 * totalS) / HOURS).toFixed(2)} ms an hour`,
      },
      {
        name: 'carbon, heap from month 3 to month 12 of that year',
        figure: `${(year.heapGrowthBytes / 1e6).toFixed(2)} MB`,
        aim: 'flat',
      },
    ]
  } finally {
    rmSync(directory, { recursive: true })
  }
}
