import { homedir } from 'node:os'
import { join } from 'node:path'
import { type Config, loadConfig } from '../config/loader.ts'
import { ConfigFault } from '../model/config-fault.ts'
import type { WindowAnswer } from '../windows/answers.ts'
import { socketOf } from '../windows/create-windows.ts'

// As the servers: an import of node:http would load undici.
const { request } = process.getBuiltinModule('node:http')

/** Of the service, as its unit makes it. */
const SERVICE_SOCKET = '/run/wattledger/api.sock'
/** Longer than any answer of the agent takes. */
const PATIENCE_MS = 20_000
/** As long as the agent lets a client wait for energy that is not known yet. */
const WAIT_S = 12

/** The agent cannot be asked, or says no. The message is for people. */
export class NoAgent extends Error {}

export interface BeginWish {
  readonly name: string
  readonly tags: Readonly<Record<string, string>>
  readonly series?: string
  readonly limit_s?: number
  readonly has_scope?: boolean
}

/** The agent, as a user's program meets it. */
export class AgentClient {
  readonly #path: string

  constructor(path: string) {
    this.#path = path
  }

  begin(wish: BeginWish): Promise<WindowAnswer> {
    return this.#post('/v1/windows', wish)
  }

  end(id: string): Promise<WindowAnswer> {
    return this.#post(`/v1/windows/${id}/end`, { wait_s: WAIT_S })
  }

  #post(path: string, body: object): Promise<WindowAnswer> {
    const text = JSON.stringify(body)
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }
    const { promise, resolve, reject } = Promise.withResolvers<WindowAnswer>()
    const fail = (cause: Error) =>
      reject(new NoAgent(`the agent on ${this.#path} does not answer: ${cause.message}`, { cause }))
    const options = { socketPath: this.#path, path, method: 'POST', headers, agent: false, timeout: PATIENCE_MS }
    const asked = request(options, (answer) => {
      let received = ''
      answer.setEncoding('utf8')
      answer.on('data', (chunk: string) => {
        received += chunk
      })
      answer.on('error', fail)
      answer.on('end', () => {
        try {
          const told = JSON.parse(received) as WindowAnswer & { readonly error?: string }
          if (told.error === undefined) resolve(told)
          else reject(new NoAgent(`the agent refuses: ${told.error}`))
        } catch (error) {
          fail(error as Error)
        }
      })
    })
    asked.on('error', fail)
    asked.on('timeout', () => asked.destroy(new Error(`nothing in ${PATIENCE_MS / 1e3} s`)))
    asked.end(text)
    return promise
  }
}

/** Where an agent may be, the likeliest first. */
export function socketsOf(file: string | null, env: NodeJS.ProcessEnv): readonly string[] {
  if (env.WATTLEDGER_SOCKET) return [env.WATTLEDGER_SOCKET]
  const config = configOf(file, env)
  const own = config && socketOf(config.windows.socket, {}, config.paths.state)
  if (config !== null && config.windows.socket !== 'auto') return own === null ? [] : [own]
  const inState = own ?? join(homedir(), '.local/state/wattledger/api.sock')
  return file === null ? [SERVICE_SOCKET, inState] : [inState, SERVICE_SOCKET]
}

/** The default file is root's, and a user may not be able to read it. */
export function configOf(file: string | null, env: NodeJS.ProcessEnv): Config | null {
  try {
    return loadConfig(file, env)
  } catch (error) {
    if (file === null && error instanceof ConfigFault) return null
    throw error
  }
}
