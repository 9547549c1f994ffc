import { setTimeout } from 'node:timers/promises'
import { type AgentPage, problemOf } from './agent.ts'
import { colouredText, plainText } from './ansi.ts'
import type { Glyphs } from './glyphs.ts'
import type { Moment } from './moment.ts'
import { type Size, screenOf, type View } from './screen.ts'
import { Series } from './series.ts'
import { Terminal, type TerminalInput } from './terminal.ts'

export interface LiveOptions {
  readonly page: AgentPage
  readonly address: string
  readonly input: TerminalInput
  readonly output: NodeJS.WriteStream
  readonly glyphs: Glyphs
  readonly hasColour: boolean
  readonly intervalMs: number
  /** Monotonic milliseconds. */
  readonly nowMs: () => number
  readonly stop: AbortSignal
}

const QUIT = new Set(['q', 'Q', '\u0003'])
const UP = new Set(['k', '\u001b[A', '\u001bOA'])
const DOWN = new Set(['j', '\u001b[B', '\u001bOB'])
const PAGE: Readonly<Record<string, number>> = { '\u001b[5~': -10, '\u001b[6~': 10, ' ': 10 }

/** Shows an agent until somebody quits. An agent that goes away is asked until it is back. */
export class Live {
  readonly #options: LiveOptions
  readonly #terminal: Terminal
  readonly #quit = new AbortController()
  #series = new Series()
  #view: Omit<View, 'ageMs'>
  #answeredMs: number
  #isGone = false

  constructor(options: LiveOptions) {
    this.#options = options
    const { address, input, output, nowMs } = options
    this.#view = { moment: null, series: this.#series, problem: null, address, listed: 'consumers', offset: 0 }
    this.#answeredMs = nowMs()
    this.#terminal = new Terminal(input, output, {
      onKey: (key) => this.#press(key),
      onResize: () => this.#draw(),
      onGone: () => {
        this.#isGone = true
        this.#quit.abort()
      },
    })
  }

  /** Resolves to whether somebody quit: false where the terminal is gone. */
  async run(): Promise<boolean> {
    const { stop, intervalMs } = this.#options
    const signal = AbortSignal.any([stop, this.#quit.signal])
    this.#terminal.enter()
    try {
      this.#draw()
      while (!signal.aborted) {
        await this.#ask(signal)
        this.#draw()
        await setTimeout(intervalMs, null, { signal }).catch(() => {})
      }
    } finally {
      this.#terminal.leave()
    }
    return !this.#isGone
  }

  async #ask(signal: AbortSignal): Promise<void> {
    const { page, nowMs } = this.#options
    try {
      const moment = await page.now(signal)
      const isFirst = this.#view.moment === null
      this.#answeredMs = nowMs()
      this.#series.note(moment)
      this.#view = { ...this.#view, moment, problem: null }
      // Not waited for: a ledger may take its time, and costs no more than what was before.
      if (isFirst) this.#recall(moment, signal)
    } catch (error) {
      if (!signal.aborted) this.#view = { ...this.#view, problem: problemOf(error) }
    }
  }

  #recall(moment: Moment, signal: AbortSignal): void {
    this.#options.page.past(Date.parse(moment.time), signal).then(
      (past) => {
        this.#series.recall(past)
        this.#draw()
      },
      () => {},
    )
  }

  #press(key: string): void {
    if (QUIT.has(key)) this.#quit.abort()
    if (key === 't' || key === 'c')
      this.#view = { ...this.#view, listed: key === 't' ? 'tenants' : 'consumers', offset: 0 }
    const by = UP.has(key) ? -1 : DOWN.has(key) ? 1 : (PAGE[key] ?? 0)
    this.#view = { ...this.#view, offset: Math.max(0, this.#view.offset + by) }
    // Ctrl-L is for a screen that others wrote on.
    if (key === '\f') this.#terminal.forget()
    this.#draw()
  }

  #draw(): void {
    if (this.#quit.signal.aborted) return
    const { nowMs, glyphs, hasColour } = this.#options
    const view = { ...this.#view, ageMs: this.#view.problem === null ? 0 : nowMs() - this.#answeredMs }
    const { lines, offset } = screenOf(view, this.#terminal.size, glyphs)
    this.#view = { ...this.#view, offset }
    this.#terminal.draw(lines.map(hasColour ? colouredText : plainText))
  }
}

/** The same as text, however long. Rejects with an error for people. */
export async function listing(
  page: AgentPage,
  { columns, address, glyphs, hasColour }: { columns: number; address: string; glyphs: Glyphs; hasColour: boolean },
  signal: AbortSignal,
): Promise<string> {
  const moment = await page.now(signal)
  const series = new Series()
  series.note(moment)
  await page.past(Date.parse(moment.time), signal).then(
    (past) => series.recall(past),
    () => {},
  )
  const size: Size = { columns, rows: Number.POSITIVE_INFINITY }
  const view: View = { moment, series, problem: null, ageMs: 0, address, listed: 'consumers', offset: 0 }
  return screenOf(view, size, glyphs)
    .lines.map((line) => `${(hasColour ? colouredText : plainText)(line)}\n`)
    .join('')
}
