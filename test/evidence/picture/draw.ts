import type { Dashboard, Panel } from '@grafana/schema'
import type { PrometheusQuery } from '../../../scripts/dashboards/panel.ts'
import type { Prometheus, Series } from '../prometheus.ts'

const COLUMN = 50
const ROW = 24
const GAP = 4
const PADDING = 12
const COLORS = [
  '#3274d9',
  '#37872d',
  '#e0752d',
  '#8f3bb8',
  '#c4162a',
  '#0f8b8d',
  '#b58900',
  '#6c757d',
  '#d6409f',
  '#1f4e79',
]
const FIXED: Readonly<Record<string, string>> = { measured: '#37872d', derived: '#3274d9', estimated: '#e0752d' }

export interface Span {
  readonly startS: number
  readonly endS: number
  readonly stepS: number
}

interface Box {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

interface Line {
  readonly name: string
  readonly points: readonly (readonly [atS: number, value: number])[]
}

const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
const named = (legend: string, { metric }: Series): string =>
  legend.replaceAll(/\{\{(\w+)\}\}/g, (_, label: string) => metric[label] ?? '').trim()

function shown(value: number, unit: string | undefined): string {
  const digits = (of: number) =>
    Math.abs(of) >= 100 ? of.toFixed(0) : Math.abs(of) >= 10 ? of.toFixed(1) : of.toFixed(2)
  if (unit === 'percentunit') return `${digits(value * 100)} %`
  if (unit === 'watt') return `${digits(value)} W`
  if (unit === 'kwatth') return `${digits(value)} kWh`
  if (unit === 'massg') return Math.abs(value) >= 1e3 ? `${digits(value / 1e3)} kg` : `${digits(value)} g`
  if (unit === 's') return `${digits(value / 3600)} h`
  if (unit === 'litre') return `${digits(value)} L`
  if (unit === 'dateTimeAsIso') return new Date(value).toISOString().slice(0, 16).replace('T', ' ')
  return Number.isInteger(value) ? `${value}` : digits(value)
}

const text = (x: number, y: number, size: number, fill: string, content: string, more = ''): string =>
  `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" font-size="${size}" fill="${fill}"${more}>${escaped(content)}</text>`

/** A dashboard as Grafana would lay it out, from the answers to its own queries. `ready` makes a query out of a panel's. */
export async function drawn(
  dashboard: Dashboard,
  prometheus: Prometheus,
  span: Span,
  ready: (expr: string) => string,
): Promise<string> {
  const panels = (dashboard.panels ?? []).filter((panel): panel is Panel => 'targets' in panel)
  const height = Math.max(...panels.map(({ gridPos }) => (gridPos?.y ?? 0) + (gridPos?.h ?? 0))) * ROW
  const parts: string[] = []
  for (const panel of panels) {
    const { x = 0, y = 0, w = 0, h = 0 } = panel.gridPos ?? {}
    const box = { x: x * COLUMN + GAP, y: y * ROW + GAP, width: w * COLUMN - 2 * GAP, height: h * ROW - 2 * GAP }
    parts.push(
      `<rect x="${box.x}" y="${box.y}" width="${box.width}" height="${box.height}" rx="3" fill="#fff" stroke="#d8d9da"/>`,
      text(box.x + PADDING, box.y + 19, 13, '#24292e', panel.title ?? '', ' font-weight="600"'),
      ...(await figure(panel, prometheus, span, ready, box)),
    )
  }
  const size = `width="${24 * COLUMN}" height="${height}" viewBox="0 0 ${24 * COLUMN} ${height}"`
  return `<svg xmlns="http://www.w3.org/2000/svg" ${size} font-family="sans-serif" role="img" aria-label="${escaped(dashboard.title ?? '')}"><rect width="100%" height="100%" fill="#f4f5f5"/>\n${parts.join('\n')}\n</svg>\n`
}

async function figure(
  panel: Panel,
  prometheus: Prometheus,
  span: Span,
  ready: (expr: string) => string,
  box: Box,
): Promise<readonly string[]> {
  const targets = (panel.targets ?? []) as unknown as PrometheusQuery[]
  const unit = panel.fieldConfig?.defaults.unit
  if (panel.type === 'timeseries') {
    const lines: Line[] = []
    for (const { expr, legendFormat } of targets) {
      for (const series of await prometheus.queryRange(ready(expr), span.startS, span.endS, span.stepS)) {
        const points = series.values.map(([atS, value]) => [atS, Number(value)] as const)
        lines.push({ name: named(legendFormat, series), points })
      }
    }
    const custom = panel.fieldConfig?.defaults.custom as { stacking?: { mode: string } } | undefined
    return chart(lines, custom?.stacking?.mode === 'normal', unit, span, box)
  }
  const [query] = targets
  const answers = await prometheus.query(ready(query?.expr ?? ''), span.endS)
  if (panel.type === 'table') return rows(answers, columnsOf(panel), unit, box)
  return answers.slice(0, 2).flatMap((series, i) => {
    const wide = answers.length > 1
    const value = shown(Number(series.value[1]), unit)
    const y = box.y + (wide ? 44 + 28 * i : 62)
    const legend = named(query?.legendFormat ?? '', series)
    const label = wide ? [text(box.x + PADDING + 84, y, 10, '#6c757d', legend)] : []
    return [
      text(box.x + PADDING, y, wide || value.length > 10 ? 18 : 28, '#3274d9', value, ' font-weight="600"'),
      ...label,
    ]
  })
}

/** What a table shows, in its order. */
function columnsOf({ transformations = [] }: Panel): readonly string[] {
  const options = transformations[0]?.options as { include: { names: readonly string[] } } | undefined
  return options?.include.names ?? []
}

function rows(
  answers: readonly Series[],
  columns: readonly string[],
  unit: string | undefined,
  box: Box,
): readonly string[] {
  const sorted = [...answers].sort((a, b) => Number(b.value[1]) - Number(a.value[1]))
  return sorted.slice(0, 7).flatMap(({ metric, value }, i) => {
    const y = box.y + 42 + 19 * i
    return columns.map((column, at) => {
      if (column === 'Value') {
        const right = box.x + box.width - PADDING
        return text(right, y, 11, '#24292e', shown(Number(value[1]), unit), ' text-anchor="end"')
      }
      const label = metric[column] ?? ''
      return text(box.x + PADDING + at * 115, y, 11, '#24292e', label.length > 17 ? `${label.slice(0, 16)}…` : label)
    })
  })
}

function chart(
  lines: readonly Line[],
  isStacked: boolean,
  unit: string | undefined,
  { startS, endS, stepS }: Span,
  box: Box,
): readonly string[] {
  const area = { x: box.x + 62, y: box.y + 32, width: box.width - 62 - PADDING, height: box.height - 74 }
  const sums = new Map<number, number>()
  const stacked = lines.map(({ name, points }) => ({
    name,
    points: points.map(([atS, value]) => {
      const below = isStacked ? (sums.get(atS) ?? 0) : 0
      sums.set(atS, below + value)
      return { atS, below, value: below + value }
    }),
  }))
  const most = 1.05 * (Math.max(0, ...stacked.flatMap(({ points }) => points.map(({ value }) => value))) || 1)
  const x = (atS: number) => (area.x + ((atS - startS) / (endS - startS)) * area.width).toFixed(1)
  const y = (value: number) => (area.y + area.height * (1 - value / most)).toFixed(1)
  const svg: string[] = []
  for (const share of [0, 0.5, 1]) {
    const at = Number(y(most * share))
    svg.push(`<path d="M${area.x} ${at}H${area.x + area.width}" stroke="#e9ecef"/>`)
    svg.push(text(area.x - 6, at + 4, 10, '#6c757d', shown(most * share, unit), ' text-anchor="end"'))
  }
  for (let atS = startS; atS <= endS; atS += 6 * 3600) {
    const clock = new Date(atS * 1e3).toISOString().slice(11, 16)
    const anchor = atS === endS ? 'end' : 'middle'
    svg.push(text(Number(x(atS)), area.y + area.height + 14, 10, '#6c757d', clock, ` text-anchor="${anchor}"`))
  }
  const upper = stacked.find(({ name }) => name === 'upper')
  const lower = stacked.find(({ name }) => name === 'lower')
  if (upper && lower) {
    const lows = new Map(lower.points.map(({ atS, value }) => [atS, value]))
    const band = upper.points.map(({ atS, value }) => ({ atS, value, below: lows.get(atS) ?? value }))
    for (const run of runs(band, stepS)) svg.push(filled(run, x, y, '#3274d9', 0.2))
  }
  let legendX = box.x + PADDING
  let color = 0
  for (const { name, points } of stacked) {
    if (name === 'upper' || name === 'lower') continue
    const stroke = FIXED[name] ?? COLORS[color++ % COLORS.length] ?? ''
    const isModel = name === 'estimated'
    for (const run of runs(points, stepS)) {
      if (isStacked) svg.push(filled(run, x, y, stroke, isModel ? 0.1 : 0.45))
      const path = run.map(({ atS, value }) => `${x(atS)} ${y(value)}`).join('L')
      svg.push(
        `<path d="M${path}" fill="none" stroke="${stroke}" stroke-width="1.2"${isModel ? ' stroke-dasharray="5 4"' : ''}/>`,
      )
    }
    const label = name.length > 34 ? `${name.slice(0, 33)}…` : name
    const labelWidth = 22 + label.length * 5.6
    if (legendX + labelWidth > box.x + box.width) continue
    svg.push(`<rect x="${legendX.toFixed(1)}" y="${box.y + box.height - 15}" width="10" height="4" fill="${stroke}"/>`)
    svg.push(text(legendX + 14, box.y + box.height - 9, 10, '#24292e', label))
    legendX += labelWidth
  }
  return svg
}

interface Point {
  readonly atS: number
  readonly below: number
  readonly value: number
}

/** What follows each other without a gap. */
function runs(points: readonly Point[], stepS: number): readonly (readonly Point[])[] {
  const all: Point[][] = []
  for (const point of points) {
    const last = all.at(-1)
    if (last !== undefined && point.atS - (last.at(-1)?.atS ?? 0) <= stepS) last.push(point)
    else all.push([point])
  }
  return all
}

type Scale = (of: number) => string
function filled(run: readonly Point[], x: Scale, y: Scale, fill: string, opacity: number): string {
  const there = run.map(({ atS, value }) => `${x(atS)} ${y(value)}`)
  const back = [...run].reverse().map(({ atS, below }) => `${x(atS)} ${y(below)}`)
  return `<path d="M${[...there, ...back].join('L')}Z" fill="${fill}" fill-opacity="${opacity}"/>`
}
