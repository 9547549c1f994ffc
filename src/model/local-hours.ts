import { fault } from './config-fault.ts'

/** Time zones differ, and clocks are changed, by whole quarters of an hour. */
export const QUARTER_MS = 900_000
export const WEEKDAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const
export const HOURS_OF_DAY = 24

/** What the clocks of a place show, by the names of Intl's parts. Throws a ConfigFault of `key` for no IANA time zone. */
export function localClock(
  timeZone: string,
  key: string,
  shown: Intl.DateTimeFormatOptions,
): (unixMs: number) => Readonly<Record<string, string>> {
  try {
    const clock = new Intl.DateTimeFormat('en-US', { timeZone, hour: 'numeric', hourCycle: 'h23', ...shown })
    return (unixMs) => Object.fromEntries(clock.formatToParts(unixMs).map(({ type, value }) => [type, value]))
  } catch {
    throw fault(key, `expected an IANA time zone, such as Europe/Berlin, received ${JSON.stringify(timeZone)}`)
  }
}

/** `22:00-06:00`: from the first to before the second, through midnight if need be. Throws a ConfigFault of `key`. */
export function localHours(text: string, key: string): number[] {
  const [from = 0, to = 0] = text.split('-').map((time) => Number(time.slice(0, 2)))
  if (from === to) throw fault(key, `expected two different times, received ${JSON.stringify(text)}`)
  const hours = Array.from({ length: HOURS_OF_DAY }, (_, index) => (from + index) % HOURS_OF_DAY)
  return hours.slice(0, (to - from + HOURS_OF_DAY) % HOURS_OF_DAY || HOURS_OF_DAY)
}
