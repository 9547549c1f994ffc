import { meanOf } from '../model/student-t.ts'
import { type NetworkAnswer, networkAnswer, type WindowAnswer } from '../windows/answers.ts'
import { type Bytes, ELSEWHERE } from '../windows/network.ts'
import { table } from './table.ts'

/** One run of the command. `window` is null where the agent went away meanwhile. */
export interface Run {
  readonly exit_code: number
  readonly signal: string | null
  readonly window: WindowAnswer | null
  /** Energy above the idle baseline, in all and by part; null without one. */
  readonly above_idle_j: { readonly total: number; readonly parts: Readonly<Record<string, number>> } | null
}

export interface Report {
  readonly command: readonly string[]
  readonly runs: readonly Run[]
  readonly baseline: WindowAnswer | null
  /** Of the network namespace of the command, and so of all that runs in it; not a part of the energy above. */
  readonly network: NetworkAnswer | null
  /** Over the runs. */
  readonly summary: Readonly<Record<'energy_j' | 'above_idle_j' | 'co2e_location_g' | 'duration_s', Summary | null>>
}

interface Summary {
  readonly mean: number
  readonly deviation: number | null
  /** Half-width of the 95 % interval of the mean, by Student's t. */
  readonly half_width_95: number | null
}

/** Energy by part that the idle machine would have used in the time of a run. */
export function aboveIdle(window: WindowAnswer, baseline: WindowAnswer): Run['above_idle_j'] {
  const total = (answer: WindowAnswer, part: string) =>
    answer.parts.reduce((sum, one) => (one.part === part ? sum + one.energy_j : sum), 0)
  if (baseline.covered_s === 0) return null
  const ratio = window.covered_s / baseline.covered_s
  const names = new Set([...window.parts, ...baseline.parts].map(({ part }) => part))
  const parts = [...names].map((part) => [part, rounded(total(window, part) - total(baseline, part) * ratio)])
  return { total: rounded(window.energy_j - baseline.energy_j * ratio), parts: Object.fromEntries(parts) }
}

export function reportOf(
  command: readonly string[],
  runs: readonly Run[],
  baseline: WindowAnswer | null,
  bytes: Bytes | null,
  kwhPerGb: number,
): Report {
  const source = kwhPerGb === ELSEWHERE.kwhPerGb ? ELSEWHERE.source : '--kwh-per-gb'
  const windows = runs.flatMap(({ window }) => window ?? [])
  const summary = {
    energy_j: summaryOf(windows.map(({ energy_j }) => energy_j)),
    above_idle_j: summaryOf(runs.flatMap(({ above_idle_j: above }) => above?.total ?? [])),
    co2e_location_g: summaryOf(windows.flatMap(({ co2e_g }) => co2e_g.location ?? [])),
    duration_s: summaryOf(windows.map(({ duration_s }) => duration_s)),
  }
  const network = bytes && networkAnswer(bytes, { kwhPerGb, source })
  return { command, runs, baseline, network, summary }
}

function summaryOf(values: readonly number[]): Summary | null {
  if (values.length === 0) return null
  const { mean, deviation, halfWidth } = meanOf(values)
  return {
    mean: rounded(mean),
    deviation: deviation && rounded(deviation),
    half_width_95: halfWidth && rounded(halfWidth),
  }
}

/** Lines for a person, each with its end. */
export function textOf({ command, runs, baseline, network, summary }: Report): string {
  const { window, above_idle_j: above } = runs.at(-1) ?? { window: null, above_idle_j: null }
  if (window === null) return ''
  const lines = [`${command[0]} took ${figure(window.duration_s)} s`]
  if (window.covered_s === 0) return `${lines[0]}, and nothing told the energy of that time\n`
  const half = figure(window.uncertainty_95_j)
  lines.push(`energy    ${figure(window.energy_j)} J of the machine, ± ${half} J (95 %)${idleText(above, baseline)}`)
  lines.push(...partsTable(window, above).map((line) => `  ${line}`))
  if (window.own !== null) lines.push(`command   ${ownText(window.own)}`)
  const peak = window.peak_w === null ? '' : `, peak of a second ${figure(window.peak_w)} W`
  lines.push(`power     mean ${figure(window.mean_w)} W${peak}`)
  lines.push(`CO2e      ${carbonText(window)}`)
  if (network !== null) lines.push(`network   ${networkText(network)}`)
  if (window.covered_s < 0.99 * window.duration_s) {
    lines.push(`unknown   nothing told the energy of ${figure(window.duration_s - window.covered_s)} s of it`)
  }
  if (window.status === 'provisional') {
    lines.push(`status    provisional: a slow meter has not told all of it yet; window ${window.id} will be final`)
  }
  if (runs.length > 1) lines.push('', ...summaryTable(summary, runs.length))
  return `${lines.join('\n')}\n`
}

function idleText(above: Run['above_idle_j'], baseline: WindowAnswer | null): string {
  if (above === null || baseline === null) return ''
  return `; ${figure(above.total)} J above the idle machine's ${figure(baseline.mean_w)} W`
}

/** By the command's own control group. */
function ownText({ energy_j: energyJ, above_idle_j: aboveJ }: NonNullable<WindowAnswer['own']>): string {
  return `${figure(energyJ)} J of it are the command's own, ${figure(aboveJ)} J of these beyond the idle machine`
}

function partsTable({ parts }: WindowAnswer, above: Run['above_idle_j']): string[] {
  const byPart = Map.groupBy(parts, ({ part }) => part)
  const rows = [...byPart].map(([part, own]) => {
    const joules = own.reduce((sum, { energy_j }) => sum + energy_j, 0)
    // What is a millionth of it is the rounding of a relation.
    const told = own.filter(({ energy_j }) => energy_j > 1e-5 * joules).map(({ quality }) => quality)
    const idle = above === null ? [] : [`${figure(above.parts[part] ?? null)} J above idle`]
    return [part.replace('_', ' '), `${figure(joules)} J`, ...idle, told.join(', ')]
  })
  return table(rows, new Set([1, ...(above === null ? [] : [2])]))
}

function carbonText({ co2e_g: grams, intensity_g_per_kwh: intensity, pue }: WindowAnswer): string {
  const market = grams.market === null ? '' : `, ${figure(grams.market)} g by market`
  const embodied = grams.embodied === null ? '' : `, ${figure(grams.embodied)} g of the machine's making`
  if (grams.location === null) return `unknown by location${market}${embodied}`
  const factor = intensity === null ? '' : `${figure(intensity)} g/kWh, `
  return `${figure(grams.location)} g by location (${factor}PUE ${figure(pue)})${market}${embodied}`
}

function networkText(network: NetworkAnswer): string {
  const [received, sent] = [network.received_bytes, network.sent_bytes].map((bytes) => figure(bytes / 1e6))
  const elsewhere = `elsewhere about ${figure(network.elsewhere_j)} J more (${network.kwh_per_gb} kWh/GB: ${network.source})`
  return `${received} MB received and ${sent} MB sent in its network namespace; ${elsewhere}`
}

function summaryTable(summary: Report['summary'], count: number): string[] {
  const names = {
    energy_j: 'energy J',
    above_idle_j: 'above idle J',
    co2e_location_g: 'CO2e g',
    duration_s: 'duration s',
  }
  const rows = Object.entries(names).flatMap(([key, name]) => {
    const one = summary[key as keyof typeof names]
    return one === null ? [] : [[name, figure(one.mean), figure(one.deviation), `± ${figure(one.half_width_95)}`]]
  })
  return table([[`${count} runs`, 'mean', 'deviation', '95 %'], ...rows], new Set([1, 2, 3]))
}

/** To four digits that count. */
function figure(value: number | null): string {
  if (value === null) return '?'
  const size = Math.abs(value)
  return size >= 1_000 || size === 0 ? value.toFixed(0) : String(Number(value.toPrecision(4)))
}

function rounded(value: number): number {
  return Math.round(value * 1e6) / 1e6
}
