import { escaped } from '../../model/escaped.ts'
import { printable } from '../../model/printable.ts'
import { UJ_PER_KWH } from '../../model/units.ts'
import { amount } from '../head-figures.ts'
import type { Report } from '../report.ts'
import type { Row } from '../rows.ts'

/** A picture of the rows: columns over time, else bars of the largest. Empty where there is nothing to draw. */
export function chartOf({ by, rows }: Report): string {
  if (rows.every(({ figures }) => figures.energyUj <= 0n)) return ''
  return by === 'hour' || by === 'day' || by === 'month' ? columns(rows) : bars(rows)
}

const [WIDTH, HEIGHT, LEFT, BOTTOM, TOP] = [960, 220, 64, 22, 10]
/** More columns than this are drawn in groups: they are thinner than a pixel. */
const MOST_COLUMNS = 400
const MOST_BARS = 20

const QUALITIES = ['measured', 'derived', 'estimated'] as const

interface ColumnShape {
  readonly label: string
  readonly kwh: Readonly<Record<(typeof QUALITIES)[number], number>>
  readonly uncovered: number
}

function columns(rows: readonly Row[]): string {
  const shapes = grouped(rows)
  const most = Math.max(...shapes.map(({ kwh }) => QUALITIES.reduce((sum, quality) => sum + kwh[quality], 0)))
  const step = (WIDTH - LEFT) / shapes.length
  const scale = (HEIGHT - BOTTOM - TOP) / most
  const paths = Object.fromEntries([...QUALITIES, 'gap'].map((name) => [name, '']))
  for (const [index, { kwh, uncovered }] of shapes.entries()) {
    const x = LEFT + index * step
    let y = HEIGHT - BOTTOM
    const width = Math.max(0.3, step * 0.82)
    for (const quality of QUALITIES) {
      const height = kwh[quality] * scale
      if (height > 0) paths[quality] += box(x, y - height, width, height)
      y -= height
    }
    if (uncovered > 0) paths.gap += box(x, HEIGHT - BOTTOM + 2, width * uncovered, 3)
  }
  const used = Object.entries(paths).filter(([, path]) => path !== '')
  const shown = used.map(([name, path]) => `<path class="${name}" d="${path}"/>`).join('')
  const ends = [shapes[0], shapes.at(-1)].map((shape) => escaped(shape?.label ?? ''))
  const svg = `<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="Energy over time">
<line class="axis" x1="${LEFT}" x2="${WIDTH}" y1="${HEIGHT - BOTTOM}" y2="${HEIGHT - BOTTOM}"/><line class="axis" x1="${LEFT}" x2="${WIDTH}" y1="${TOP}" y2="${TOP}"/>
${shown}
<text x="${LEFT - 6}" y="${TOP + 4}" text-anchor="end">${most.toPrecision(3)} kWh</text><text x="${LEFT - 6}" y="${HEIGHT - BOTTOM}" text-anchor="end">0</text>
<text x="${LEFT}" y="${HEIGHT - 4}">${ends[0]}</text><text x="${WIDTH}" y="${HEIGHT - 4}" text-anchor="end">${ends[1]}</text>
</svg>`
  const size = rowsPerColumn(rows)
  const together = size === 1 ? '' : `each column is ${size} rows of the table`
  const words: Readonly<Record<string, string>> = { gap: 'time that is not covered' }
  const key = used.map(([name]) => `<span class="key">${swatch(name)}${words[name] ?? name}</span>`).join('')
  return `<figure>${svg}<figcaption>${key}${together}</figcaption></figure>\n`
}

function rowsPerColumn(rows: readonly Row[]): number {
  return Math.ceil(rows.length / MOST_COLUMNS)
}

/** Neighbours together where there are more than can be seen. */
function grouped(rows: readonly Row[]): ColumnShape[] {
  const size = rowsPerColumn(rows)
  const groups = Array.from({ length: Math.ceil(rows.length / size) }, (_, n) => rows.slice(n * size, (n + 1) * size))
  return groups.map((group) => {
    const sum = (of: (row: Row) => number) => group.reduce((all, row) => all + of(row), 0)
    const [measured, derived] = [
      sum((row) => kwhOf(row.figures.measuredUj)),
      sum((row) => kwhOf(row.figures.derivedUj)),
    ]
    const all = sum((row) => kwhOf(row.figures.energyUj))
    const isKnown = group.some(({ figures }) => figures.measuredUj !== null)
    return {
      label: group[0]?.label ?? '',
      kwh: isKnown
        ? { measured, derived, estimated: Math.max(0, all - measured - derived) }
        : { measured: Math.max(0, all), derived: 0, estimated: 0 },
      uncovered: sum(({ figures }) => 1 - (figures.coveragePct ?? 100) / 100) / group.length,
    }
  })
}

function bars(rows: readonly Row[]): string {
  const largest = rows.filter(({ figures }) => figures.energyUj > 0n).slice(0, MOST_BARS)
  const most = Math.max(...largest.map(({ figures }) => kwhOf(figures.energyUj)))
  const [step, left, right] = [20, 260, 110]
  const lines = largest.map(({ label, figures }, index) => {
    const width = (kwhOf(figures.energyUj) / most) * (WIDTH - left - right)
    const middle = index * step + 14
    const name = printable(label)
    const short = name.length > 40 ? `${name.slice(0, 39)}…` : name
    return `<text x="${left - 8}" y="${middle}" text-anchor="end">${escaped(short)}</text><path class="measured" d="${box(left, index * step + 4, Math.max(0.5, width), step - 7)}"/><text x="${(left + width + 6).toFixed(1)}" y="${middle}">${amount(figures.energyUj, UJ_PER_KWH)} kWh</text>`
  })
  const rest = rows.length - largest.length
  const about = rest === 0 ? '' : `<figcaption>The ${largest.length} largest of ${rows.length}.</figcaption>`
  return `<figure><svg viewBox="0 0 ${WIDTH} ${largest.length * step + 4}" role="img" aria-label="Energy by row">${lines.join('\n')}</svg>${about}</figure>\n`
}

function swatch(name: string): string {
  return `<svg viewBox="0 0 10 10" aria-hidden="true"><rect class="${name}" width="10" height="10"/></svg>`
}

function box(x: number, y: number, width: number, height: number): string {
  return `M${x.toFixed(2)} ${y.toFixed(2)}h${width.toFixed(2)}v${height.toFixed(2)}h-${width.toFixed(2)}z`
}

function kwhOf(uj: bigint | null): number {
  return Number(uj ?? 0n) / 3.6e12
}
