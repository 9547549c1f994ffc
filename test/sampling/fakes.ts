import type { Channel } from '../../src/model/channel.ts'
import type { LogFields, Logger } from '../../src/model/logger.ts'
import type { Sweep } from '../../src/model/reading.ts'
import type { Sensor } from '../../src/model/sensor.ts'
import { SensorError, type SensorErrorCode, type SensorErrorOptions } from '../../src/model/sensor-error.ts'
import { NS_PER_S } from '../../src/model/units.ts'
import { SensorRunner } from '../../src/sampling/sensor-runner.ts'
import type { ReadingSink, Rejection } from '../../src/sampling/sink.ts'
import { failed, power, powerChannel, TestClock, watts } from '../integration/machine.ts'

export const bmc = powerChannel('bmc')

/** Hardware that a test plugs, breaks and holds up. */
export class FakeSensor implements Sensor {
  readonly name = 'ipmi'
  isQuick = false
  channels: readonly Channel[] = [bmc]
  unmetered: readonly string[] = []
  /** What open() rejects with, while set. */
  fault: SensorError | null = null
  /** What changed() says, or rejects with. */
  isChanged: boolean | Error = false
  /** open() waits for it, or for its abort. */
  held: Promise<void> | null = null
  sweeps: Sweep[] = []
  opens = 0
  closes = 0
  asked = 0

  async open(signal: AbortSignal): Promise<readonly Channel[]> {
    this.opens += 1
    if (this.held !== null) {
      const aborted = new Promise<never>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
      await Promise.race([this.held, aborted])
    }
    if (this.fault !== null) throw this.fault
    return this.channels
  }

  drain(): readonly Sweep[] {
    const sweeps = this.sweeps
    this.sweeps = []
    return sweeps
  }

  async readNow(): Promise<readonly Sweep[]> {
    return []
  }

  async changed(): Promise<boolean> {
    this.asked += 1
    if (this.isChanged instanceof Error) throw this.isChanged
    return this.isChanged
  }

  async close(): Promise<void> {
    this.closes += 1
  }
}

/** Keeps all it is told. */
export class RecordingSink implements ReadingSink {
  readonly channels: (readonly Channel[])[] = []
  readonly sweeps: Sweep[] = []
  readonly notes: string[] = []
  /** What the channels reject of what comes, while set. */
  rejects: readonly Rejection[] = []
  accountOpens = 0
  ticks = 0

  setChannels(_: string, channels: readonly Channel[]): void {
    this.channels.push(channels)
  }

  accept(_: string, sweeps: readonly Sweep[]): readonly Rejection[] {
    this.sweeps.push(...sweeps)
    return sweeps.length > 0 ? this.rejects : []
  }

  openAccount(): void {
    this.accountOpens += 1
  }

  tick(): void {
    this.ticks += 1
  }

  note(what: string): void {
    this.notes.push(what)
  }
}

export class RecordingLogger implements Logger {
  readonly lines: string[] = []
  readonly debug = (): void => {}
  readonly info = (fields: LogFields): void => this.#add('info', fields)
  readonly warn = (fields: LogFields): void => this.#add('warn', fields)
  readonly error = (fields: LogFields): void => this.#add('error', fields)

  #add(level: string, { event, code }: LogFields): void {
    this.lines.push([level, event, code].filter(Boolean).join(' '))
  }
}

/** One runner with all that surrounds it. */
export class Bench {
  readonly sensor = new FakeSensor()
  readonly sink = new RecordingSink()
  readonly clock = new TestClock()
  readonly logger = new RecordingLogger()
  readonly runner = new SensorRunner(this.sensor, this.sink, this.clock, this.logger)

  /** Passes of one second each, with a reading of `watts` or a failure before each; null: nothing was read. */
  async pass(seconds: number, reading: number | 'fails' | null = null): Promise<void> {
    for (let s = 0; s < seconds; s++) {
      this.clock.advance(NS_PER_S)
      if (reading !== null) {
        const one = reading === 'fails' ? failed(this.clock.ns) : power(this.clock.ns, watts(reading))
        this.sensor.sweeps.push({ first: 0, readings: [one] })
      }
      this.runner.poll()
      await settled()
    }
  }
}

/** After everything that only waits for promises already kept. */
export const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

export const fault = (code: SensorErrorCode, options: SensorErrorOptions = {}): SensorError =>
  new SensorError(code, `the BMC says ${code}`, options)
