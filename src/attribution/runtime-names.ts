import type { Component } from '../model/lifecycle.ts'
import type { AskRuntime, RuntimeAnswer, RuntimeName } from './runtimes/answer.ts'
import { askCri } from './runtimes/cri.ts'
import { askDocker } from './runtimes/docker.ts'

export interface RuntimeNamesOptions {
  /** Unix sockets of Docker, Podman, containerd or CRI-O: which of them it is shows by the answer. */
  readonly sockets: readonly string[]
  /** Of any clock that does not go back. */
  readonly nowMs: () => number
}

/** A runtime is asked no sooner again, and one that does not answer ever more seldom. */
const LEAST_MS = 10_000
const MOST_MS = 600_000
/** A group may be there before its runtime tells of it; one that so many answers did not have is of somebody else. */
const MOST_ANSWERS = 3
const MOST_LACKING = 10_000

/** What a user's own runtime runs is inside of that user. */
const OWN_SOCKET = /\/run\/user\/(\d+)\//

const LANGUAGES: readonly AskRuntime[] = [askDocker, askCri]

/**
 * Names of running containers, and of the pods that they are of, where the agent may ask their runtime. Nobody waits for an
 * answer: who asks for a name that is not known has it some passes later, or never.
 */
export class RuntimeNames implements Component {
  readonly name = 'runtime-names'
  readonly #runtimes: readonly Runtime[]

  constructor({ sockets, nowMs }: RuntimeNamesOptions) {
    this.#runtimes = sockets.map((socket) => new Runtime(socket, nowMs))
  }

  async start(): Promise<void> {}

  async stop(): Promise<void> {
    for (const runtime of this.#runtimes) runtime.stop()
    await this.idle()
  }

  /** Resolves when no answer is waited for. */
  async idle(): Promise<void> {
    await Promise.all(this.#runtimes.map(({ asking }) => asking))
  }

  /** @param id of the consumer: the container's whole id, with the user's behind it where it is inside of one */
  container(id: string): RuntimeName | undefined {
    return this.#find(id, ({ containers }) => containers.get(id))
  }

  pod(uid: string): RuntimeName | undefined {
    return this.#find(uid, ({ pods }) => pods.get(uid))
  }

  #find(id: string, look: (answer: RuntimeAnswer) => RuntimeName | undefined): RuntimeName | undefined {
    for (const { answer } of this.#runtimes) {
      const found = look(answer)
      if (found !== undefined) return found
    }
    for (const runtime of this.#runtimes) runtime.askFor(id)
    return undefined
  }
}

/** One socket, and what its last answer said. */
class Runtime {
  readonly #socketPath: string
  readonly #nowMs: () => number
  readonly #end = new AbortController()
  /** What was asked for in vain, and how many answers did not have it. */
  readonly #lacking = new Map<string, number>()
  #languages = LANGUAGES
  #nextMs = Number.NEGATIVE_INFINITY
  #waitMs = LEAST_MS
  answer: RuntimeAnswer = { containers: new Map(), pods: new Map() }
  asking: Promise<void> | null = null

  constructor(socketPath: string, nowMs: () => number) {
    this.#socketPath = socketPath
    this.#nowMs = nowMs
  }

  stop(): void {
    this.#end.abort()
  }

  askFor(id: string): void {
    const answers = this.#lacking.get(id) ?? 0
    if (answers >= MOST_ANSWERS) return
    if (this.#lacking.size >= MOST_LACKING) this.#lacking.clear()
    this.#lacking.set(id, answers)
    if (this.#end.signal.aborted || this.#nowMs() < this.#nextMs) return
    this.asking ??= this.#ask().finally(() => {
      this.asking = null
    })
  }

  async #ask(): Promise<void> {
    const asked = [...this.#lacking.keys()]
    try {
      this.answer = await this.#answer()
      for (const id of asked) this.#note(id)
      this.#waitMs = LEAST_MS
    } catch {
      // There is none, it is not for this user, or it does not say what is known: it is asked again, ever more seldom.
      this.#languages = LANGUAGES
      this.#waitMs = Math.min(2 * this.#waitMs, MOST_MS)
    }
    this.#nextMs = this.#nowMs() + this.#waitMs
  }

  /** In the language that it answered in last, else in each until one is understood. */
  async #answer(): Promise<RuntimeAnswer> {
    let failure: unknown
    for (const ask of this.#languages) {
      try {
        const { containers, pods } = await ask(this.#socketPath, this.#end.signal)
        this.#languages = [ask]
        const user = OWN_SOCKET.exec(this.#socketPath)?.[1]
        return user === undefined ? { containers, pods } : { containers: inside(user, containers), pods: new Map() }
      } catch (error) {
        this.#end.signal.throwIfAborted()
        failure = error
      }
    }
    throw failure
  }

  #note(id: string): void {
    const isKnown = this.answer.containers.has(id) || this.answer.pods.has(id)
    if (isKnown) this.#lacking.delete(id)
    else if (this.#lacking.has(id)) this.#lacking.set(id, (this.#lacking.get(id) ?? 0) + 1)
  }
}

function inside(user: string, containers: RuntimeAnswer['containers']): RuntimeAnswer['containers'] {
  return new Map([...containers].map(([id, name]) => [`${id}@${user}`, name]))
}
