/** The management controller over HTTPS: Redfish (DMTF DSP0266), whose properties differ by vendor and generation. */
import type { Channel, LogChannel } from '../../model/channel.ts'
import type { Sweep } from '../../model/reading.ts'
import type { Sensor } from '../../model/sensor.ts'
import { SensorError } from '../../model/sensor-error.ts'
import type { ToldParts } from '../../model/told-parts.ts'
import { follow, type Wait } from '../pace.ts'
import type { SensorCode, SensorContext } from '../sensor-type.ts'
import { BmcConnection } from './connection.ts'
import { explain } from './explain.ts'
import { readIdentity } from './machine.ts'
import { metersOf } from './meter.ts'
import { PartsWatch } from './parts-watch.ts'
import { Pass, type SignalledGet } from './pass.ts'
import { logChannel, readLogs } from './power-log.ts'
import type { RedfishSettings } from './schema.ts'
import { BmcSession } from './session.ts'
import { type Survey, survey, unmetered } from './survey.ts'

export const redfish: SensorCode<RedfishSettings> = {
  create: (settings, context) => new RedfishSensor(settings, context),
}

interface Found {
  readonly pass: Pass
  readonly surveyed: Survey
  /** Stands after the one channel of the pass. */
  readonly log: { readonly channel: LogChannel; readonly sweeps: readonly Sweep[] } | null
}

/** Reads in the background, at the controller's own pace; when it is drained it hands over what has come. */
export class RedfishSensor implements Sensor {
  readonly name = 'redfish'
  readonly isQuick = false
  readonly #settings: RedfishSettings
  readonly #context: SensorContext
  readonly #wait: Wait | undefined
  readonly #parts: PartsWatch
  #session: BmcSession | null = null
  #pass: Pass | null = null
  /** What its controller logged before it was first open: what comes later is read. */
  #logged: readonly Sweep[] | null = null
  /** Passes follow each other, whoever asks for them. */
  #last: Promise<unknown> = Promise.resolve()
  #undelivered: Sweep[] = []

  /** @param waiting instead of time, between its passes; `waitingForParts` between what it asks of them */
  constructor(settings: RedfishSettings, context: SensorContext, waiting?: Wait, waitingForParts?: Wait) {
    this.#settings = settings
    this.#context = context
    this.#wait = waiting
    this.#parts = new PartsWatch(context.clock, waitingForParts)
  }

  get told(): ToldParts | null {
    return this.#parts.told
  }

  async open(signal: AbortSignal): Promise<readonly Channel[]> {
    // One that found no meter goes on asking for the machine's parts.
    const kept = this.#pass === null ? this.#session : null
    if (kept === null) await this.close()
    signal.throwIfAborted()
    const session = kept ?? this.#connect()
    this.#session = session
    const { pass, surveyed, log } = await this.#findOrEnd(session, signal)
    const { place } = surveyed
    const get: SignalledGet = (path, signal) => session.get(path, signal)
    if (kept === null) void this.#parts.follow(session.host, place, get, session.ended)
    if (pass.channels.length === 0) throw unmetered(surveyed)
    this.#pass = pass
    this.#undelivered.push(...(log?.sweeps ?? []))
    if (log !== null) this.#logged ??= log.sweeps
    void this.#follow(pass, session.ended)
    return [...pass.channels, ...(log === null ? [] : [log.channel])]
  }

  drain(): readonly Sweep[] {
    return this.#undelivered.splice(0)
  }

  async readNow(signal: AbortSignal): Promise<readonly Sweep[]> {
    const [pass, session] = [this.#pass, this.#session]
    if (pass === null || session === null) throw new SensorError('SENSOR_CLOSED', 'redfish is closed')
    const sweeps = await this.#take(pass, AbortSignal.any([signal, session.ended]))
    return [...sweeps, ...pass.keptBeside(sweeps), ...(this.#logged?.slice(-1) ?? [])]
  }

  async changed(): Promise<boolean> {
    return this.#pass?.isOutdated ?? true
  }

  async close(): Promise<void> {
    const session = this.#session
    this.#session = null
    this.#pass = null
    this.#undelivered = []
    await session?.close()
  }

  /** Asks for nothing yet. */
  #connect(): BmcSession {
    const { url, username, password_file: passwordFile, fingerprint, deadline: deadlineMs } = this.#settings
    if (url === null) {
      throw new SensorError('SENSOR_ABSENT', 'sensors.redfish.url names no controller', {
        remedy: 'set sensors.redfish.url, username and password_file, where the machine has a management controller',
        isUnconfigured: true,
      })
    }
    const connection = new BmcConnection({ url, fingerprint, deadlineMs })
    return new BmcSession(connection, { username, passwordFile }, this.#context.clock)
  }

  async #findOrEnd(session: BmcSession, signal: AbortSignal): Promise<Found> {
    try {
      const found = await this.#find(session, signal)
      signal.throwIfAborted()
      session.ended.throwIfAborted()
      return found
    } catch (cause) {
      if (this.#session === session) this.#session = null
      await session.close()
      signal.throwIfAborted()
      throw explain(cause)
    }
  }

  async #find(session: BmcSession, signal: AbortSignal): Promise<Found> {
    const { system, interval: intervalMs } = this.#settings
    const { sysfs, clock } = this.#context
    const get = (path: string) => session.get(path, signal)
    const surveyed = await survey(get, system, readIdentity(sysfs))
    const { measured, machine, logs, ratedW } = surveyed
    const facts = { controller: session.host, machine, ...(session.note !== '' && { password: session.note }) }
    const pass = new Pass(
      metersOf(measured, { intervalMs, facts, ratedW }),
      (path, signal) => session.get(path, signal),
      clock,
    )
    const [meter] = pass.channels
    if (logs === null || meter?.kind !== 'power') return { pass, surveyed, log: null }
    const readings = this.#logged === null ? await readLogs(get, logs, clock) : []
    const sweeps = readings.map((one) => ({ first: 1, readings: [one] }))
    return { pass, surveyed, log: { channel: logChannel(meter), sweeps } }
  }

  #follow(pass: Pass, ended: AbortSignal): Promise<void> {
    const { interval: intervalMs } = this.#settings
    const take = async (): Promise<number> => {
      await this.#take(pass, ended)
      return pass.restMs
    }
    return follow(take, { intervalMs, clock: this.#context.clock, wait: this.#wait }, ended)
  }

  async #take(pass: Pass, signal: AbortSignal): Promise<readonly Sweep[]> {
    const turn = this.#last.then(() => pass.read(signal))
    this.#last = turn.catch(() => {})
    const sweeps = await turn
    if (this.#pass === pass) this.#undelivered.push(...sweeps)
    return sweeps
  }
}
