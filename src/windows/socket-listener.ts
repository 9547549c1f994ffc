import { lstatSync, unlinkSync } from 'node:fs'
import type { Server } from 'node:http'
import { connect } from 'node:net'
import type { GuardedServer } from '../io/serve/guarded-server.ts'
import { fitsSocket } from './socket-path.ts'

/** Why the interface cannot be served. The message, of one line, tells a person what to do. */
export class WindowsError extends Error {
  readonly code = 'LISTEN_FAILED'

  constructor(message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'WindowsError'
  }
}

const REASONS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'another program listens there, or it is no socket',
  // Also for a folder that does not exist: libuv takes ENOENT for it.
  EACCES: 'its folder does not exist, or this user may not make a socket there',
  EROFS: 'its file system takes no writes',
}

/** Listens on a unix socket that every user of the machine may open. What an agent that was killed left there is taken away. */
export async function listenOnSocket(guarded: GuardedServer, create: () => Server, path: string): Promise<void> {
  if (!fitsSocket(path)) {
    throw new WindowsError(`windows.socket: ${path} is longer than the 107 bytes of a socket's path: set a shorter one`)
  }
  const at = { path, readableAll: true, writableAll: true }
  try {
    await guarded.listen(create(), at)
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    if (code !== 'EADDRINUSE' || !(await isAbandoned(path))) throw listenError(`windows.socket: ${path}`, cause)
    unlinkSync(path)
    await guarded.listen(create(), at)
  }
}

export function listenError(where: string, cause: unknown): WindowsError {
  const { code, message } = cause as NodeJS.ErrnoException
  const why = REASONS[code ?? ''] ?? message
  return new WindowsError(
    `cannot serve measured windows on ${where}: ${why}. Set another one, or windows.socket: false`,
    {
      cause,
    },
  )
}

/** A socket that nobody listens on. */
async function isAbandoned(path: string): Promise<boolean> {
  if (!lstatSync(path, { throwIfNoEntry: false })?.isSocket()) return false
  const socket = connect(path)
  let isRefused = false
  socket.on('connect', () => socket.destroy())
  socket.on('error', ({ code }: NodeJS.ErrnoException) => {
    isRefused = code === 'ECONNREFUSED'
  })
  await new Promise((resolve) => socket.once('close', resolve))
  return isRefused
}
