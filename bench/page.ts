import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { chromium } from 'playwright-core'
import { Exporter } from '../src/exporter/exporter.ts'
import { DAY_MS } from '../src/model/time.ts'
import { LedgerReader } from '../src/page/ledger/ledger-reader.ts'
import { Page } from '../src/page/page.ts'
import { exporterOptions, NEVER } from '../test/exporter/served.ts'
import { EXECUTABLE } from '../test/page/browser.ts'
import { NOW, SERVER, snapshotAt, writeLedger } from '../test/page/scenes.ts'
import type { BenchRow } from './row.ts'

const ROUNDS = 9
const PAINT = `new Promise((done) => new PerformanceObserver((list) => {
  for (const { name, startTime } of list.getEntries()) if (name === 'first-contentful-paint') done(startTime)
}).observe({ type: 'paint', buffered: true }))`
const tariff = { source: 'flat', currency: 'EUR', per_kwh: 0.27 } as const

/** What the page costs who looks at it, with a year in the ledger. */
export async function pageRows(): Promise<readonly BenchRow[]> {
  const folder = mkdtempSync(join(tmpdir(), 'wattledger-bench-page-'))
  try {
    const path = join(folder, 'ledger.db')
    await writeLedger(path, { ...SERVER, consumers: 50 })
    return [...(await historyRows(path)), ...(await paintRows(path))]
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function historyRows(path: string): Promise<BenchRow[]> {
  const reader = new LedgerReader({ path, tariff })
  const span = { from: NOW - 365 * DAY_MS, until: NOW }
  const ask = (kind: 'history' | 'consumers') => () =>
    reader.ask(kind === 'history' ? { kind, ...span, points: 420 } : { kind, ...span, limit: 50 })
  try {
    const first = await millisecondsOf(ask('history'))
    const alone = await standstillOf(() => setTimeout(200))
    const longest = await standstillOf(ask('history'))
    const [history = 0, consumers = 0] = [
      await median(() => millisecondsOf(ask('history'))),
      await median(() => millisecondsOf(ask('consumers'))),
    ]
    const figure = `${history.toFixed(0)} ms (${first.toFixed(0)} ms with the start of its thread)`
    return [
      { name: 'page, history of a year', figure, aim: 'below 1 s' },
      { name: 'page, consumers of a year', figure: `${consumers.toFixed(0)} ms`, aim: 'below 1 s' },
      {
        name: 'page, event loop meanwhile',
        figure: `stands still for ${longest.toFixed(1)} ms at most (alone: ${alone.toFixed(1)} ms)`,
        aim: 'below 20 ms',
      },
    ]
  } finally {
    await reader.close()
  }
}

/** First contentful paint of a browser that has nothing of it, beside that of a page of one word. */
async function paintRows(path: string): Promise<BenchRow[]> {
  const browser = await chromium.launch({ executablePath: EXECUTABLE, args: ['--no-sandbox'] })
  const paintOf = async (address: string): Promise<number> => {
    const tab = await browser.newPage()
    try {
      await tab.goto(address)
      await tab.waitForLoadState('load')
      return await tab.evaluate<number>(PAINT)
    } finally {
      await tab.close()
    }
  }
  const bare = createServer((_request, response) => response.setHeader('Content-Type', 'text/html').end('<p>word'))
  try {
    await new Promise<void>((done) => bare.listen(0, '127.0.0.1', done))
    const bareUrl = `http://127.0.0.1:${(bare.address() as AddressInfo).port}`
    const word = await median(() => paintOf(bareUrl))
    const paint = await median(() => served(path, paintOf))
    const figure = `${paint.toFixed(0)} ms in Chromium (a page of one word: ${word.toFixed(0)} ms)`
    return [{ name: 'page, first paint', figure, aim: 'below 300 ms' }]
  } finally {
    bare.close()
    await browser.close()
  }
}

/** By a page of its own, whose thread for today's sums has not started yet. */
async function served(path: string, use: (address: string) => Promise<number>): Promise<number> {
  const options = { ...exporterOptions(), snapshot: () => snapshotAt(SERVER, NOW) }
  const page = new Page({ freshen: () => {}, ...options, path, tariff, unixMs: () => NOW })
  const exporter = new Exporter({ ...options, routes: (shown) => page.routes(shown) })
  await exporter.start(NEVER)
  try {
    return await use(exporter.address)
  } finally {
    await exporter.stop(NEVER)
    await page.stop()
  }
}

async function median(measure: () => Promise<number>): Promise<number> {
  const all: number[] = []
  for (let round = 0; round < ROUNDS; round += 1) all.push(await measure())
  return all.sort((a, b) => a - b)[Math.floor(ROUNDS / 2)] ?? 0
}

async function millisecondsOf(work: () => Promise<unknown>): Promise<number> {
  const startMs = performance.now()
  await work()
  return performance.now() - startMs
}

/** The longest time between two turns of the event loop while something is awaited. */
async function standstillOf(work: () => Promise<unknown>): Promise<number> {
  let [longest, lastMs, isDone] = [0, performance.now(), false]
  const turn = (): void => {
    const nowMs = performance.now()
    longest = Math.max(longest, nowMs - lastMs)
    lastMs = nowMs
    if (!isDone) setImmediate(turn)
  }
  setImmediate(turn)
  await work()
  isDone = true
  return longest
}
