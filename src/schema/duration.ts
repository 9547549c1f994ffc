const MS_PER: Readonly<Record<string, number>> = { d: 86_400_000, h: 3_600_000, m: 60_000, s: 1_000, ms: 1 }

/** A whole number and one unit, without a space: `250ms`, `5s`, `48h`. */
export const DURATION = /^(\d{1,12})(ms|s|m|h|d)$/

/** Milliseconds of a text that matches DURATION, else NaN. */
export function parseDurationMs(text: string): number {
  const [, count, unit = ''] = DURATION.exec(text) ?? []
  return Number(count) * (MS_PER[unit] ?? Number.NaN)
}

/** The shortest text for whole milliseconds: 90000 is `90s`, 172800000 is `2d`. */
export function formatDuration(ms: number): string {
  const [unit, size] = Object.entries(MS_PER).find(([, size]) => ms >= size && ms % size === 0) ?? ['ms', 1]
  return `${ms / size}${unit}`
}
