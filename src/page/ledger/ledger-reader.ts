import { extname } from 'node:path'
import { Worker } from 'node:worker_threads'
import type { Question } from './questions.ts'
import type { WorkerAnswer, WorkerSettings } from './worker.ts'

/** Why the ledger did not answer. `isBusy`: it would if it was asked later. */
export class NoAnswer extends Error {
  readonly isBusy: boolean

  constructor(message: string, isBusy: boolean) {
    super(message)
    this.isBusy = isBusy
  }
}

export interface LedgerReaderOptions extends WorkerSettings {
  /** Without a question for so long the thread ends. */
  readonly idleMs?: number
  /** What takes longer is given up. */
  readonly deadlineMs?: number
}

interface Asked {
  readonly key: string
  readonly question: Question
  readonly reply: PromiseWithResolvers<string>
}

/** Questions that wait, the one in work included: each takes milliseconds, or a few seconds where years are asked for. */
const MOST_WAITING = 8
const [IDLE_MS, DEADLINE_MS] = [60_000, 10_000]
/** Of V8: a year in the finest steps takes a tenth of it. */
const MEMORY_MB = 128

/** Asks the ledger on a thread of its own, which is there only while somebody asks. One question at a time. */
export class LedgerReader {
  readonly #options: LedgerReaderOptions
  readonly #waiting: Asked[] = []
  #worker: Worker | null = null
  #timer: NodeJS.Timeout | undefined
  #isClosed = false

  constructor(options: LedgerReaderOptions) {
    this.#options = options
  }

  /** True while the thread is there. */
  get isRunning(): boolean {
    return this.#worker !== null
  }

  /** The answer as JSON. The same question in wait is asked once. Rejects with a NoAnswer, or with a bug. */
  ask(question: Question): Promise<string> {
    if (this.#isClosed) return Promise.reject(new NoAnswer('the agent is stopping', true))
    const key = JSON.stringify(question)
    const same = this.#waiting.find((asked) => asked.key === key)
    if (same !== undefined) return same.reply.promise
    if (this.#waiting.length >= MOST_WAITING) {
      return Promise.reject(new NoAnswer('too many questions wait for the ledger: ask again in some seconds', true))
    }
    const asked = { key, question, reply: Promise.withResolvers<string>() }
    this.#waiting.push(asked)
    if (this.#waiting.length === 1) this.#work(asked)
    return asked.reply.promise
  }

  /** Ends the thread and refuses what waits. Idempotent. */
  async close(): Promise<void> {
    this.#isClosed = true
    for (const { reply } of this.#waiting.splice(0)) reply.reject(new NoAnswer('the agent is stopping', true))
    await this.#end()
  }

  #work({ question }: Asked): void {
    const { deadlineMs = DEADLINE_MS } = this.#options
    this.#worker ??= this.#start()
    this.#worker.postMessage(question)
    this.#restartTimer(deadlineMs, () => {
      void this.#end()
      const text = `the ledger took longer than ${deadlineMs / 1e3} s: ask for a shorter span`
      this.#next((reply) => reply.reject(new NoAnswer(text, true)))
    })
  }

  #start(): Worker {
    const { path, tariff } = this.#options
    // In a package it is compiled, as this file is.
    const file = new URL(`./worker${extname(import.meta.filename)}`, import.meta.url)
    const worker = new Worker(file, {
      workerData: { path, tariff } satisfies WorkerSettings,
      resourceLimits: { maxOldGenerationSizeMb: MEMORY_MB },
    })
    worker.unref()
    const failed = (error: Error) => {
      if (this.#worker !== worker) return
      this.#worker = null
      this.#next((reply) => reply.reject(error))
    }
    worker.on('error', failed)
    worker.on('exit', () => failed(new Error('the thread that reads the ledger has ended')))
    worker.on('message', (answer: WorkerAnswer) => {
      if (this.#worker === worker) this.#next((reply) => settle(reply, answer))
    })
    return worker
  }

  #next(settleOne: (reply: Asked['reply']) => void): void {
    const asked = this.#waiting.shift()
    if (asked !== undefined) settleOne(asked.reply)
    const next = this.#waiting[0]
    if (next !== undefined) this.#work(next)
    else this.#restartTimer(this.#options.idleMs ?? IDLE_MS, () => void this.#end())
  }

  async #end(): Promise<void> {
    clearTimeout(this.#timer)
    const worker = this.#worker
    this.#worker = null
    await worker?.terminate()
  }

  #restartTimer(ms: number, then: () => void): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(then, ms).unref()
  }
}

function settle(reply: Asked['reply'], answer: WorkerAnswer): void {
  if ('json' in answer) reply.resolve(answer.json)
  else reply.reject(answer.isOurs ? new Error(answer.fault) : new NoAnswer(answer.fault, false))
}
