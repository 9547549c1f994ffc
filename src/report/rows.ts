import type { Figures } from './figures.ts'

export const VIEWS = ['hour', 'day', 'month', 'part', 'consumer', 'tenant'] as const
export type View = (typeof VIEWS)[number]

/** One row of a report: its figures, and what they are of. */
export interface Row {
  /** For a person: `2026-10-01`, `processors`, `pod train`. */
  readonly label: string
  /** The same for programs, by the names of the columns of `KEYS`. */
  readonly keys: Readonly<Record<string, string>>
  readonly figures: Figures
}

/** What tells the rows of a view apart. */
export const KEYS: Readonly<Record<View, readonly string[]>> = {
  hour: ['start', 'end'],
  day: ['start', 'end'],
  month: ['start', 'end'],
  part: ['part'],
  consumer: ['kind', 'consumer', 'tenant'],
  tenant: ['tenant'],
}

/** Energy of the machine that nobody split, as where attribution did not run. */
export const NOT_SPLIT = 'not split'
