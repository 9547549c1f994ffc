import { join } from 'node:path'
import type { Channel } from '../../model/channel.ts'
import type { NativeChannel } from '../../native/addon.ts'
import type { ReaderPlan } from '../../native/polled-sensor.ts'
import { type Comparison, CounterCheck, OF_FIRMWARE } from '../counter-check.ts'
import type { SensorCode, SensorContext } from '../sensor-type.ts'
import { COMPARE_MS, type Seat, WatchedSensor, type WatchOptions } from '../watched-sensor.ts'
import { countsEnergy, hsmpChannel } from './channel.ts'
import { describeErrno, explainHsmpError } from './remedy.ts'
import type { HsmpSettings } from './schema.ts'

export type HsmpOptions = HsmpSettings & Pick<WatchOptions, 'compareMs'>

/** The firmware answers within 100 ms (HSMP_MSG_TIMEOUT of the driver). */
const DEADLINE_MS = 2_000
/** Five questions to each of eight sockets, each of which may take all of its time. */
const OPEN_TIMEOUT_MS = 30_000

/** The processors of an EPYC by the host system management port. */
export const hsmp: SensorCode<HsmpOptions> = {
  create(options, context) {
    const sockets = new Sockets(options, context)
    return new WatchedSensor('hsmp', {
      discover: async () => [sockets.plan()],
      seats: (channels) => sockets.seats(channels),
      distrusted: sockets.distrusted,
      firstLookMs: 0,
      unmetered: () => [],
    })
  },
}

class Sockets {
  readonly distrusted = new Map<string, Comparison>()
  readonly #options: HsmpOptions
  readonly #context: SensorContext
  #found: readonly NativeChannel[] = []

  constructor(options: HsmpOptions, context: SensorContext) {
    this.#options = options
    this.#context = context
  }

  plan(): ReaderPlan {
    const { interval: intervalMs, device } = this.#options
    const path = device.startsWith('/dev/') ? join(this.#context.devfs, device.slice('/dev/'.length)) : device
    const doubt = ({ attributes }: NativeChannel) => this.distrusted.get(`socket-${attributes.socket}`) ?? null
    return {
      reader: { type: 'hsmp', device: path },
      intervalMs,
      deadlineMs: DEADLINE_MS,
      openTimeoutMs: OPEN_TIMEOUT_MS,
      bind: (found) => {
        this.#found = found
        return found.map((one) => hsmpChannel(one, path, intervalMs, doubt(one)))
      },
      explain: (error) => explainHsmpError(error, path, this.#context),
      describe: describeErrno,
    }
  }

  /** Of each socket its energy where it is counted, else its power. */
  seats(channels: readonly Channel[]): readonly Seat[] {
    return channels.flatMap((channel, at) => {
      const energy = channels[at + 1]
      const found = this.#found[at + 1]
      if (channel.kind !== 'power') return []
      const title = `processor ${channel.device}`
      if (energy?.kind !== 'counter' || !found || !countsEnergy(found) || this.distrusted.has(channel.device))
        return { channel, title, at: [at], watch: null }
      const check = new CounterCheck(energy, OF_FIRMWARE, this.#options.compareMs ?? COMPARE_MS)
      return { channel: energy, title, at: [at + 1], watch: { witnessAt: at, check } }
    })
  }
}
