import type { Socket } from 'node:net'

/** Whose connections are counted together: a user of the machine, or an address of the network. */
export type Client = number | string | undefined

interface Connection {
  readonly socket: Socket
  readonly client: Client
  /** `silent`: has never asked. */
  state: 'silent' | 'asking' | 'idle'
}

/** Whoever has more of all connections than this makes room alone. */
const MOST_SHARE = 0.25

/**
 * The connections of a server, at most so many. Who comes takes the place of who has been silent for longest, so that nobody
 * who holds connections without asking keeps out others, else of one that is idle; where all are being answered, the newest is
 * ended. A client who has many of them gives up one of its own, also one that is being answered, when another comes.
 */
export class Connections {
  readonly #most: number
  readonly #clientOf: (socket: Socket) => Client
  /** Oldest first. */
  readonly #all = new Map<string | Socket, Connection>()

  constructor(most: number, clientOf: (socket: Socket) => Client) {
    this.#most = most
    this.#clientOf = clientOf
  }

  add(socket: Socket): void {
    const key = keyOf(socket)
    this.#all.set(key, { socket, client: this.#clientOf(socket), state: 'silent' })
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
    const counts = new Map<Client, number>()
    for (const { client } of this.#all.values()) counts.set(client, (counts.get(client) ?? 0) + 1)
    const most = Math.max(...counts.values())
    const isMany = most > MOST_SHARE * this.#most
    const theirs = [...this.#all].filter(([, { client }]) => !isMany || counts.get(client) === most)
    const isTheirs = theirs.some(([key]) => key === newest)
    const longest = (state: Connection['state']) =>
      theirs.find(([key, connection]) => key !== newest && connection.state === state)?.[0]
    const key = longest('silent') ?? longest('idle') ?? (isTheirs ? newest : theirs[0]?.[0]) ?? newest
    this.#all.get(key)?.socket.destroy()
    this.#all.delete(key)
  }
}

/** TLS has a socket of its own over the one that came. A socket of a file has no port, and no TLS. */
function keyOf(socket: Socket): string | Socket {
  const { remoteAddress, remotePort } = socket
  return remotePort === undefined ? socket : `${remoteAddress} ${remotePort}`
}
