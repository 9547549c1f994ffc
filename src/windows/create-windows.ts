import { KeyFile } from '../io/key-file.ts'
import type { Clock } from '../model/clock.ts'
import type { Fault } from '../model/config-fault.ts'
import { type Logger, SILENT } from '../model/logger.ts'
import type { Owner, PeerCredentials } from './access.ts'
import { Api } from './api.ts'
import { networkMeter } from './network.ts'
import { Rates } from './rates.ts'
import { defaultSocket } from './socket-path.ts'
import { type LastKnown, WindowBooks } from './window-books.ts'
import { WindowServer } from './window-server.ts'
import type { WindowStore } from './window-store.ts'
import { Windows } from './windows.ts'

export interface WindowsConfig {
  readonly socket: string | false
  readonly listen: string | null
  readonly token_file: string | null
  readonly limit: number
}

export interface WindowsSurroundings {
  readonly store: WindowStore & { readonly restore: () => LastKnown | null }
  /** Brings what is counted into the store, which by itself is written now and then. */
  readonly freshen: () => void
  readonly clock: Clock
  readonly bootId: string
  readonly renew: () => Promise<void>
  readonly look: () => Promise<void>
  readonly isSplitUntil: (ns: bigint) => boolean
  readonly peerOf: (descriptor: number) => PeerCredentials
  readonly owner: Owner
  readonly procfs: string
  readonly env: NodeJS.ProcessEnv
  readonly state: string
  readonly logger: Logger
}

/** The path of `windows.socket`; null where there is none. */
export function socketOf(socket: string | false, env: NodeJS.ProcessEnv, state: string): string | null {
  if (socket === false) return null
  return socket === 'auto' ? defaultSocket(env, state) : socket
}

/** What counts, to be told of all that is settled, and what serves it. */
export function createWindows(
  config: WindowsConfig,
  {
    store,
    freshen,
    clock,
    bootId,
    renew,
    look,
    isSplitUntil,
    peerOf,
    owner,
    procfs,
    env,
    state,
    logger,
  }: WindowsSurroundings,
): { readonly books: WindowBooks; readonly server: WindowServer } {
  const books = new WindowBooks(isSplitUntil)
  const windows = new Windows({
    books,
    store,
    clock,
    bootId,
    renew,
    look,
    networkMeter: (pid) => networkMeter(procfs, pid),
    limitMs: config.limit,
  })
  const spanOf: WindowStore['spanOf'] = (...span) => {
    freshen()
    return store.spanOf(...span)
  }
  const nowMs = () => performance.now()
  const rates = new Rates(nowMs)
  const server = new WindowServer({
    api: new Api({ windows, books, store: { ...store, spanOf }, clock, nowMs, rates }),
    rates,
    socket: socketOf(config.socket, env, state),
    isSocketOptional: config.socket === 'auto',
    listen: config.listen,
    tokenFile: config.token_file,
    restore: () => {
      books.restore(store.unfinished(), bootId, store.restore())
      windows.watchLimits()
    },
    finish: () => {
      books.wake()
      windows.stop()
    },
    peerOf,
    owner,
    logger,
  })
  return { books, server }
}

/** What the schema cannot say. `isDeep` reads the file of the token too. */
export function checkWindows({ listen, token_file: tokenFile }: WindowsConfig, isDeep: boolean): readonly Fault[] {
  const key = 'windows.token_file'
  if (listen !== null && tokenFile === null) {
    return [{ key, text: 'expected a file with a token, since windows.listen is set, received null' }]
  }
  const problems = isDeep ? new KeyFile(tokenFile, SILENT).check() : []
  return problems.map((text) => ({ key, text }))
}
