import { writeFileSync } from 'node:fs'
import { FileSource } from '../src/carbon/sources/file.ts'
import {
  aCarbon,
  aLedger,
  batchOf,
  cpuMs,
  energyUj,
  gPerKwh,
  HOUR_MS,
  HOURS,
  START_UNIX_MS,
  silent,
} from './carbon-setting.ts'

export interface RevisedYear {
  /** CPU seconds from the first booking to the last transaction. */
  readonly totalS: number
  readonly restatements: number
}

/** A year of hours booked with a stand-in, and restated at once when the file of their figures comes. */
export async function revisedYear(path: string, filePath: string): Promise<RevisedYear> {
  // All of it is open: the clock stands at the beginning of the year.
  const unixMs = () => START_UNIX_MS
  const ledger = await aLedger(path, unixMs)
  const source = new FileSource({ source: 'file', path: filePath, zone: 'DE', basis: 'direct' }, null, silent)
  const iso = (hour: number) => new Date(START_UNIX_MS + hour * HOUR_MS).toISOString()
  const lines = Array.from(
    { length: HOURS },
    (_, hour) => `DE,${iso(hour)},${iso(hour + 1)},${gPerKwh(START_UNIX_MS + hour * HOUR_MS)},direct`,
  )
  const write = async (some: readonly string[]) => {
    writeFileSync(filePath, `zone,start,end,g_per_kwh,basis\n${some.join('\n')}\n`)
    await source.refresh(new AbortController().signal)
  }
  // A file whose last line is an hour long is one of hours.
  await write([`DE,${iso(-1)},${iso(0)},300,direct`])
  const carbon = await aCarbon(source, ledger, unixMs)
  const begun = cpuMs()
  for (let hour = 0; hour < HOURS; hour++) {
    const startUnixMs = START_UNIX_MS + hour * HOUR_MS
    carbon.book(energyUj(hour), startUnixMs, startUnixMs + HOUR_MS)
  }
  ledger.write(batchOf(START_UNIX_MS, [], carbon.collect()))
  await write(lines)
  const collected = carbon.collect()
  ledger.write(batchOf(START_UNIX_MS, [], collected))
  const totalS = (cpuMs() - begun) / 1e3
  await ledger.stop()
  return { totalS, restatements: collected.restatements.length }
}
