import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import type * as NetSnmp from 'net-snmp'
import { SensorError } from '../../model/sensor-error.ts'
import { endpointOf } from '../declared/address.ts'
import { secretIn } from '../declared/secret.ts'
import { PORT } from './port.ts'
import type { PduDeviceSettings } from './schema.ts'

/** What a variable says: a number, a text, or nothing where there is no such variable. */
export type SnmpValue = bigint | string | null

/** Of one request, so that its answer fits into any device's packet. */
const MOST_VARIABLES = 20
/** SNMP v3 asks first who answers, and at what time. */
const LONGEST_DEADLINES = 3
const TIMED_OUT: readonly string[] = ['RequestTimedOutError', 'TimeoutError']

type Library = Awaited<ReturnType<typeof load>>
type Settings = Omit<PduDeviceSettings, 'profile' | 'outlets'>

/** Reads variables of one device over SNMP v2c or v3. */
export class SnmpClient {
  readonly #settings: Settings
  readonly #deadlineMs: number
  #session: NetSnmp.Session | null = null
  /** Aborted when a packet breaks the library, which then forgets what was asked. */
  #broken = new AbortController()

  constructor(settings: Settings, deadlineMs: number) {
    this.#settings = settings
    this.#deadlineMs = deadlineMs
  }

  /** In the order of the OIDs. Rejects with a SensorError, or with the reason of the signal. */
  async get(oids: readonly string[], signal: AbortSignal): Promise<readonly SnmpValue[]> {
    const library = await load()
    signal.throwIfAborted()
    const values: SnmpValue[] = []
    // A name server may be slower than any PDU.
    const deadline = AbortSignal.timeout(LONGEST_DEADLINES * this.#deadlineMs)
    try {
      this.#session ??= this.#connect(library)
      const either = AbortSignal.any([signal, deadline, this.#broken.signal])
      for (let from = 0; from < oids.length; from += MOST_VARIABLES) {
        const varbinds = await ask(this.#session, oids.slice(from, from + MOST_VARIABLES), either)
        values.push(...varbinds.map((varbind) => plain(library, varbind)))
      }
      return values
    } catch (cause) {
      // A device that was started anew counts its answers anew (v3).
      this.close()
      signal.throwIfAborted()
      throw this.#explain(library, cause as Error)
    }
  }

  close(): void {
    this.#session?.close()
    this.#session = null
  }

  #connect(library: Library): NetSnmp.Session {
    const { address, username, community_file: file } = this.#settings
    const { host, port } = endpointOf(address, PORT)
    const broken = new AbortController()
    this.#broken = broken
    const corrupt = new SensorError('SENSOR_CORRUPT', `${address}: an answer that is no SNMP`)
    const options = {
      port,
      transport: address.startsWith('[') ? 'udp6' : 'udp4',
      // Asked twice within the deadline, since UDP loses packets.
      timeout: Math.ceil(this.#deadlineMs / 2),
      retries: 1,
      reportOidMismatchErrors: true,
      dgramModule: { createSocket: (type: 'udp4' | 'udp6') => guardedSocket(type, () => broken.abort(corrupt)) },
    } as const
    const session =
      username === null
        ? library.createSession(host, file === null ? 'public' : secretIn(file), {
            ...options,
            version: library.Version2c,
          })
        : library.createV3Session(host, this.#user(library, username), { ...options, version: library.Version3 })
    // What is no SNMP is no answer: the request times out.
    return session.on('error', () => {})
  }

  #user({ SecurityLevel, AuthProtocols, PrivProtocols }: Library, name: string): NetSnmp.User {
    const { auth, auth_file: authFile, privacy, privacy_file: privacyFile } = this.#settings
    if (authFile === null) return { name, level: SecurityLevel.noAuthNoPriv }
    const signed = { name, authProtocol: AuthProtocols[auth], authKey: secretIn(authFile) }
    if (privacyFile === null) return { ...signed, level: SecurityLevel.authNoPriv }
    return {
      ...signed,
      level: SecurityLevel.authPriv,
      privProtocol: PrivProtocols[privacy],
      privKey: secretIn(privacyFile),
    }
  }

  #explain(library: Library, cause: Error): SensorError {
    const { address, username } = this.#settings
    if (cause instanceof SensorError) return cause
    if (TIMED_OUT.includes(cause.name)) {
      const who = username === null ? 'the community in community_file' : 'the user and its passwords'
      return new SensorError('SENSOR_TIMEOUT', `${address}: no answer to SNMP`, {
        cause,
        remedy: `let the PDU answer this host: its address, SNMP switched on, ${who}, and its list of managers`,
      })
    }
    if (cause instanceof library.ResponseInvalidError && isRefusal(library, cause)) {
      return new SensorError('SENSOR_PERMISSION', `${address} refuses the user of SNMP v3: ${cause.message}`, {
        cause,
        remedy: 'compare username, auth, auth_file, privacy and privacy_file in sensors.pdu.devices with the PDU',
      })
    }
    return new SensorError('SENSOR_TRANSIENT', `${address}: ${cause.message}`, { cause })
  }
}

/** Loaded where there is a PDU alone. */
const load = async () => (await import('net-snmp')).default

/**
 * A socket for the library that hears its PDU alone, since the kernel drops what comes from elsewhere, and on which a
 * broken packet makes nothing fail but the request: the library has no guard around it.
 */
function guardedSocket(type: 'udp4' | 'udp6', onBroken: () => void) {
  const socket = createSocket(type)
  const on = socket.on.bind(socket) as (event: string, listener: (...told: unknown[]) => void) => Socket
  const send = socket.send.bind(socket)
  let connected: Promise<void> | null = null
  return Object.assign(socket, {
    on: (event: string, listener: (...told: unknown[]) => void) =>
      on(event, (...told) => {
        try {
          listener(...told)
        } catch {
          onBroken()
        }
      }),
    send(bytes: Buffer, offset: number, length: number, port: number, host: string, done: Sent) {
      connected ??= connect(socket, port, host)
      connected.then(() => send(bytes, offset, length, done)).catch(done)
    },
  })
}

type Sent = (error: Error | null) => void

async function connect(socket: Socket, port: number, host: string): Promise<void> {
  socket.connect(port, host)
  // A name that is not known is an error of the socket.
  await once(socket, 'connect')
}

function ask(session: NetSnmp.Session, oids: string[], signal: AbortSignal): Promise<readonly NetSnmp.Varbind[]> {
  const { promise, resolve, reject } = Promise.withResolvers<readonly NetSnmp.Varbind[]>()
  const onAbort = (): void => reject(signal.reason as Error)
  signal.addEventListener('abort', onAbort)
  session.get(oids, (error, varbinds = []) => (error === null ? resolve(varbinds) : reject(error)))
  return promise.finally(() => signal.removeEventListener('abort', onAbort))
}

function plain(library: Library, varbind: NetSnmp.Varbind): SnmpValue {
  if (library.isVarbindError(varbind)) return null
  const { value, type } = varbind as { readonly value: unknown; readonly type?: number }
  if (typeof value === 'number') return Number.isSafeInteger(value) ? BigInt(value) : null
  if (typeof value === 'string') return type === library.ObjectType.OID ? value : null
  if (!Buffer.isBuffer(value)) return null
  return type === library.ObjectType.Counter64 ? BigInt(`0x0${value.toString('hex')}`) : value.toString('latin1')
}

function isRefusal({ ResponseInvalidCode }: Library, { code }: { readonly code?: number }): boolean {
  return code === ResponseInvalidCode.EAuthFailure || code === ResponseInvalidCode.ECouldNotDecrypt
}
