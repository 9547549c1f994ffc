import { join } from 'node:path'
import { startOfMonth } from '../../report/span.ts'
import { MonthFile } from './month-file.ts'
import type { HostState, MeterHour } from './rows.ts'

/** What was read of the fleet, a file for each UTC month: `2026-11.db`. */
export class FleetLedger {
  readonly #folder: string
  readonly #url: string
  readonly #months = new Map<number, MonthFile>()

  /** `url` is the server that it is of. */
  constructor(folder: string, url: string) {
    this.#folder = folder
    this.#url = url
  }

  /** The file of the month in which a time is. Throws a FleetFault. */
  at(unixMs: number): MonthFile {
    const month = startOfMonth(unixMs)
    const known = this.#months.get(month)
    if (known !== undefined) return known
    const file = new MonthFile(join(this.#folder, `${new Date(month).toISOString().slice(0, 7)}.db`), this.#url)
    this.#months.set(month, file)
    return file
  }

  *states(fromUnixMs: number, untilUnixMs: number): Generator<HostState & { readonly edgeUnixMs: number }> {
    for (const file of this.#within(fromUnixMs, untilUnixMs)) yield* file.states(fromUnixMs, untilUnixMs)
  }

  *meterHours(fromUnixMs: number, untilUnixMs: number): Generator<MeterHour & { readonly meter: string }> {
    for (const file of this.#within(fromUnixMs, untilUnixMs)) yield* file.meterHours(fromUnixMs, untilUnixMs)
  }

  *#within(fromUnixMs: number, untilUnixMs: number): Generator<MonthFile> {
    for (let at = startOfMonth(fromUnixMs); at < untilUnixMs; at = nextMonth(at)) yield this.at(at)
  }

  close(): void {
    for (const file of this.#months.values()) file.close()
    this.#months.clear()
  }
}

export function nextMonth(unixMs: number): number {
  const date = new Date(unixMs)
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1)
}
