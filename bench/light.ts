import { Agent, get } from 'node:http'
import { asInstalled } from './as-installed.ts'
import { type Running, startAccelerated, startDefaults, startExporter, startGrouped } from './light-cases.ts'
import { writePage } from './light-page.ts'
import { type Held, heldBy, type Spent, spentBy } from './process-cost.ts'
import type { BenchRow } from './row.ts'

/** What one process costs the machine that it watches. */
export interface Lightness {
  readonly name: string
  readonly startMs: number
  readonly phases: readonly {
    readonly everyS: number | null
    readonly cpuSPerMin: number
    readonly wakeUpsPerS: number
  }[]
  /** By the day, at the pace of the whole run. */
  readonly writtenMbPerDay: number
  readonly scrapes: number
  readonly before: Held
  readonly after: Held
  /** A minute after that: what was left is collected by the minute. */
  readonly later: Held
}

interface LightnessOptions {
  readonly warmUpMs: number
  readonly phaseMs: number
  /** In the end, one after another. */
  readonly scrapes: number
}

const PHASES = [null, 15, 1] as const
const DAY_MS = 86_400_000
const COLLECTED_MS = 65_000

/** Of a phase's scraping before it is measured, as long as the phase at the most: the first scrapes compile what nobody had asked for. */
const SETTLE_MS = 60_000

/** In seconds; each phase is as long. The first minute of an agent is a busier one. */
const { BENCH_WARM_UP_S = '70', BENCH_PHASE_S = '35', BENCH_SCRAPES = '3000' } = process.env

/** Agents as they are installed beside Debian's prometheus-node-exporter, where that is; docs/performance.md keeps the figures. */
export async function lightRows(): Promise<BenchRow[]> {
  const program = asInstalled()
  const all: Running[] = []
  try {
    for (const start of [startDefaults, startAccelerated, startGrouped]) all.push(await start('agent', program))
    const exporter = await startExporter()
    if (exporter !== null) all.push(exporter)
    const costs = await lightnessOf(all, {
      warmUpMs: Number(BENCH_WARM_UP_S) * 1_000,
      phaseMs: Number(BENCH_PHASE_S) * 1_000,
      scrapes: Number(BENCH_SCRAPES),
    })
    writePage(costs)
    const peer = exporter === null ? undefined : costs.at(-1)
    return costs.flatMap((cost) => rowsOf(cost, cost === peer ? undefined : peer))
  } finally {
    for (const running of all) await running[Symbol.asyncDispose]()
  }
}

/** With ratios to the peer. */
function rowsOf(
  { name, startMs, phases, writtenMbPerDay, scrapes, before, after, later }: Lightness,
  peer?: Lightness,
): BenchRow[] {
  const beside = (own: number, others: number | undefined) => (others ? ` (x${(own / others).toFixed(1)})` : '')
  const rows = phases.map(({ everyS, cpuSPerMin, wakeUpsPerS }, index) => {
    const other = peer?.phases[index]
    return {
      name: `${name}, ${everyS === null ? 'idle' : `scraped each ${everyS} s`}`,
      figure:
        `${cpuSPerMin.toFixed(4)} CPU-s/min${beside(cpuSPerMin, other?.cpuSPerMin)}, ` +
        `${wakeUpsPerS.toFixed(1)} wake-ups/s${beside(wakeUpsPerS, other?.wakeUpsPerS)}`,
      aim: '',
    }
  })
  const held = ({ anonymousMb, proportionalMb, residentMb }: Held) =>
    `${anonymousMb.toFixed(1)} anonymous, ${proportionalMb.toFixed(1)} proportional, ${residentMb.toFixed(1)} resident`
  return [
    ...rows,
    {
      name: `${name}, MB before ${scrapes} scrapes, after them, and a minute later`,
      figure: [before, after, later].map(held).join('; '),
      aim: 'flat',
    },
    {
      name: `${name}, start and disk`,
      figure: `${(startMs / 1e3).toFixed(2)} s to the first scrape, ${writtenMbPerDay.toFixed(0)} MB written a day`,
      aim: '',
    },
  ]
}

/** All of them at once, so that each minute is the same for all: not scraped, each 15 s, each second, and then as fast as it goes. */
export async function lightnessOf(
  all: readonly Running[],
  { warmUpMs, phaseMs, scrapes }: LightnessOptions,
): Promise<Lightness[]> {
  const connections = new Agent({ keepAlive: true })
  const scrapeAll = () => Promise.all(all.map(({ url }) => scrape(url, connections)))
  await scrapeAll()
  await pause(warmUpMs)
  const before = all.map(({ pid }) => heldBy(pid))
  const began = all.map(({ pid }) => spentBy(pid))
  const beganMs = performance.now()
  const spent: { readonly everyS: number | null; readonly ms: number; readonly from: Spent[]; readonly to: Spent[] }[] =
    []
  for (const everyS of PHASES) {
    const scraping = everyS === null ? undefined : setInterval(() => void scrapeAll(), everyS * 1_000)
    if (everyS !== null) await pause(Math.min(SETTLE_MS, phaseMs))
    const from = all.map(({ pid }) => spentBy(pid))
    const fromMs = performance.now()
    await pause(phaseMs)
    spent.push({ everyS, ms: performance.now() - fromMs, from, to: all.map(({ pid }) => spentBy(pid)) })
    clearInterval(scraping)
  }
  const ended = all.map(({ pid }) => spentBy(pid))
  const ms = performance.now() - beganMs
  for (let n = 0; n < scrapes; n++) await scrapeAll()
  connections.destroy()
  const after = all.map(({ pid }) => heldBy(pid))
  await pause(COLLECTED_MS)
  return all.map(({ name, startMs, pid }, index) => ({
    name,
    startMs,
    phases: spent.map(({ everyS, ms, from, to }) => ({
      everyS,
      cpuSPerMin: difference(from, to, index, 'cpuS') / (ms / 60_000),
      wakeUpsPerS: difference(from, to, index, 'sleeps') / (ms / 1_000),
    })),
    writtenMbPerDay: (difference(began, ended, index, 'writtenBytes') / 1e6) * (DAY_MS / ms),
    scrapes,
    before: before[index] as Held,
    after: after[index] as Held,
    later: heldBy(pid),
  }))
}

function difference(from: readonly Spent[], to: readonly Spent[], index: number, what: keyof Spent): number {
  return (to[index]?.[what] ?? Number.NaN) - (from[index]?.[what] ?? Number.NaN)
}

/** As Prometheus does. */
function scrape(url: string, agent: Agent): Promise<void> {
  const headers = { accept: 'application/openmetrics-text;version=1.0.0', 'accept-encoding': 'gzip' }
  return new Promise((resolve, reject) => {
    get(url, { agent, headers }, (response) => response.on('end', resolve).resume()).on('error', reject)
  })
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))
