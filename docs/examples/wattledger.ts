/**
 * Energy and CO2e of a piece of work, from the Wattledger agent of this machine. Node 24 and later, nothing else.
 *
 *     await using epoch = await window('epoch', { tags: { epoch: 3 } })
 *     ...
 *     console.log((await epoch.end()).energy_j)
 */
import { request } from 'node:http'
import { homedir } from 'node:os'

const SOCKETS = ['/run/wattledger/api.sock', `${homedir()}/.local/state/wattledger/api.sock`]

/** What docs/api/openapi.json calls a Window, as far as is used here. */
export interface Result {
  readonly id: string
  readonly status: 'open' | 'provisional' | 'final'
  readonly energy_j: number
  readonly uncertainty_95_j: number
  readonly duration_s: number
  readonly co2e_g: { readonly location: number | null }
}

export interface Wish {
  readonly tags?: Readonly<Record<string, string | number>>
  readonly series?: string
  readonly repeats?: number
  readonly limit_s?: number
}

export class Window implements AsyncDisposable {
  readonly id: string
  #result: Promise<Result> | null = null

  constructor(id: string) {
    this.id = id
  }

  /** Ends the window, once, and tells what was used in it. */
  end(): Promise<Result> {
    this.#result ??= call<Result>('POST', `/v1/windows/${this.id}/end`, {})
    return this.#result
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.end()
  }
}

export async function window(name: string, { tags = {}, ...rest }: Wish = {}): Promise<Window> {
  const texts = Object.fromEntries(Object.entries(tags).map(([key, value]) => [key, String(value)]))
  return new Window((await call<Result>('POST', '/v1/windows', { name, tags: texts, ...rest })).id)
}

/** Measures each call of a function. `tell` gets the result of each. */
export function measured<Args extends readonly unknown[], Value>(
  name: string,
  run: (...args: Args) => Promise<Value>,
  tell: (result: Result) => void,
): (...args: Args) => Promise<Value> {
  return async (...args) => {
    await using one = await window(name)
    try {
      return await run(...args)
    } finally {
      tell(await one.end())
    }
  }
}

/** One request of the agent's interface. Rejects when no agent answers, or when it says no. */
export async function call<Answer>(method: string, path: string, body?: object): Promise<Answer> {
  const own = process.env.WATTLEDGER_SOCKET
  let problem: unknown
  for (const socketPath of own ? [own] : SOCKETS) {
    let answer: { readonly status: number; readonly text: string }
    try {
      answer = await ask(socketPath, method, path, body === undefined ? '' : JSON.stringify(body))
    } catch (error) {
      problem = error
      continue
    }
    const told = JSON.parse(answer.text) as Answer & { readonly error?: string }
    if (answer.status >= 400) throw new Error(told.error ?? `HTTP ${answer.status}`)
    return told
  }
  throw new Error('no agent answers', { cause: problem })
}

function ask(
  socketPath: string,
  method: string,
  path: string,
  text: string,
): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }
    const asked = request({ socketPath, method, path, headers, timeout: 20_000 }, (answer) => {
      let received = ''
      answer.setEncoding('utf8')
      answer.on('data', (chunk: string) => {
        received += chunk
      })
      answer.on('error', reject)
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, text: received }))
    })
    asked.on('error', reject)
    asked.on('timeout', () => asked.destroy(new Error('no answer in 20 s')))
    asked.end(text)
  })
}
