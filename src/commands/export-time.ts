import { DAY_MS } from '../model/time.ts'
import { UsageError } from './run.ts'

const TIME = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2})?Z)?$/

/** Unix milliseconds of a UTC day or time; null where none is given. @throws UsageError */
export function timeOf(option: string, word: unknown, isWholeDay: boolean): number | null {
  if (word === undefined) return null
  const text = String(word)
  const unixMs = TIME.test(text) ? Date.parse(text) : Number.NaN
  // Date.parse takes 30 February for 2 March.
  const isReal = !Number.isNaN(unixMs) && new Date(unixMs).toISOString().startsWith(text.slice(0, 10))
  if (!isReal) {
    const shown = JSON.stringify(text)
    throw new UsageError(`--${option} ${shown} is no UTC day or time: write 2026-11-01 or 2026-11-01T06:00:00Z`)
  }
  if (isWholeDay && unixMs % DAY_MS !== 0) {
    throw new UsageError(`--${option} ${text} is within a day, and the view has whole days: write ${text.slice(0, 10)}`)
  }
  return unixMs
}
