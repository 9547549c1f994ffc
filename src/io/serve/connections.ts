import type { Socket } from 'node:net'

interface Connection {
  readonly socket: Socket
  /** `silent`: has never asked. */
  state: 'silent' | 'asking' | 'idle'
}

/**
 * The connections of a server, at most so many. Who comes takes the place of who has been silent for longest, so that nobody
 * who holds connections without asking keeps out others; where all are being answered, the newest is ended.
 */
export class Connections {
  readonly #most: number
  /** Oldest first. */
  readonly #all = new Map<string | Socket, Connection>()

  constructor(most: number) {
    this.#most = most
  }

  add(socket: Socket): void {
    const key = keyOf(socket)
    this.#all.set(key, { socket, state: 'silent' })
    socket.once('close', () => {
      // The same client may have come anew meanwhile, from the same port.
      if (this.#all.get(key)?.socket === socket) this.#all.delete(key)
    })
    if (this.#all.size > this.#most) this.#makeRoom(key)
  }

  /** A request of this connection has come, or the last one has been answered. */
  mark(socket: Socket, state: 'asking' | 'idle'): void {
    const connection = this.#all.get(keyOf(socket))
    if (connection !== undefined) connection.state = state
  }

  destroyAll(): void {
    for (const { socket } of this.#all.values()) socket.destroy()
  }

  #makeRoom(newest: string | Socket): void {
    const others = [...this.#all].filter(([key]) => key !== newest)
    const longest = (state: Connection['state']) => others.find(([, connection]) => connection.state === state)?.[0]
    const key = longest('silent') ?? longest('idle') ?? newest
    this.#all.get(key)?.socket.destroy()
    this.#all.delete(key)
  }
}

/** TLS has a socket of its own over the one that came. A socket of a file has no port, and no TLS. */
function keyOf(socket: Socket): string | Socket {
  const { remoteAddress, remotePort } = socket
  return remotePort === undefined ? socket : `${remoteAddress} ${remotePort}`
}
