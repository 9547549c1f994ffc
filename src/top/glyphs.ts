/** What a terminal can show. */
export interface Glyphs {
  /** From nothing to the most. */
  readonly bars: readonly string[]
  readonly plusMinus: string
  readonly none: string
  readonly cut: string
  readonly arrows: string
}

const UNICODE: Glyphs = { bars: [...'▁▂▃▄▅▆▇█'], plusMinus: '±', none: '–', cut: '…', arrows: '↑↓' }
const ASCII: Glyphs = { bars: [...'_.,-=+*#'], plusMinus: '+-', none: '-', cut: '~', arrows: 'up/down' }

/** POSIX: LC_ALL goes before LC_CTYPE, and that before LANG. */
export function glyphsFor({ LC_ALL, LC_CTYPE, LANG }: NodeJS.ProcessEnv): Glyphs {
  return /utf-?8/i.test(LC_ALL || LC_CTYPE || LANG || '') ? UNICODE : ASCII
}

/** A bar for each value, from zero to the most of them; a blank where nothing is known. */
export function sparkline(values: readonly (number | null)[], { bars }: Glyphs, most = mostOf(values)): string {
  const top = bars.length - 1
  return values
    .map((value) => {
      if (value === null) return ' '
      const level = most > 0 ? Math.round((top * Math.max(0, value)) / most) : 0
      return bars[Math.min(top, level)]
    })
    .join('')
}

function mostOf(values: readonly (number | null)[]): number {
  return values.reduce<number>((most, value) => Math.max(most, value ?? 0), 0)
}
