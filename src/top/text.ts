import { printable } from '../model/printable.ts'
import type { Glyphs } from './glyphs.ts'

/** How a piece of a line is to look, beyond what it says. */
export type Tone = 'plain' | 'strong' | 'faint' | 'good' | 'doubtful' | 'alarm'

export interface Piece {
  readonly text: string
  readonly tone: Tone
}
export type Line = readonly Piece[]

export const piece = (text: string, tone: Tone = 'plain'): Piece => ({ text, tone })

/** What has no form of its own is shown by its number, so that only marks are left. */
const NO_WIDTH = /^\p{M}$/u
/** East Asian Wide and Fullwidth (UAX 11), as far as they are letters, and emoji. */
const WIDE =
  /^[\p{Script=Han}\p{Script=Hangul}\p{Script=Hiragana}\p{Script=Katakana}\p{Emoji_Presentation}\u3000-\u303e\uff01-\uff60\uffe0-\uffe6]$/u

function widthOf(letter: string): number {
  if (letter <= '~') return 1
  return NO_WIDTH.test(letter) ? 0 : WIDE.test(letter) ? 2 : 1
}

/** Columns of a terminal. */
export function columnsOf(text: string): number {
  return [...text].reduce((sum, letter) => sum + widthOf(letter), 0)
}

/** A name as a terminal can show it: nothing in it is obeyed, and without UTF-8 it is ASCII. */
export function shown(name: string, { cut }: Glyphs): string {
  const text = printable(name)
  return cut === '…' ? text : text.replaceAll(/[^ -~]/gu, '?')
}

/** Exactly so many columns wide: cut off, or filled with blanks behind it or, to the right, before it. */
export function fitted(text: string, width: number, { cut }: Glyphs, side: 'left' | 'right' = 'left'): string {
  const kept = columnsOf(text) <= width ? text : width < 1 ? '' : `${head(text, width - 1)}${cut}`
  const blanks = ' '.repeat(Math.max(0, width - columnsOf(kept)))
  return side === 'left' ? kept + blanks : blanks + kept
}

/** No wider than so many columns. */
export function clipped(line: Line, width: number, glyphs: Glyphs): Line {
  let left = width
  return line.flatMap(({ text, tone }) => {
    const columns = columnsOf(text)
    const kept = columns <= left ? text : fitted(text.trimEnd(), left, glyphs)
    left = Math.max(0, left - columns)
    return kept === '' ? [] : [{ text: kept, tone }]
  })
}

function head(text: string, width: number): string {
  let [kept, used] = ['', 0]
  for (const letter of text) {
    used += widthOf(letter)
    if (used > width) break
    kept += letter
  }
  return kept
}

/** `7.25`, `41.2`, `412`: three digits that count, and all of those before the point. */
export function amount(value: number | null, { none }: Glyphs): string {
  if (value === null) return none
  const size = Math.abs(value)
  return value.toFixed(size < 9.995 ? 2 : size < 99.95 ? 1 : 0)
}
