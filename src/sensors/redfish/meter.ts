import type { Json } from '../../io/answer.ts'
import { least } from '../../model/bigint.ts'
import type { Channel, CounterChannel } from '../../model/channel.ts'
import { type Decimal, wholeParts } from '../../model/decimal.ts'
import type { Reading } from '../../model/reading.ts'
import { SensorError } from '../../model/sensor-error.ts'
import { NS_PER_MS, UJ_PER_J, wattsOf } from '../../model/units.ts'
import type { Source } from './source.ts'
import type { Measured } from './survey.ts'

/** No host of one controller draws more; all ones in 16 bits are 65,535 W. */
const MOST_UW = 50_000_000_000n
/** Supplies take in a quarter more than they give at the worst, and are overloaded for moments. */
const MOST_OF_RATED = 1.5
/** The ledger keeps counts as integers of 64 bits. */
const MOST_COUNTS = 2n ** 63n - 1n
/** Meters of this kind (PMBus) are within 2 %. Power that is read twice a minute misses what happens in between. */
const COUNTER_UNCERTAINTY = 0.02
const POWER_UNCERTAINTY = 0.03
/** Decimals that are counted: usual ones, though a number need not show its last zeros, and those of what shows more. */
const DECIMALS: Readonly<Record<string, readonly [usual: number, fine: number]>> = {
  kWh: [3, 6],
  Wh: [0, 3],
  J: [0, 6],
}
/** Coarser than 10 Wh a counter stands for minutes, so that the power beside it is the better meter. */
const FINE_KWH = 2
/** What is not measured anew for so many intervals is a failure that shows. Some counters tell every few minutes. */
const STALE_INTERVALS = { power: 3n, counter: 20n }
const SET_UNIX_MS = Date.UTC(2020)

/** Right before and right after it was asked. */
export interface Stamp {
  readonly beforeNs: bigint
  readonly afterNs: bigint
}

export interface MeterOptions {
  readonly intervalMs: number
  readonly nodeMeter: string | null
  /** What the supplies can give, in W; null where that is not known. */
  readonly ratedW: number | null
  readonly facts: Readonly<Record<string, string>>
}

/** One channel: what the figures of its source mean, one after the other. */
export class Meter {
  readonly channel: Channel
  readonly path: string
  readonly #source: Source
  readonly #decimals: number
  readonly #since: string
  #isOutdated = false
  #last: Reading | null = null
  #readingTime = ''
  #newNs = 0n

  /** @param nodeMeter null where a better one stands for the machine */
  constructor({ source, scope, device }: Measured, options: MeterOptions) {
    const { intervalMs, facts, nodeMeter, ratedW } = options
    this.path = source.path
    this.#source = source
    const { value, resetTime } = source.found
    this.#decimals = decimalsOf(source, value)
    this.#since = resetTime
    const base = {
      sensor: 'redfish',
      scope,
      device,
      quality: 'measured',
      maxPowerUw: ratedW === null ? MOST_UW : least(MOST_UW, BigInt(Math.ceil(ratedW * MOST_OF_RATED)) * UJ_PER_J),
      nodeMeter,
      hardware: null,
      intervalNs: BigInt(Math.round(intervalMs)) * NS_PER_MS,
      facts: { ...facts, source: source.label, ...(ratedW !== null && { supplies: `${ratedW} W` }) },
    } as const
    this.channel =
      source.kind === 'power'
        ? { ...base, kind: 'power', relativeUncertainty: POWER_UNCERTAINTY }
        : counter(base, source, this.#decimals, resetTime)
  }

  /** Whether it counts from another time or more finely than its channel says. */
  get isOutdated(): boolean {
    return this.#isOutdated
  }

  /** The last good one. */
  get last(): Reading | null {
    return this.#last
  }

  /** Null where nothing was measured since the last reading. */
  read(resource: Json, stamp: Stamp): Reading | null {
    const { value, readingTime, resetTime } = this.#source.figure(resource)
    if (isClock(readingTime) && readingTime === this.#readingTime) return this.#stale(readingTime, stamp)
    const reading = this.#readingOf(value, resetTime, stamp)
    if (reading.status === 'failed') return reading
    this.#readingTime = readingTime
    this.#newNs = stamp.beforeNs
    this.#last = reading
    return reading
  }

  fail({ code, message }: SensorError, stamp: Stamp): Reading {
    return { status: 'failed', code, message, ...stamp }
  }

  #stale(readingTime: string, stamp: Stamp): Reading | null {
    const ageNs = stamp.beforeNs - this.#newNs
    if (ageNs < STALE_INTERVALS[this.channel.kind] * this.channel.intervalNs) return null
    return this.fail(new SensorError('SENSOR_TRANSIENT', `it was not measured since ${readingTime}`), stamp)
  }

  #readingOf(value: Decimal | null, resetTime: string, stamp: Stamp): Reading {
    const { unit, kind, micro } = this.#source
    const corrupt = (text: string) => this.fail(new SensorError('SENSOR_CORRUPT', text), stamp)
    if (value === null) return this.fail(new SensorError('SENSOR_TRANSIENT', 'the controller has no number now'), stamp)
    const { digits } = value
    // One of several supplies may idle.
    if (digits < 0n || (digits === 0n && this.channel.scope !== 'psu'))
      return corrupt(`${digits} ${unit} from a machine that runs`)
    if (kind === 'power') {
      const powerUw = wholeParts(value, micro)
      const { maxPowerUw } = this.channel
      if (powerUw <= maxPowerUw) return { status: 'power', powerUw, ...stamp }
      return corrupt(
        `${wattsOf(powerUw)} W are more than ${wattsOf(maxPowerUw)} W, which its supplies can take at most`,
      )
    }
    const count = wholeParts(value, 10n ** BigInt(this.#decimals))
    if (count > MOST_COUNTS) return corrupt(`${count} counts are more than any machine makes`)
    if (decimalsOf(this.#source, value) > this.#decimals || resetTime !== this.#since) this.#isOutdated = true
    const isReset = resetTime !== this.#since && this.#last?.status === 'counter' && count >= this.#last.count
    return isReset ? corrupt(`it was reset at ${resetTime}`) : { status: 'counter', count, ...stamp }
  }
}

/** The best of what meters the machine is its meter, and what stands beside it the next best. */
export function metersOf(measured: readonly Measured[], options: Omit<MeterOptions, 'nodeMeter'>): readonly Meter[] {
  const [first, ...others] = measured
  const isCoarse = first !== undefined && others.length > 0 && !isFine(first.source)
  return measured.map((one, index) => {
    const isBest = one.scope === 'psu' || index === (isCoarse ? 1 : 0)
    return new Meter(one, { ...options, nodeMeter: isBest ? 'redfish' : isCoarse ? null : 'redfish-power' })
  })
}

const isFine = ({ unit, found }: Source): boolean => unit !== 'kWh' || (found.value?.decimals ?? 0) >= FINE_KWH

function counter(
  base: Omit<CounterChannel, 'kind' | 'relativeUncertainty' | 'modulus' | 'unitUj'>,
  { micro, unit }: Source,
  decimals: number,
  since: string,
): CounterChannel {
  const resolution = `${10 ** -decimals} ${unit}`
  const counted = since === '' ? {} : { since }
  return {
    ...base,
    kind: 'counter',
    relativeUncertainty: COUNTER_UNCERTAINTY,
    modulus: null,
    unitUj: { numerator: micro, denominator: 10n ** BigInt(decimals) },
    ...counted,
    facts: { ...base.facts, resolution, ...counted },
  }
}

/** One of two, so that the noise in the last digits of a number does not make another register of it. */
function decimalsOf({ unit }: Source, value: Decimal | null): number {
  const [usual, fine] = DECIMALS[unit] ?? [0, 0]
  return (value?.decimals ?? 0) > usual ? fine : usual
}

/** A controller whose clock was never set says the same time for ever. */
const isClock = (time: string): boolean => Date.parse(time) >= SET_UNIX_MS
