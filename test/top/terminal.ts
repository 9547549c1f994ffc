import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { TestContext } from 'node:test'
import { TerminalScreen } from './terminal-screen.ts'

export interface Ended {
  readonly exit: number
  /** Modes of the line are as they were. */
  readonly restored: boolean
}

/** Of a busy machine; so long nobody waits but for what never comes. */
const PATIENCE_MS = 30_000

type Event = { readonly out: string } | Ended

/** A program on a terminal of its own, whose screen is looked at. */
export class TerminalProgram {
  readonly screen: TerminalScreen
  readonly ended: Promise<Ended>
  readonly #child: ChildProcess
  readonly #looking = new Set<() => void>()
  #isOver = false

  constructor(
    t: TestContext,
    words: readonly string[],
    { columns = 80, rows = 24, env = {} }: { columns?: number; rows?: number; env?: NodeJS.ProcessEnv } = {},
  ) {
    this.screen = new TerminalScreen(columns, rows)
    const python = join(import.meta.dirname, 'on-terminal.py')
    this.#child = spawn('python3', [python, `${columns}`, `${rows}`, process.execPath, ...words], {
      stdio: ['pipe', 'pipe', 'inherit'],
      env: { PATH: process.env.PATH, HOME: '/nowhere', TERM: 'xterm-256color', LANG: 'C.UTF-8', ...env },
    })
    // Its end is that of the program, too.
    t.after(() => this.#child.stdin?.end())
    const { promise, resolve, reject } = Promise.withResolvers<Ended>()
    this.ended = promise
    promise.catch(() => {})
    this.#child.on('close', () => {
      this.#isOver = true
      reject(new Error('the terminal broke down'))
      for (const look of this.#looking) look()
    })
    const decoder = new TextDecoder()
    if (this.#child.stdout === null) throw new Error('no output')
    createInterface(this.#child.stdout).on('line', (line) => {
      const event = JSON.parse(line) as Event
      if ('out' in event) this.screen.write(decoder.decode(Buffer.from(event.out, 'base64'), { stream: true }))
      else resolve(event)
      for (const look of this.#looking) look()
    })
  }

  /** Resolves as soon as the screen is so. */
  until(isSo: (screen: TerminalScreen) => boolean): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const look = () => {
      if (this.#isOver) reject(new Error(`it ended before:\n${this.screen.text}\n${this.screen.shell}`))
      else if (!isSo(this.screen)) return
      this.#looking.delete(look)
      resolve()
    }
    this.#looking.add(look)
    look()
    const patience = setTimeout(
      () => reject(new Error(`in vain waited for ${isSo}:\n${this.screen.text}`)),
      PATIENCE_MS,
    )
    return promise.finally(() => clearTimeout(patience))
  }

  press(keys: string): void {
    this.#order({ keys })
  }

  resize(columns: number, rows: number): void {
    this.screen.resize(columns, rows)
    this.#order({ resize: [columns, rows] })
  }

  signal(signal: number): void {
    this.#order({ signal })
  }

  hangUp(): void {
    this.#order({ hangUp: true })
  }

  #order(order: object): void {
    this.#child.stdin?.write(`${JSON.stringify(order)}\n`)
  }
}
