import { dig, type Json } from '../../io/answer.ts'
import { type HttpAnswer, HttpError, retryAfterMsOf } from '../../io/http.ts'
import { readKey } from '../../io/key-file.ts'
import { settledWithin } from '../../io/patience.ts'
import type { Clock } from '../../model/clock.ts'
import { keepSecret } from '../../model/secrets.ts'
import { SensorError } from '../../model/sensor-error.ts'
import { NS_PER_MS } from '../../model/units.ts'
import type { BmcConnection } from './connection.ts'
import { parseResource } from './resource.ts'

export interface Account {
  readonly username: string | null
  readonly passwordFile: string | null
}

interface Ticket {
  readonly headers: Readonly<Record<string, string>>
  /** Where the session is deleted; null for one that the controller does not keep. */
  readonly location: string | null
}

/** The first is that of the standard, the second that of iDRAC8. */
const SESSIONS = ['/redfish/v1/SessionService/Sessions', '/redfish/v1/Sessions']
/** A controller has 4 to 16 sessions, and locks an account after a few wrong passwords. */
const REST_MS = 300_000
/** One that starts is asked again sooner. */
const BUSY_MS = 30_000
/** The end waits no longer for the session to be deleted. */
const FAREWELL_MS = 3_000
/** Too many sessions: iDRAC, and the standard's registries. */
const IS_FULL = /\b(RAC0218|SessionLimitExceeded|CreateLimitReachedForResource)\b/

/** Reads a controller's resources under one session at most, which is deleted when this is closed. */
export class BmcSession {
  readonly #connection: BmcConnection
  readonly #account: Account
  readonly #clock: Pick<Clock, 'monotonicNs' | 'unixMs'>
  readonly #end = new AbortController()
  #ticket: Ticket | null = null
  #note = ''
  #login: Promise<Ticket> | null = null
  /** Why there is no other login yet, and until when. */
  #refused: { readonly error: SensorError; readonly untilNs: bigint } | null = null
  /** What a new session may not read either. */
  readonly #forbidden = new Set<string>()

  constructor(connection: BmcConnection, account: Account, clock: Pick<Clock, 'monotonicNs' | 'unixMs'>) {
    this.#connection = connection
    this.#account = account
    this.#clock = clock
  }

  get host(): string {
    return this.#connection.host
  }

  /** Aborted when it is closed. */
  get ended(): AbortSignal {
    return this.#end.signal
  }

  /** What is amiss with its account, for people; empty where nothing is. */
  get note(): string {
    return this.#note
  }

  /** A resource. Rejects with an HttpError, with a SensorError where the login is refused. */
  async get(path: string, signal: AbortSignal): Promise<Json> {
    const both = AbortSignal.any([signal, this.#end.signal])
    const first = this.#ticket
    const answer = await this.#read(path, await this.#admission(), both)
    // A session that has expired is refused with 401 by some and 403 by others.
    const isExpired = answer.status === 401 || (answer.status === 403 && !this.#forbidden.has(path))
    if (!isExpired || first?.location == null) return this.#bodyOf(answer)
    const next = await this.#renewed(first)
    await this.#delete(first, next).catch(() => {})
    const again = await this.#read(path, next, both)
    if (again.status === 403) this.#forbidden.add(path)
    return this.#bodyOf(again)
  }

  /** Idempotent. Takes three seconds at most, whatever the controller does; what is left goes on behind it. */
  async close(): Promise<void> {
    this.#end.abort()
    await settledWithin(this.#leave(), FAREWELL_MS)
  }

  async #leave(): Promise<void> {
    try {
      // A login under way may have made a session already: its answer tells which.
      const ticket = (await this.#login?.catch(() => null)) ?? this.#ticket
      this.#ticket = null
      if (ticket !== null) await this.#delete(ticket, ticket)
    } finally {
      this.#connection.close()
    }
  }

  #read(path: string, { headers }: Ticket, signal: AbortSignal): Promise<HttpAnswer> {
    return this.#connection.send({ method: 'GET', path, headers }, signal)
  }

  #bodyOf(answer: HttpAnswer): Json {
    if (answer.status === 200) return parseResource(answer.body.toString('utf8'))
    throw answer.status === 401 ? this.#refusal(answer) : this.#errorOf(answer)
  }

  #errorOf({ status, headers, body }: HttpAnswer): HttpError {
    const askedMs = retryAfterMsOf(headers['retry-after'], this.#clock.unixMs())
    const restMs = saysFull(body) ? Math.max(REST_MS, askedMs ?? 0) : askedMs
    return new HttpError(`${this.host}: HTTP ${status}`, status, restMs)
  }

  async #admission(): Promise<Ticket> {
    if (this.#account.username === null) return { headers: {}, location: null }
    if (this.#end.signal.aborted) throw new SensorError('SENSOR_CLOSED', `${this.host}: closed`)
    if (this.#refused !== null && this.#clock.monotonicNs() < this.#refused.untilNs) throw this.#refused.error
    if (this.#ticket !== null) return this.#ticket
    this.#login ??= this.#logIn(this.#account.username).finally(() => {
      this.#login = null
    })
    this.#ticket = await this.#login
    return this.#ticket
  }

  /** Where there is no other, the one of before stays known, to be deleted in the end. */
  async #renewed(before: Ticket): Promise<Ticket> {
    this.#ticket = null
    try {
      return await this.#admission()
    } finally {
      this.#ticket ??= before
    }
  }

  async #logIn(UserName: string): Promise<Ticket> {
    const { passwordFile } = this.#account
    const { text: Password, isOpen } = readPassword(passwordFile)
    this.#note = isOpen ? `every user may read it: chmod 0640 ${passwordFile}` : ''
    const basic = Buffer.from(`${UserName}:${Password}`).toString('base64')
    keepSecret(basic)
    const sent = JSON.stringify({ UserName, Password })
    // Not given up with what wanted it, for nobody would know of the session that it makes.
    const { signal } = new AbortController()
    for (const path of SESSIONS) {
      const answer = await this.#connection.send({ method: 'POST', path, sent }, signal)
      const token = answer.headers['x-auth-token']
      if (answer.status < 300 && typeof token === 'string') {
        keepSecret(token)
        return { headers: { 'x-auth-token': token }, location: locationOf(answer) }
      }
      if (![404, 405, 501].includes(answer.status)) throw this.#refusal(answer)
    }
    // Without a service for sessions each request carries the account.
    return { headers: { authorization: `Basic ${basic}` }, location: null }
  }

  #refusal(answer: HttpAnswer): SensorError {
    const { status, body } = answer
    const { message, retryAfterMs: askedMs } = this.#errorOf(answer)
    const isFull = saysFull(body)
    const isBusy = isFull || status >= 500 || status === 429
    const retryAfterMs = Math.round(Math.max(isBusy && !isFull ? BUSY_MS : REST_MS, askedMs ?? 0))
    const error = isBusy
      ? new SensorError('SENSOR_TRANSIENT', `${message} at the login${isFull ? ': it has too many sessions' : ''}`, {
          retryAfterMs,
          ...(isFull && { remedy: 'delete sessions that nothing uses any more, in the interface of the controller' }),
        })
      : new SensorError('SENSOR_PERMISSION', `${message}: it does not let ${this.#account.username} in`, {
          retryAfterMs,
          remedy: `check sensors.redfish.username, and the password in ${this.#account.passwordFile}`,
        })
    this.#refused = { error, untilNs: this.#clock.monotonicNs() + BigInt(retryAfterMs) * NS_PER_MS }
    return error
  }

  async #delete({ location }: Ticket, { headers }: Ticket): Promise<void> {
    if (location === null) return
    const { signal } = new AbortController()
    await this.#connection.send({ method: 'DELETE', path: location, headers }, signal)
  }
}

const saysFull = (body: Buffer): boolean => IS_FULL.test(body.toString('utf8'))

/** The path alone: a controller behind a gateway tells the address that it has there. */
function locationOf({ headers, body }: HttpAnswer): string | null {
  const told = headers.location ?? dig(body.length === 0 ? null : parseResource(body.toString('utf8')), '@odata.id')
  return typeof told === 'string' && URL.canParse(told, 'https://bmc') ? new URL(told, 'https://bmc').pathname : null
}

function readPassword(path: string | null) {
  try {
    const key = readKey(path ?? '')
    keepSecret(key.text)
    return key
  } catch (cause) {
    throw new SensorError('SENSOR_PERMISSION', (cause as Error).message, {
      cause,
      remedy: `put the password on one line: chgrp wattledger ${path} && chmod 0640 ${path}`,
    })
  }
}
