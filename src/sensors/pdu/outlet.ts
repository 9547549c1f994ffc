import type { Channel } from '../../model/channel.ts'
import type { Reading } from '../../model/reading.ts'
import { SensorError } from '../../model/sensor-error.ts'
import { NS_PER_MS, UJ_PER_J, wattsOf } from '../../model/units.ts'
import { failureOf } from '../failure.ts'
import { DisciplinedCounter } from './disciplined-counter.ts'
import { COARSE_UJ, type EnergyRegister, isNamedAs, type Profile } from './profiles.ts'
import type { SnmpValue } from './snmp.ts'

/** No outlet of a rack delivers more. */
const MOST_UW = 25_000_000_000n
/** Outlets are metered within 1 %. Power that is read now and then misses what happens in between. */
const COUNTER_UNCERTAINTY = 0.01
const POWER_UNCERTAINTY = 0.02
/** The largest value of a register that has none: of 31 and 32 bits. */
const NONE: readonly bigint[] = [2n ** 31n - 1n, 2n ** 32n - 1n]
/** A power further from the last one says nothing of the time between them. */
const MOST_INTERVALS = 3n
const MOST_DECIMALS = 6n

interface Stamp {
  readonly beforeNs: bigint
  readonly afterNs: bigint
}

export interface OutletOptions {
  /** Its name for messages and as a device: `10.0.0.5/12`. */
  readonly name: string
  readonly numbers: string
  readonly intervalMs: number
  /** Whether it is the machine's only cord, so that it draws something. */
  readonly isOnly: boolean
  /** Since when this run follows counters that are too coarse to be gone on from. */
  readonly startedText: string
}

/** What was found at an outlet. */
interface Known {
  readonly register: EnergyRegister | null
  /** Of a count, and of a watt. */
  readonly parts: bigint
  readonly wattParts: bigint
  readonly resetStamp: string
  readonly disciplined: DisciplinedCounter | null
}

/** One outlet that feeds this machine. */
export class Outlet {
  readonly #options: OutletOptions
  /** Whose it is, and how that is known; null before it is. */
  #profile: Profile | null = null
  #how = ''
  #known: Known | null = null
  #isOutdated = false

  constructor(options: OutletOptions) {
    this.#options = options
  }

  get name(): string {
    return this.#options.name
  }

  /** What has to be asked for. */
  get oids(): readonly string[] {
    if (this.#profile === null) return []
    const { power, energy, reset, decimals } = this.#profile
    const oids = [power, energy?.oid, reset, decimals?.power, decimals?.energy]
    return oids.flatMap((oid) => (oid === undefined ? [] : [oid.replace('#', this.#options.numbers)]))
  }

  /** Whether it counts from another time than its channel says. */
  get isOutdated(): boolean {
    return this.#isOutdated
  }

  /** Throws a SensorError where the outlets of such PDUs have other names. */
  identify(profile: Profile, how: string): void {
    const { name, numbers } = this.#options
    if (!isNamedAs(profile, numbers)) {
      throw new SensorError('SENSOR_ABSENT', `${name}: the PDU is of ${profile.maker}`, {
        remedy: `name its outlets in sensors.pdu.devices by ${profile.numbers.join('.')}`,
      })
    }
    if (this.#profile !== null && this.#profile !== profile) this.#known = null
    this.#profile = profile
    this.#how = how
  }

  /** Its channel from now on. */
  channel(): Channel {
    const { name, numbers, intervalMs, startedText } = this.#options
    this.#isOutdated = false
    const base = {
      sensor: 'pdu',
      scope: 'ac_in',
      device: name,
      quality: 'measured',
      maxPowerUw: MOST_UW,
      nodeMeter: 'pdu',
      hardware: null,
      isShare: true,
      intervalNs: BigInt(Math.round(intervalMs)) * NS_PER_MS,
    } as const
    const profile = this.#profile
    const facts = { pdu: profile === null ? 'not known yet' : `${profile.maker}${this.#how}`, outlet: numbers }
    const known = this.#known
    const register = known === null ? profile?.energy : known.register
    if (register === null) return { ...base, kind: 'power', relativeUncertainty: POWER_UNCERTAINTY, facts }
    const counter = { ...base, kind: 'counter', relativeUncertainty: COUNTER_UNCERTAINTY } as const
    if (known === null || register === undefined) {
      const unitUj = { numerator: register?.unitUj ?? 1n, denominator: 1n }
      return { ...counter, modulus: null, unitUj, facts, isUnidentified: true }
    }
    const resolution = `${Number(register.unitUj / known.parts) / 3.6e9} Wh`
    const since = known.resetStamp === '' ? {} : { since: known.resetStamp }
    if (known.disciplined === null) {
      const unitUj = { numerator: register.unitUj, denominator: known.parts }
      return { ...counter, modulus: register.modulus, unitUj, ...since, facts: { ...facts, resolution, ...since } }
    }
    const followed = { ...counter, unitUj: { numerator: 1n, denominator: 1n } } as const
    const told = { ...facts, resolution: `${resolution}, power between`, ...since }
    if (isCoarse(register.unitUj / known.parts)) {
      return { ...followed, modulus: null, since: `${startedText}${known.resetStamp}`, facts: told }
    }
    const modulus = register.modulus === null ? null : (register.modulus * register.unitUj) / known.parts
    return { ...followed, modulus, ...since, facts: told }
  }

  /** Throws a SensorError where there is no outlet that meters. */
  find(values: ReadonlyMap<string, SnmpValue>): void {
    const { name } = this.#options
    const profile = this.#profile
    if (profile === null) throw this.#unknown()
    const { energy } = profile
    const [power, count] = [this.#number(values, profile.power), this.#number(values, energy?.oid)]
    if (power === null && count === null) {
      throw new SensorError('SENSOR_ABSENT', `${name}: ${profile.maker} tells neither watts nor energy of it`, {
        remedy: 'compare profile and outlets in sensors.pdu.devices with the PDU: it has to meter each outlet',
      })
    }
    const register = count === null ? null : energy
    const resetStamp = this.#stamp(values)
    const before = this.#known
    if (before !== null && before.register === register && before.resetStamp === resetStamp) return
    const [wattParts, parts] = [
      this.#parts(values, profile.decimals?.power),
      this.#parts(values, profile.decimals?.energy),
    ]
    this.#known = { register, parts, wattParts, resetStamp, disciplined: this.#discipline(register, parts, power) }
  }

  /** Null before the first count of a counter, unless somebody asks. */
  read(values: ReadonlyMap<string, SnmpValue>, isAsked: boolean, stamp: Stamp): Reading | null {
    try {
      const value = this.#read(values, isAsked, stamp)
      return value && { ...value, ...stamp }
    } catch (error) {
      if (!(error instanceof SensorError)) throw error
      return { status: 'failed', ...failureOf(error), ...stamp }
    }
  }

  #read(values: ReadonlyMap<string, SnmpValue>, isAsked: boolean, { beforeNs, afterNs }: Stamp) {
    const { name, isOnly } = this.#options
    const [known, profile] = [this.#known, this.#profile]
    if (known === null || profile === null) throw this.#unknown()
    if (this.#stamp(values) !== known.resetStamp) {
      this.#isOutdated = true
      throw new SensorError('SENSOR_TRANSIENT', `${name}: its energy was set back`)
    }
    const powerUw = this.#powerUw(values, known)
    if (known.register === null) {
      if (powerUw === null) throw new SensorError('SENSOR_TRANSIENT', `${name}: no watts now`)
      if (powerUw === 0n && isOnly) throw new SensorError('SENSOR_CORRUPT', `${name}: 0 W from a machine that runs`)
      return { status: 'power', powerUw } as const
    }
    const count = this.#number(values, profile.energy?.oid)
    if (count === null) throw new SensorError('SENSOR_TRANSIENT', `${name}: no energy now`)
    if (known.disciplined === null) return { status: 'counter', count } as const
    const energyUj = known.disciplined.advance({ count, powerUw, atNs: (beforeNs + afterNs) / 2n })
    if (energyUj !== null) return { status: 'counter', count: energyUj } as const
    if (powerUw === null) throw new SensorError('SENSOR_TRANSIENT', `${name}: no watts now`)
    return isAsked ? ({ status: 'counter', count: known.disciplined.energyUj } as const) : null
  }

  /** Null for an outlet without watts, whose counter is all that there is. */
  #discipline(register: EnergyRegister | null, parts: bigint, power: bigint | null): DisciplinedCounter | null {
    if (register === null || power === null) return null
    const stepUj = register.unitUj / parts
    return new DisciplinedCounter({
      stepUj,
      isAbsolute: !isCoarse(stepUj),
      modulus: register.modulus,
      maxPowerUw: MOST_UW,
      longestNs: MOST_INTERVALS * BigInt(Math.round(this.#options.intervalMs)) * NS_PER_MS,
    })
  }

  #powerUw(values: ReadonlyMap<string, SnmpValue>, { wattParts }: Known): bigint | null {
    const watts = this.#number(values, this.#profile?.power)
    if (watts === null) return null
    const powerUw = (watts * UJ_PER_J) / wattParts
    if (powerUw <= MOST_UW) return powerUw
    throw new SensorError('SENSOR_CORRUPT', `${this.name}: ${wattsOf(powerUw)} W are more than ${wattsOf(MOST_UW)} W`)
  }

  #unknown(): SensorError {
    return new SensorError('SENSOR_TRANSIENT', `${this.name}: it is not known yet`)
  }

  /** Null where the PDU has none: there is no such variable, it is below zero, or full. */
  #number(values: ReadonlyMap<string, SnmpValue>, oid: string | undefined): bigint | null {
    const value = this.#value(values, oid)
    return typeof value === 'bigint' && value >= 0n && !NONE.includes(value) ? value : null
  }

  #stamp(values: ReadonlyMap<string, SnmpValue>): string {
    return String(this.#value(values, this.#profile?.reset) ?? '')
  }

  #parts(values: ReadonlyMap<string, SnmpValue>, oid: string | undefined): bigint {
    if (oid === undefined) return 1n
    const decimals = this.#number(values, oid)
    if (decimals !== null && decimals <= MOST_DECIMALS) return 10n ** decimals
    throw new SensorError('SENSOR_CORRUPT', `${this.name}: the PDU does not tell how many decimals it has`)
  }

  #value(values: ReadonlyMap<string, SnmpValue>, oid: string | undefined): SnmpValue {
    return oid === undefined ? null : (values.get(oid.replace('#', this.#options.numbers)) ?? null)
  }
}

const isCoarse = (stepUj: bigint): boolean => stepUj >= COARSE_UJ
