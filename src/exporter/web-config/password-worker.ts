import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'
import { compareSync } from 'bcryptjs'

/**
 * bcrypt takes tens of milliseconds to seconds of pure arithmetic, as it should. It runs on a thread of its own, so that
 * whoever guesses passwords cannot hold up sampling. The thread starts with the first comparison and ends when idle.
 */
const ROLE = 'wattledger-password-worker'
const IDLE_MS = 30_000
/** More callers than this at once are not scrapers. */
const MOST_WAITING = 32

interface Question {
  readonly id: number
  readonly password: string
  readonly hash: string
}

interface Answer {
  readonly id: number
  readonly matches: boolean
}

if (!isMainThread && workerData === ROLE) {
  parentPort?.on('message', ({ id, password, hash }: Question) => {
    parentPort?.postMessage({ id, matches: compareSync(password, hash) } satisfies Answer)
  })
}

export class PasswordWorker {
  readonly #waiting = new Map<number, PromiseWithResolvers<boolean>>()
  #worker: Worker | undefined
  #idle: NodeJS.Timeout | undefined
  #lastId = 0

  /** Null when too many comparisons are waiting. Rejects when the thread fails or is closed. */
  async matches(password: string, hash: string): Promise<boolean | null> {
    if (this.#waiting.size >= MOST_WAITING) return null
    clearTimeout(this.#idle)
    this.#worker ??= this.#start()
    const question: Question = { id: ++this.#lastId, password, hash }
    const answer = Promise.withResolvers<boolean>()
    this.#waiting.set(question.id, answer)
    this.#worker.postMessage(question)
    return answer.promise
  }

  /** Idempotent. The next comparison starts a new thread. */
  async close(): Promise<void> {
    clearTimeout(this.#idle)
    const worker = this.#worker
    this.#worker = undefined
    this.#fail(new Error('password check closed'))
    await worker?.terminate()
  }

  #start(): Worker {
    const worker = new Worker(new URL(import.meta.url), {
      workerData: ROLE,
      execArgv: [],
      env: {},
      resourceLimits: { maxOldGenerationSizeMb: 16, maxYoungGenerationSizeMb: 2 },
    })
    worker.unref()
    worker.on('message', (answer: Answer) => this.#deliver(answer))
    worker.on('error', (error) => {
      if (this.#worker === worker) this.#worker = undefined
      this.#fail(error)
    })
    return worker
  }

  #deliver({ id, matches }: Answer): void {
    this.#waiting.get(id)?.resolve(matches)
    this.#waiting.delete(id)
    if (this.#waiting.size === 0) this.#idle = setTimeout(() => void this.close(), IDLE_MS).unref()
  }

  #fail(error: Error): void {
    for (const { reject } of this.#waiting.values()) reject(error)
    this.#waiting.clear()
  }
}
