import { escaped } from '../../model/escaped.ts'
import { printable } from '../../model/printable.ts'
import { utc } from '../../report/span.ts'
import type { Allocation } from './allocate.ts'
import { amountText, KWH } from './shown.ts'
import { type Stage, stagesOf } from './stages.ts'

const [STEP, BAR, HEIGHT, TOP, GAP, LABEL] = [230, 14, 560, 44, 12, 24]
const MOST_NAMES = 20
/** Told apart without colours, too: names stand beside the bars (Okabe and Ito 2008). */
const COLOURS = ['#0072b2', '#e69f00', '#009e73', '#cc79a7', '#56b4e9', '#d55e00', '#8a7d0c', '#666666']

interface Node {
  readonly x: number
  readonly y: number
  readonly height: number
  readonly colour: string
  /** Where the next link leaves and arrives. */
  leavesY: number
  arrivesY: number
}

/** The flow of energy from clusters to users and customers as SVG: one file, nothing from a network. */
export function sankeySvg(allocation: Allocation): string {
  const stages = stagesOf(allocation, MOST_NAMES)
  const total = Number(allocation.rounds.physical.total)
  const most = Math.max(1, ...stages.map(({ amounts }) => amounts.size))
  const scale = total === 0 ? 0 : (HEIGHT - GAP * (most - 1)) / total
  const columns = layOut(stages, scale)
  const links = stages.flatMap((stage, at) => (at === 0 ? [] : linksOf(stage, columns[at - 1], columns[at], scale)))
  const bars = stages.flatMap((stage, at) => barsOf(stage, columns[at]))
  const width = (stages.length - 1) * STEP + BAR + STEP
  const about = `Energy from ${utc(allocation.fromUnixMs)} to ${utc(allocation.untilUnixMs)}: ${amountText(allocation.rounds.physical.total, KWH)}`
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${TOP + HEIGHT + LABEL}" viewBox="0 0 ${width} ${TOP + HEIGHT + LABEL}" role="img" aria-label="${escaped(about)}">
<title>${escaped(about)}</title>
<style>text{font:11px system-ui,"Liberation Sans",sans-serif;fill:#17211d;paint-order:stroke;stroke:#fff;stroke-width:3px;stroke-linejoin:round}.head{font-weight:600}.link{fill-opacity:.35}</style>
<rect width="100%" height="100%" fill="#fff"/>
${[...links, ...bars].join('\n')}
</svg>
`
}

function layOut(stages: readonly Stage[], scale: number): Map<string, Node>[] {
  const colours = new Map<string, string>()
  const colourOf = (name: string): string => {
    const colour = colours.get(name) ?? COLOURS[colours.size % COLOURS.length] ?? ''
    colours.set(name, colour)
    return colour
  }
  // Users keep their order from column to column, so that what stays is drawn straight.
  const order = [...new Set(stages.flatMap(({ amounts }) => [...amounts.keys()].sort()))]
  return stages.map(({ amounts }, at) => {
    let y = TOP
    const nodes = new Map<string, Node>()
    for (const name of order) {
      const amount = amounts.get(name)
      if (amount === undefined) continue
      const height = Number(amount) * scale
      nodes.set(name, { x: at * STEP, y, height, colour: colourOf(name), leavesY: y, arrivesY: y })
      y += height + GAP
    }
    return nodes
  })
}

function linksOf(
  { links }: Stage,
  from: Map<string, Node> | undefined,
  to: Map<string, Node> | undefined,
  scale: number,
) {
  const paths: string[] = []
  for (const [row, source] of from ?? []) {
    for (const [column, target] of to ?? []) {
      const amount = links.get(row, column)
      if (amount === 0n) continue
      const height = Number(amount) * scale
      const title = `${printable(row)} to ${printable(column)}: ${amountText(amount, KWH)}`
      paths.push(
        `<path class="link" fill="${source.colour}" d="${ribbon(source, target, height)}"><title>${escaped(title)}</title></path>`,
      )
      source.leavesY += height
      target.arrivesY += height
    }
  }
  return paths
}

/** A band of one height whose ends are level. */
function ribbon(source: Node, target: Node, height: number): string {
  const [x0, x1, y0, y1] = [source.x + BAR, target.x, source.leavesY, target.arrivesY]
  const middle = (x0 + x1) / 2
  const at = (...numbers: number[]) => numbers.map((one) => one.toFixed(2)).join(' ')
  return `M${at(x0, y0)}C${at(middle, y0, middle, y1, x1, y1)}v${at(height)}C${at(middle, y1 + height, middle, y0 + height, x0, y0 + height)}z`
}

function barsOf({ heading, amounts }: Stage, nodes: Map<string, Node> | undefined): string[] {
  const head = `<text class="head" x="${nodes?.values().next().value?.x ?? 0}" y="20">${escaped(heading)}</text>`
  const bars = [...(nodes ?? [])].map(([name, { x, y, height, colour }]) => {
    const amount = amountText(amounts.get(name) ?? 0n, KWH)
    const shown = printable(name)
    const short = shown.length > 20 ? `${shown.slice(0, 19)}…` : shown
    const bar = `<rect x="${x}" y="${y.toFixed(2)}" width="${BAR}" height="${Math.max(0.5, height).toFixed(2)}" fill="${colour}"><title>${escaped(`${shown}: ${amount}`)}</title></rect>`
    return `${bar}<text x="${x + BAR + 4}" y="${(y + height / 2 + 4).toFixed(2)}">${escaped(short)} ${amount}</text>`
  })
  return [head, ...bars]
}
