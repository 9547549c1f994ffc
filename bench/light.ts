import { Agent, get } from 'node:http'
import type { Running } from './light-cases.ts'
import { type Held, heldBy, type Spent, spentBy } from './process-cost.ts'

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
}

export interface LightnessOptions {
  readonly warmUpMs: number
  readonly phaseMs: number
  /** In the end, one after another. */
  readonly scrapes: number
}

const PHASES = [null, 15, 1] as const
const DAY_MS = 86_400_000

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
  const spent: { readonly everyS: number | null; readonly ms: number; readonly from: Spent[]; readonly to: Spent[] }[] =
    []
  for (const everyS of PHASES) {
    const from = all.map(({ pid }) => spentBy(pid))
    const fromMs = performance.now()
    const scraping = everyS === null ? undefined : setInterval(() => void scrapeAll(), everyS * 1_000)
    await pause(phaseMs)
    clearInterval(scraping)
    spent.push({ everyS, ms: performance.now() - fromMs, from, to: all.map(({ pid }) => spentBy(pid)) })
  }
  const ended = all.map(({ pid }) => spentBy(pid))
  const ms = spent.reduce((sum, phase) => sum + phase.ms, 0)
  for (let n = 0; n < scrapes; n++) await scrapeAll()
  connections.destroy()
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
    after: heldBy(pid),
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
