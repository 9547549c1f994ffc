import { least } from '../../model/bigint.ts'
import type { Channel, CounterChannel, Scope } from '../../model/channel.ts'
import { type Decimal, wholeParts } from '../../model/decimal.ts'
import { SensorError } from '../../model/sensor-error.ts'
import { NS_PER_MS, wattsOf } from '../../model/units.ts'
import type { Declared } from './keys.ts'
import { isOneOf, OF_A_SOCKET, WHOLE } from './scopes.ts'
import { UNITS } from './units.ts'

/** No host draws more, and none of its parts a tenth of it. */
const MAX_HOST_UW = 100_000_000_000n
const MAX_PART_UW = 10_000_000_000n
/** Meters of a socket or a rack keep 1 to 2 %. What is behind a number nobody knows. */
const METER_UNCERTAINTY = 0.05
/** The ledger keeps counts as integers of 64 bits. */
const MOST_COUNTS = 2n ** 63n - 1n

export type Value =
  | { readonly status: 'counter'; readonly count: bigint }
  | { readonly status: 'power'; readonly powerUw: bigint }

export interface ChannelOptions {
  readonly sensor: string
  /** The meter of the whole machine that it is, or belongs to; null for a part. */
  readonly nodeMeter: string | null
  readonly intervalMs: number
  readonly facts: Readonly<Record<string, string>>
}

/** A number of which the configuration alone says what it measures, and in what. */
export class DeclaredMeter {
  readonly #declared: Declared
  /** Counts in one unit of a counter: 100 for two decimals. The channel's, and the most that were seen; null for none yet. */
  #parts: bigint | null = null
  #finest: bigint | null = null
  #mostUw: bigint

  constructor(declared: Declared) {
    this.#declared = declared
    this.#mostUw = mostUwOf(declared.scope)
  }

  /** From now on it shows no more than this. */
  bound(mostUw: bigint): void {
    this.#mostUw = least(mostUw, mostUwOf(this.#declared.scope))
  }

  /** Whether it now tells more decimals than its channel counts. */
  get isFiner(): boolean {
    return this.#finest !== null && (this.#parts === null || this.#finest > this.#parts)
  }

  /** Its channel from now on. */
  channel({ sensor, nodeMeter, intervalMs, facts }: ChannelOptions): Channel {
    const { unit, scope, device, hardware } = this.#declared
    const { kind, micro } = UNITS[unit]
    this.#parts = this.#finest
    const base = {
      sensor,
      scope,
      device,
      quality: 'measured',
      maxPowerUw: this.#mostUw,
      relativeUncertainty: METER_UNCERTAINTY,
      nodeMeter,
      hardware: scope === 'gpu' || isOneOf(OF_A_SOCKET, scope) ? placeOf(hardware ?? device) : null,
      intervalNs: BigInt(Math.round(intervalMs)) * NS_PER_MS,
      facts,
    } as const
    return kind === 'power' ? { ...base, kind } : { ...base, kind, modulus: null, ...this.#register(micro, facts) }
  }

  #register(
    micro: bigint,
    facts: Channel['facts'],
  ): Pick<CounterChannel, 'unitUj' | 'facts'> & Partial<CounterChannel> {
    const parts = this.#parts
    if (parts === null) return { unitUj: { numerator: micro, denominator: 1n }, facts, isUnidentified: true }
    const resolution = `${1 / Number(parts)} ${this.#declared.unit}`
    return { unitUj: { numerator: micro, denominator: parts }, facts: { ...facts, resolution } }
  }

  /**
   * What a number means.
   * @param isLit whether it must show that the machine runs
   * @param place where it was found, for messages
   */
  value(number: Decimal | null, { text, place, isLit }: Found): Value {
    const { unit, scope } = this.#declared
    const { kind, micro } = UNITS[unit]
    const corrupt = (what: string) => new SensorError('SENSOR_CORRUPT', `${place}: ${what}`)
    if (number === null)
      throw corrupt(`expected a number such as 123.45, received ${JSON.stringify(text.slice(0, 40))}`)
    if (number.digits < 0n) throw corrupt(`${text.trim()} ${unit} is less than nothing`)
    if (kind === 'power') {
      const powerUw = wholeParts(number, micro)
      if (powerUw > this.#mostUw) throw corrupt(`${text.trim()} ${unit} are more than ${wattsOf(this.#mostUw)} W`)
      // One of several supplies may idle.
      if (powerUw === 0n && isLit && scope !== 'psu') throw corrupt('0 W from a machine that runs')
      return { status: kind, powerUw }
    }
    // No finer than a microjoule: more decimals than that are a rounding error's.
    const parts = 10n ** BigInt(Math.min(number.decimals, String(micro).length - 1))
    if (this.#finest === null || parts > this.#finest) this.#finest = parts
    const count = wholeParts(number, this.#parts ?? parts)
    if (count <= MOST_COUNTS) return { status: kind, count }
    throw corrupt(`${text.trim()} ${unit} are more than any machine has used`)
  }
}

interface Found {
  readonly text: string
  readonly place: string
  readonly isLit: boolean
}

const mostUwOf = (scope: Scope): bigint => (isOneOf(WHOLE, scope) ? MAX_HOST_UW : MAX_PART_UW)

/**
 * As the kernel has it, so that another sensor's is the same. Of 0000:3b:00.0 nvidia-smi writes eight digits of the domain and
 * capitals, lspci no domain at all.
 */
function placeOf(text: string): string {
  const [, domain, address] = /^(?:(?:0000)?([\da-f]{4}):)?([\da-f]{2}:[\da-f]{2}\.[0-7])$/i.exec(text) ?? []
  return address === undefined ? text : `${domain ?? '0000'}:${address}`.toLowerCase()
}
