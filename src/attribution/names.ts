import { opendirSync } from 'node:fs'
import { readBounded } from '../io/bounded-file.ts'
import type { Consumer } from '../model/consumer.ts'
import type { RuntimeNames } from './runtime-names.ts'
import type { RuntimeName } from './runtimes/answer.ts'

export interface NameFiles {
  /** /etc/passwd */
  readonly passwd: string
  /** /var/log/pods, where the kubelet keeps a folder `<namespace>_<pod>_<uid>` for each pod. */
  readonly podLogs: string
}

/** Where a container's runtime may be asked. */
export type AskedNames = Pick<RuntimeNames, 'container' | 'pod'>

const MOST_PASSWD_BYTES = 1 << 24
const MOST_PODS = 10_000
/** A name that is not found is looked for again no sooner. */
const PATIENCE_MS = 10_000

/** Names of users and pods from this machine's own files, and of pods and containers from their runtime. */
export class Names {
  readonly #users: Book<string>
  readonly #pods: Book<RuntimeName>
  readonly #runtimes: AskedNames | null

  /** `nowMs` is of any clock that does not go back. */
  constructor({ passwd, podLogs }: NameFiles, nowMs: () => number, runtimes: AskedNames | null = null) {
    this.#users = new Book(() => usersIn(passwd), nowMs)
    this.#pods = new Book(() => podsIn(podLogs), nowMs)
    this.#runtimes = runtimes
  }

  /** The consumer under its name, where that is known by now; the same object where it is not. */
  of(consumer: Consumer): Consumer {
    if (consumer.kind === 'user') {
      const name = this.#users.get(consumer.id)
      return name === undefined ? consumer : { ...consumer, name }
    }
    const found = this.#lookUp(consumer)
    return found === undefined
      ? consumer
      : { ...consumer, name: found.name, labels: { ...consumer.labels, ...found.labels } }
  }

  #lookUp({ kind, id }: Consumer): RuntimeName | undefined {
    if (kind === 'pod') return this.#pods.get(id) ?? this.#runtimes?.pod(id)
    return kind === 'container' ? this.#runtimes?.container(id) : undefined
  }
}

/** A list that is read again when something is missing in it. */
class Book<T> {
  readonly #read: () => Map<string, T>
  readonly #nowMs: () => number
  #entries = new Map<string, T>()
  #readAtMs = Number.NEGATIVE_INFINITY

  constructor(read: () => Map<string, T>, nowMs: () => number) {
    this.#read = read
    this.#nowMs = nowMs
  }

  get(key: string): T | undefined {
    const nowMs = this.#nowMs()
    if (!this.#entries.has(key) && nowMs - this.#readAtMs >= PATIENCE_MS) {
      this.#readAtMs = nowMs
      this.#entries = this.#read()
    }
    return this.#entries.get(key)
  }
}

function usersIn(path: string): Map<string, string> {
  const users = new Map<string, string>()
  for (const line of textOf(path).split('\n')) {
    const [name = '', , uid = ''] = line.split(':')
    // The first line of a uid counts, as for getpwuid(3).
    if (name !== '' && /^\d+$/.test(uid) && !users.has(uid)) users.set(uid, name)
  }
  return users
}

function textOf(path: string): string {
  try {
    return readBounded(path, MOST_PASSWD_BYTES).bytes.toString('utf8')
  } catch {
    return ''
  }
}

function podsIn(path: string): Map<string, RuntimeName> {
  const pods = new Map<string, RuntimeName>()
  try {
    const folder = opendirSync(path)
    try {
      for (let seen = 0; seen < MOST_PODS; seen++) {
        const entry = folder.readSync()
        if (entry === null) break
        // Neither part has an underscore (RFC 1123).
        const [namespace = '', pod = '', uid = ''] = entry.name.split('_')
        if (uid !== '') pods.set(uid.toLowerCase(), { name: `${namespace}/${pod}`, labels: { namespace, pod } })
      }
    } finally {
      folder.closeSync()
    }
  } catch {}
  return pods
}
