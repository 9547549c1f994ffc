import { type HttpGet, httpGet } from '../io/http.ts'
import type { Component } from '../model/lifecycle.ts'

/** What a runtime says of a container. */
export interface RuntimeName {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
}

export interface RuntimeNamesOptions {
  /** Unix sockets with Docker's interface, which Podman has too. */
  readonly sockets: readonly string[]
  /** Of any clock that does not go back. */
  readonly nowMs: () => number
}

/** A runtime is asked no sooner again, and one that does not answer ever more seldom. */
const LEAST_MS = 10_000
const MOST_MS = 600_000
const TIMEOUT_MS = 2_000
const MOST_CONTAINERS = 10_000
const MOST_LENGTH = 255

/** Our names for the labels that runtimes, Compose and the kubelet put on containers. */
const LABELS: Readonly<Record<string, string>> = {
  'com.docker.compose.project': 'project',
  'com.docker.compose.service': 'service',
  'io.kubernetes.pod.namespace': 'namespace',
  'io.kubernetes.pod.name': 'pod',
}

/**
 * Names of running containers, and of the pods that they are of, where the agent may ask their runtime. Nobody waits for an
 * answer: who asks for a name that is not known has it some passes later, or never.
 */
export class RuntimeNames implements Component {
  readonly name = 'runtime-names'
  readonly #runtimes: readonly Runtime[]

  constructor({ sockets, nowMs }: RuntimeNamesOptions) {
    const get = httpGet({ timeoutMs: TIMEOUT_MS, env: {}, unixMs: Date.now })
    this.#runtimes = sockets.map((socket) => new Runtime(socket, get, nowMs))
  }

  async start(): Promise<void> {}

  async stop(): Promise<void> {
    for (const runtime of this.#runtimes) runtime.stop()
  }

  /** @param id the container's whole id */
  container(id: string): RuntimeName | undefined {
    return this.#find(({ containers }) => containers.get(id))
  }

  pod(uid: string): RuntimeName | undefined {
    return this.#find(({ pods }) => pods.get(uid))
  }

  #find(look: (runtime: Runtime) => RuntimeName | undefined): RuntimeName | undefined {
    for (const runtime of this.#runtimes) {
      const found = look(runtime)
      if (found !== undefined) return found
    }
    for (const runtime of this.#runtimes) runtime.askAgain()
    return undefined
  }
}

/** One socket, and what its last answer said. */
class Runtime {
  readonly #socketPath: string
  readonly #get: HttpGet
  readonly #nowMs: () => number
  readonly #end = new AbortController()
  #isAsking = false
  #nextMs = Number.NEGATIVE_INFINITY
  #waitMs = LEAST_MS
  containers: ReadonlyMap<string, RuntimeName> = new Map()
  pods: ReadonlyMap<string, RuntimeName> = new Map()

  constructor(socketPath: string, get: HttpGet, nowMs: () => number) {
    this.#socketPath = socketPath
    this.#get = get
    this.#nowMs = nowMs
  }

  stop(): void {
    this.#end.abort()
  }

  askAgain(): void {
    if (this.#isAsking || this.#end.signal.aborted || this.#nowMs() < this.#nextMs) return
    this.#isAsking = true
    void this.#ask()
  }

  async #ask(): Promise<void> {
    try {
      const url = new URL('http://localhost/containers/json')
      const { containers, pods } = namesIn(
        JSON.parse(await this.#get({ url, headers: {}, socketPath: this.#socketPath }, this.#end.signal)),
      )
      this.containers = containers
      this.pods = pods
      this.#waitMs = LEAST_MS
    } catch {
      // There is none, it is not for this user, or it does not say what is known: it is asked again, ever more seldom.
      this.#waitMs = Math.min(2 * this.#waitMs, MOST_MS)
    }
    this.#nextMs = this.#nowMs() + this.#waitMs
    this.#isAsking = false
  }
}

/** What does not look like a container is left out. */
function namesIn(answer: unknown): Pick<Runtime, 'containers' | 'pods'> {
  if (!Array.isArray(answer)) throw new TypeError('expected a list')
  const containers = new Map<string, RuntimeName>()
  const pods = new Map<string, RuntimeName>()
  for (const one of answer.slice(0, MOST_CONTAINERS) as unknown[]) {
    const { Id: id, Names: names, Image: image, Labels: given } = recordOf(one)
    const name = textOf(Array.isArray(names) ? names[0] : undefined)?.replace(/^\//, '')
    if (typeof id !== 'string' || !/^[0-9a-f]{64}$/.test(id) || !name) continue
    const told = recordOf(given)
    const labels = Object.entries(LABELS).flatMap(([key, own]) => {
      const value = textOf(told[key])
      return value ? [[own, value] as const] : []
    })
    const imageName = textOf(image)
    const all = Object.fromEntries([...labels, ...(imageName ? [['image', imageName] as const] : [])])
    containers.set(id, { name, labels: all })
    const uid = textOf(told['io.kubernetes.pod.uid'])
    const { namespace, pod } = all
    if (uid && namespace && pod)
      pods.set(uid.toLowerCase(), { name: `${namespace}/${pod}`, labels: { namespace, pod } })
  }
  return { containers, pods }
}

function recordOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {}
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value.slice(0, MOST_LENGTH) : undefined
}
