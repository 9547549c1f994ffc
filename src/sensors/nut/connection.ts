import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { SensorError } from '../../model/sensor-error.ts'
import type { Endpoint } from '../declared/address.ts'
import { encrypted, READY, refusal, type TlsSettings } from './start-tls.ts'

/** A line of the protocol is far shorter. */
const MOST_CHARACTERS = 4_096

const UNREACHED = 'check server of the entry in sensors.nut.inputs, that upsd runs there, and LISTEN in its upsd.conf'

/**
 * The network UPS tools' protocol: a line for a line over TCP (NUT developer guide, "Network protocol information"). One
 * connection, made when it is needed, and one question at a time.
 */
export class NutConnection {
  readonly #endpoint: Endpoint
  readonly #deadlineMs: number
  readonly #tls: TlsSettings
  #socket: Socket | null = null

  constructor(endpoint: Endpoint, deadlineMs: number, tls: TlsSettings) {
    this.#endpoint = endpoint
    this.#deadlineMs = deadlineMs
    this.#tls = tls
  }

  /** The answer to a command, without its line end. Rejects with a SensorError, or with the reason of the signal. */
  async ask(command: string, signal: AbortSignal): Promise<string> {
    signal.throwIfAborted()
    const deadline = AbortSignal.timeout(this.#deadlineMs)
    const either = AbortSignal.any([signal, deadline])
    try {
      const kept = this.#socket === null ? null : await exchange(this.#socket, command, either)
      if (kept !== null) return kept
      this.#socket = await this.#connect(either)
      const line = await exchange(this.#socket, command, either)
      if (line !== null) return line
      throw new SensorError('SENSOR_TRANSIENT', 'upsd broke off the connection')
    } catch (cause) {
      // What comes later would be taken for the answer to the next question.
      this.close()
      signal.throwIfAborted()
      const { host, port } = this.#endpoint
      const { code = 'unknown error', message } = cause as NodeJS.ErrnoException
      if (deadline.aborted) {
        throw new SensorError('SENSOR_TIMEOUT', `${host}:${port}: no answer in time`, { cause, remedy: UNREACHED })
      }
      if (cause instanceof SensorError) {
        const { remedy } = cause
        throw new SensorError(cause.code, `${host}:${port}: ${message}`, {
          cause,
          ...(remedy !== undefined && { remedy }),
        })
      }
      throw new SensorError('SENSOR_TRANSIENT', `${host}:${port}: no connection to upsd (${code})`, {
        cause,
        remedy: UNREACHED,
      })
    }
  }

  close(): void {
    this.#socket?.destroy()
    this.#socket = null
  }

  async #connect(signal: AbortSignal): Promise<Socket> {
    const socket = connect({ ...this.#endpoint, noDelay: true })
    // Whatever breaks it shows in the next question.
    socket.on('error', () => {})
    try {
      await once(socket, 'connect', { signal })
      if (!this.#tls.tls) return socket
      const answer = await exchange(socket, 'STARTTLS', signal)
      if (answer !== READY) throw refusal(answer ?? 'it broke off the connection')
      const secret = await encrypted(socket, this.#endpoint.host, this.#tls, signal)
      return secret.on('error', () => {})
    } catch (error) {
      socket.destroy()
      throw error
    }
  }
}

/** The answer; null where the connection is broken, as when upsd was started anew. */
function exchange(socket: Socket, command: string, signal: AbortSignal): Promise<string | null> {
  const { promise, resolve, reject } = Promise.withResolvers<string | null>()
  let text = ''
  const onData = (piece: Buffer): void => {
    text += piece.toString('latin1')
    const end = text.indexOf('\n')
    if (end === text.length - 1) resolve(text.slice(0, end).replace(/\r$/, ''))
    else if (end !== -1) reject(new SensorError('SENSOR_CORRUPT', 'more than one line in answer to one'))
    else if (text.length > MOST_CHARACTERS) reject(new SensorError('SENSOR_CORRUPT', 'a line without an end'))
  }
  const onClose = (): void => resolve(null)
  const onAbort = (): void => reject(signal.reason as Error)
  socket.on('data', onData).once('close', onClose)
  signal.addEventListener('abort', onAbort)
  if (signal.aborted) onAbort()
  else if (socket.destroyed) onClose()
  else socket.write(`${command}\n`)
  return promise.finally(() => {
    socket.off('data', onData).off('close', onClose)
    signal.removeEventListener('abort', onAbort)
  })
}
