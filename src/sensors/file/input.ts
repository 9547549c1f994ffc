import { least } from '../../model/bigint.ts'
import type { Channel, Scope } from '../../model/channel.ts'
import type { Clock } from '../../model/clock.ts'
import { type Decimal, parseDecimal, wholeParts } from '../../model/decimal.ts'
import type { Reading } from '../../model/reading.ts'
import { SensorError } from '../../model/sensor-error.ts'
import { NS_PER_MS, wattsOf } from '../../model/units.ts'
import type { FileInputSettings } from './schema.ts'
import { isOneOf, OF_A_SOCKET, WHOLE } from './scopes.ts'
import { readFirstLine } from './text.ts'
import { UNITS } from './units.ts'

/** No host draws more, and none of its parts a tenth of it. */
const MAX_HOST_UW = 100_000_000_000n
const MAX_PART_UW = 10_000_000_000n
/** Meters of a socket or a rack keep 1 to 2 %. What is behind a file nobody knows. */
const METER_UNCERTAINTY = 0.05
/** The ledger keeps counts as integers of 64 bits. */
const MOST_COUNTS = 2n ** 63n - 1n

type Value =
  | { readonly status: 'counter'; readonly count: bigint }
  | { readonly status: 'power'; readonly powerUw: bigint }

/** One file with a number. */
export class FileInput {
  readonly #settings: FileInputSettings
  readonly #isMeter: boolean
  readonly #clock: Clock
  /** Counts in one unit of a counter: 100 for two decimals. The channel's, and the most that were seen. */
  #parts = 1n
  #finest = 1n
  /** Of the file as it was last seen: which write it is of, and when that was and the look, by CLOCK_BOOTTIME. */
  #stamp = ''
  #writtenNs = 0n
  #lookedNs: bigint | null = null
  /** Which write the last reading is of. */
  #delivered = ''

  /** @param isMeter whether it is, or belongs to, the meter of the whole machine */
  constructor(settings: FileInputSettings, isMeter: boolean, clock: Clock) {
    this.#settings = settings
    this.#isMeter = isMeter
    this.#clock = clock
  }

  get path(): string {
    return this.#settings.path
  }

  /** Whether it now tells more decimals than its channel counts. */
  get isFiner(): boolean {
    return this.#finest > this.#parts
  }

  /** Throws a SensorError when there is nothing to read. */
  probe(): void {
    this.#value()
  }

  /** Its channel from now on. */
  channel(intervalMs: number): Channel {
    const { path, unit, scope, device, hardware, max_age: maxAgeMs } = this.#settings
    const { kind, micro } = UNITS[unit]
    this.#parts = this.#finest
    this.#delivered = ''
    const base = {
      sensor: 'file',
      scope,
      device,
      quality: 'measured',
      maxPowerUw: mostUwOf(scope),
      relativeUncertainty: METER_UNCERTAINTY,
      nodeMeter: this.#isMeter ? 'file' : null,
      hardware: scope === 'gpu' || isOneOf(OF_A_SOCKET, scope) ? placeOf(hardware ?? device) : null,
      // A counter is read when it was written, which max_age bounds.
      intervalNs: BigInt(kind === 'power' ? intervalMs : Math.max(intervalMs, maxAgeMs)) * NS_PER_MS,
      facts: { path, unit, maxAge: `${maxAgeMs / 1_000} s` },
    } as const
    if (kind === 'power') return { ...base, kind }
    const unitUj = { numerator: micro, denominator: this.#parts }
    const resolution = `${1 / Number(this.#parts)} ${unit}`
    return { ...base, kind, modulus: null, unitUj, facts: { ...base.facts, resolution } }
  }

  /** Null for a counter that was not written since the last reading, unless somebody asks. */
  read(isAsked: boolean): Reading | null {
    const beforeNs = this.#clock.monotonicNs()
    const value = this.#attempt()
    const afterNs = this.#clock.monotonicNs()
    if (value.status === 'counter' && this.#stamp === this.#delivered && !isAsked) return null
    this.#delivered = this.#stamp
    return { ...value, beforeNs, afterNs }
  }

  #attempt() {
    try {
      const value = this.#value()
      // One of several supplies may idle.
      if (value.status === 'power' && value.powerUw === 0n && this.#isMeter && this.#settings.scope !== 'psu') {
        throw new SensorError('SENSOR_CORRUPT', `${this.#settings.path}: 0 W from a machine that runs`)
      }
      return value
    } catch (error) {
      if (!(error instanceof SensorError)) throw error
      const { code, message, remedy } = error
      const text = remedy === undefined ? message : `${message}. Remedy: ${remedy}`
      return { status: 'failed', code, message: text } as const
    }
  }

  #value(): Value {
    const { path, unit, scope } = this.#settings
    const { kind, micro } = UNITS[unit]
    const corrupt = (text: string) => new SensorError('SENSOR_CORRUPT', `${path}: ${text}`)
    const { text, number } = this.#look()
    if (number === null)
      throw corrupt(`expected a number such as 123.45, received ${JSON.stringify(text.slice(0, 40))}`)
    if (number.digits < 0n) throw corrupt(`${text.trim()} ${unit} is less than nothing`)
    if (kind === 'power') {
      const powerUw = wholeParts(number, micro)
      const mostUw = mostUwOf(scope)
      if (powerUw <= mostUw) return { status: kind, powerUw }
      throw corrupt(`${text.trim()} ${unit} are more than ${wattsOf(mostUw)} W`)
    }
    // No finer than a microjoule: more decimals than that are a rounding error's.
    const parts = 10n ** BigInt(Math.min(number.decimals, String(micro).length - 1))
    if (parts > this.#finest) this.#finest = parts
    const count = wholeParts(number, this.#parts)
    if (count <= MOST_COUNTS) return { status: kind, count }
    throw corrupt(`${text.trim()} ${unit} are more than any machine has used`)
  }

  /**
   * The number, while it is young enough. The wall clock tells the age of a file that is seen for the first time; from then
   * on it may jump, for what was written since the last look is no older than that.
   */
  #look(): { readonly text: string; readonly number: Decimal | null } {
    const { path, max_age: maxAgeMs } = this.#settings
    const { text, writtenUnixMs, stamp } = readFirstLine(path)
    const nowNs = this.#clock.boottimeNs()
    if (stamp !== this.#stamp) {
      const byWallNs = BigInt(Math.max(0, Math.round(this.#clock.unixMs() - writtenUnixMs))) * NS_PER_MS
      const sinceLookNs = this.#lookedNs === null ? byWallNs : nowNs - this.#lookedNs
      this.#writtenNs = nowNs - least(byWallNs, sinceLookNs)
      this.#stamp = stamp
    }
    this.#lookedNs = nowNs
    const ageMs = Number((nowNs - this.#writtenNs) / NS_PER_MS)
    if (ageMs <= maxAgeMs) return { text, number: parseDecimal(text) }
    throw new SensorError('SENSOR_TRANSIENT', `${path} was not written for ${Math.round(ageMs / 1_000)} s`)
  }
}

const mostUwOf = (scope: Scope): bigint => (isOneOf(WHOLE, scope) ? MAX_HOST_UW : MAX_PART_UW)

/** nvidia-smi writes a PCI address with eight digits of its domain and in capitals, the kernel 0000:3b:00.0. */
function placeOf(text: string): string {
  const [, address] = /^(?:0000)?([\da-f]{4}:[\da-f]{2}:[\da-f]{2}\.[0-7])$/i.exec(text) ?? []
  return address?.toLowerCase() ?? text
}
