import { type Channel, type ChannelKey, channelKey } from '../model/channel.ts'
import type { Clock } from '../model/clock.ts'
import type { Logger } from '../model/logger.ts'
import type { FailedReading } from '../model/reading.ts'
import type { SensorError } from '../model/sensor-error.ts'
import { SparingNews, type Tell } from '../model/sparing-news.ts'
import type { ReadingSink } from './sink.ts'

/** Tells log and ledger how a sensor fares: each state once, not each time it is met again, and sparingly where it flaps. */
export class SensorNews {
  readonly #sensor: string
  readonly #sink: ReadingSink
  readonly #logger: Logger
  readonly #clock: Pick<Clock, 'monotonicNs'>
  readonly #sparing = new SparingNews()
  readonly #saidUnmetered = new Set<string>()
  /** Why it cannot be used. */
  #reported: string | null = null
  #isSilent = false
  #isKnown = false
  #isWanted = true
  #present: ReadonlySet<ChannelKey> = new Set()
  /** What the ledger was told last. */
  #isToldDown = false

  constructor(sensor: string, sink: ReadingSink, logger: Logger, clock: Pick<Clock, 'monotonicNs'>) {
    this.#sensor = sensor
    this.#sink = sink
    this.#logger = logger
    this.#clock = clock
  }

  get isUnavailable(): boolean {
    return this.#reported !== null
  }

  get isAbsent(): boolean {
    return this.#reported === 'SENSOR_ABSENT'
  }

  /** This machine does not have it, and nobody had to configure it. */
  get isMissing(): boolean {
    return this.isAbsent && this.#isWanted
  }

  /** Tells what has waited for long enough; at the end all that waits. */
  tick(isLast = false): void {
    this.#sparing.tick(this.#clock.monotonicNs(), isLast)
  }

  opened(channels: readonly Channel[], unmetered: readonly string[]): void {
    this.#reported = null
    this.#isKnown = true
    const devices = channels.map(({ scope, device }) => `${scope}/${device}`)
    this.#say(this.#sensor, (more) => {
      if (!this.#isSilent) this.#recovered(more)
      const fields = { event: 'sensor_opened', sensor: this.#sensor, channels: devices }
      this.#logger.info(fields, `${this.#sensor}: ${devices.join(', ')}${more}`)
    })
    for (const text of unmetered) this.#unmetered(text)
  }

  /** What a sensor opened anew no longer has: a supply pulled out, a GPU that its driver no longer counts. */
  gone(before: readonly Channel[], now: readonly Channel[]): void {
    this.#present = new Set(now.map(channelKey))
    for (const key of before.map(channelKey).filter((key) => !this.#present.has(key))) {
      this.#say(`${key} gone`, (more) => {
        const isBack = this.#present.has(key)
        const text = isBack ? `${key}: there again${more}` : `${key}: no longer there${more}`
        this.#logger.warn({ event: 'channel_gone', sensor: this.#sensor, channel: key }, text)
        this.#sink.note('channel_gone', isBack ? text : `${key}${more}`)
      })
    }
  }

  unavailable(error: SensorError): void {
    if (this.#reported === error.code) return
    this.#reported = error.code
    const { code, message, isUnconfigured } = error
    this.#isWanted = !isUnconfigured
    // Of those that are not here at the start one line tells.
    const isExpected = code === 'SENSOR_ABSENT' && !this.#isKnown
    this.#isKnown = true
    const remedy = error.remedy === undefined ? '' : ` Remedy: ${error.remedy}`
    const fields = { event: 'sensor_unavailable', sensor: this.#sensor, code }
    this.#say(this.#sensor, (more) => {
      const text = `${this.#sensor}: ${message.replace(/\.$/, '')}${more}.${remedy}`
      if (isUnconfigured || isExpected) this.#logger.debug(fields, text)
      else if (code === 'SENSOR_ABSENT') this.#logger.info(fields, text)
      else {
        this.#logger.warn(fields, text)
        this.#down(error, more)
      }
    })
  }

  /** It is open, and for some sweeps nothing could be read. */
  silent(failure: FailedReading): void {
    if (this.#isSilent) return
    this.#isSilent = true
    const { code, message } = failure
    this.#say(this.#sensor, (more) => {
      const text = `${this.#sensor}: none of its readings comes, the last said: ${message}${more}. wattledger doctor tells what to do`
      this.#logger.warn({ event: 'sensor_unavailable', sensor: this.#sensor, code }, text)
      this.#down(failure, more)
    })
  }

  /** A reading came. */
  heard(): void {
    if (!this.#isSilent) return
    this.#isSilent = false
    this.#say(this.#sensor, (more) => {
      const text = `${this.#sensor}: its readings come again${more}`
      this.#logger.info({ event: 'sensor_recovered', sensor: this.#sensor }, text)
      this.#recovered(more)
    })
  }

  corrupt(key: ChannelKey, change: 'corrupt' | 'recovered', reason: string): void {
    this.#say(key, (more) => {
      if (change === 'recovered') {
        const text = `${key}: its readings are believable again${more}`
        this.#logger.info({ event: 'channel_recovered', channel: key }, text)
        this.#sink.note('channel_recovered', `${key}${more}`)
        return
      }
      const text = `${key}: its readings cannot be true and are not counted (${reason})${more}; wattledger doctor shows them`
      this.#logger.warn({ event: 'channel_corrupt', channel: key, code: 'SENSOR_CORRUPT' }, text)
      this.#sink.note('channel_corrupt', `${key}: ${reason}${more}`)
    })
  }

  #say(subject: string, tell: Tell): void {
    this.#sparing.say(subject, this.#clock.monotonicNs(), tell)
  }

  #down({ code, message }: Pick<FailedReading, 'code' | 'message'>, more: string): void {
    this.#isToldDown = true
    this.#sink.note('sensor_unavailable', `${this.#sensor}: ${code} ${message}${more}`)
  }

  /** Where the ledger was told that it is down. */
  #recovered(more: string): void {
    if (this.#isToldDown) this.#sink.note('sensor_recovered', `${this.#sensor}${more}`)
    this.#isToldDown = false
  }

  #unmetered(text: string): void {
    if (this.#saidUnmetered.has(text)) return
    this.#saidUnmetered.add(text)
    this.#logger.warn({ event: 'hardware_unmetered', sensor: this.#sensor }, `${this.#sensor}: ${text}`)
    this.#sink.note('hardware_unmetered', `${this.#sensor}: ${text}`)
  }
}
