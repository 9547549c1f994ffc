import { escaped } from '../../src/model/escaped.ts'
import type { Cell, TerminalScreen } from './terminal-screen.ts'

const [WIDTH, HEIGHT, MARGIN] = [8.4, 17, 14]
const [PAPER, INK] = ['#16191d', '#d5d9de']
/** Of SGR, as a dark terminal has them. */
const STYLES: Readonly<Record<string, string>> = {
  1: 'font-weight="bold" fill="#ffffff"',
  2: 'fill="#8b939c"',
  32: 'fill="#6cc088"',
  33: 'fill="#e0b050"',
  '1;31': 'font-weight="bold" fill="#f07070"',
}

/** A screen as SVG: what stands in each cell, where it stands. */
export function pictureOf({ cells, columns, rows }: TerminalScreen, title: string): string {
  const [width, height] = [2 * MARGIN + columns * WIDTH, 2 * MARGIN + rows * HEIGHT]
  const runs = cells.flatMap((row, y) => runsOf(row).map((run) => textOf(run, y)))
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img">
<title>${escaped(title)}</title>
<rect width="${width}" height="${height}" rx="8" fill="${PAPER}"/>
<g font-family="ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace" font-size="14" fill="${INK}">
${runs.join('\n')}
</g>
</svg>
`
}

interface Run {
  readonly x: number
  readonly text: string
  readonly sgr: string
}

/** Neighbours of one look, from one gap to the next: not every reader of SVG keeps several blanks. */
function runsOf(row: readonly Cell[]): Run[] {
  const runs: Run[] = []
  for (const [x, { letter, sgr }] of row.entries()) {
    const last = runs.at(-1)
    if (last !== undefined && last.sgr === sgr) runs[runs.length - 1] = { ...last, text: last.text + letter }
    else runs.push({ x, text: letter, sgr })
  }
  return runs.flatMap(({ x, text, sgr }) =>
    [...text.matchAll(/\S+(?: \S+)*/g)].map((words) => ({ x: x + words.index, text: words[0], sgr })),
  )
}

function textOf({ x, text, sgr }: Run, y: number): string {
  const place = `x="${round(MARGIN + x * WIDTH)}" y="${round(MARGIN + y * HEIGHT + 12.5)}"`
  // So that columns stand below each other in any font.
  return `<text ${place} textLength="${round(text.length * WIDTH)}" ${STYLES[sgr] ?? ''}>${escaped(text)}</text>`
}

function round(value: number): number {
  return Math.round(value * 10) / 10
}
