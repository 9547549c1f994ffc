import { type Channel, type ChannelKey, channelKey } from '../model/channel.ts'
import type { Logger } from '../model/logger.ts'
import type { FailedReading } from '../model/reading.ts'
import type { SensorError } from '../model/sensor-error.ts'
import type { ReadingSink } from './sink.ts'

/** Tells log and ledger how a sensor fares: each state once, not each time it is met again. */
export class SensorNews {
  readonly #sensor: string
  readonly #sink: ReadingSink
  readonly #logger: Logger
  readonly #saidUnmetered = new Set<string>()
  /** Why it cannot be used. */
  #reported: string | null = null
  #isSilent = false

  constructor(sensor: string, sink: ReadingSink, logger: Logger) {
    this.#sensor = sensor
    this.#sink = sink
    this.#logger = logger
  }

  get isUnavailable(): boolean {
    return this.#reported !== null
  }

  get isAbsent(): boolean {
    return this.#reported === 'SENSOR_ABSENT'
  }

  opened(channels: readonly Channel[], unmetered: readonly string[]): void {
    if (this.isUnavailable && !this.isAbsent) this.#sink.note('sensor_recovered', this.#sensor)
    this.#reported = null
    const devices = channels.map(({ scope, device }) => `${scope}/${device}`)
    this.#logger.info(
      { event: 'sensor_opened', sensor: this.#sensor, channels: devices },
      `${this.#sensor}: ${devices.join(', ')}`,
    )
    for (const text of unmetered) this.#unmetered(text)
  }

  /** What a sensor opened anew no longer has: a supply pulled out, a GPU that its driver no longer counts. */
  gone(before: readonly Channel[], now: readonly Channel[]): void {
    const present = new Set(now.map(channelKey))
    for (const key of before.map(channelKey).filter((key) => !present.has(key))) {
      this.#logger.warn({ event: 'channel_gone', sensor: this.#sensor, channel: key }, `${key}: no longer there`)
      this.#sink.note('channel_gone', key)
    }
  }

  unavailable(error: SensorError): void {
    if (this.#reported === error.code) return
    this.#reported = error.code
    const remedy = error.remedy === undefined ? '' : ` Remedy: ${error.remedy}`
    const fields = { event: 'sensor_unavailable', sensor: this.#sensor, code: error.code }
    const text = `${this.#sensor}: ${error.message.replace(/\.$/, '')}.${remedy}`
    if (error.isUnconfigured) this.#logger.debug(fields, text)
    else if (this.isAbsent) this.#logger.info(fields, text)
    else {
      this.#logger.warn(fields, text)
      this.#sink.note('sensor_unavailable', `${this.#sensor}: ${error.code} ${error.message}`)
    }
  }

  /** It is open, and for some sweeps nothing could be read. */
  silent({ code, message }: FailedReading): void {
    if (this.#isSilent) return
    this.#isSilent = true
    const text = `${this.#sensor}: none of its readings comes, the last said: ${message}. wattledger doctor tells what to do`
    this.#logger.warn({ event: 'sensor_unavailable', sensor: this.#sensor, code }, text)
    this.#sink.note('sensor_unavailable', `${this.#sensor}: ${code} ${message}`)
  }

  /** A reading came. */
  heard(): void {
    if (!this.#isSilent) return
    this.#isSilent = false
    this.#logger.info({ event: 'sensor_recovered', sensor: this.#sensor }, `${this.#sensor}: its readings come again`)
    this.#sink.note('sensor_recovered', this.#sensor)
  }

  corrupt(key: ChannelKey, change: 'corrupt' | 'recovered', reason: string): void {
    if (change === 'recovered') {
      this.#logger.info({ event: 'channel_recovered', channel: key }, `${key}: its readings are believable again`)
      this.#sink.note('channel_recovered', key)
      return
    }
    const text = `${key}: its readings cannot be true and are not counted (${reason}); wattledger doctor shows them`
    this.#logger.warn({ event: 'channel_corrupt', channel: key, code: 'SENSOR_CORRUPT' }, text)
    this.#sink.note('channel_corrupt', `${key}: ${reason}`)
  }

  #unmetered(text: string): void {
    if (this.#saidUnmetered.has(text)) return
    this.#saidUnmetered.add(text)
    this.#logger.warn({ event: 'hardware_unmetered', sensor: this.#sensor }, `${this.#sensor}: ${text}`)
    this.#sink.note('hardware_unmetered', `${this.#sensor}: ${text}`)
  }
}
