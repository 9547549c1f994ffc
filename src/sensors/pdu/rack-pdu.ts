import type { Channel } from '../../model/channel.ts'
import type { Clock } from '../../model/clock.ts'
import type { Reading } from '../../model/reading.ts'
import { SensorError } from '../../model/sensor-error.ts'
import type { Remote } from '../remote-sensor.ts'
import { OBJECT_ID, profileOf } from './identify.ts'
import type { Outlet } from './outlet.ts'
import { PROFILES, type Profile } from './profiles.ts'
import type { SnmpClient, SnmpValue } from './snmp.ts'

/** SNMPv2-MIB, sysUpTime: hundredths of a second since its agent started. */
const UP_TIME = '1.3.6.1.2.1.1.3.0'
/** An agent that has just started shows zeros before it has asked its meters. */
const SETTLING = 3_000n

export interface RackPduOptions {
  readonly outlets: readonly Outlet[]
  /** Null asks the PDU. */
  readonly profile: Profile | null
  readonly client: Pick<SnmpClient, 'get' | 'close'>
  readonly clock: Pick<Clock, 'monotonicNs'>
}

/** One PDU and its outlets that feed this machine. */
export class RackPdu implements Remote {
  readonly label: string
  readonly #options: RackPduOptions

  constructor(label: string, options: RackPduOptions) {
    this.label = label
    this.#options = options
    const { outlets, profile } = options
    for (const outlet of outlets) if (profile !== null) outlet.identify(profile, '')
  }

  get isOutdated(): boolean {
    return this.#options.outlets.some(({ isOutdated }) => isOutdated)
  }

  channels(): readonly Channel[] {
    return this.#options.outlets.map((outlet) => outlet.channel())
  }

  /** Each outlet has to be there: the others alone are not the machine. */
  async find(signal: AbortSignal): Promise<void> {
    const { outlets, profile } = this.#options
    if (profile === null) await this.#identify(signal)
    const values = await this.#ask(signal)
    for (const outlet of outlets) outlet.find(values)
  }

  async read(isAsked: boolean, signal: AbortSignal): Promise<readonly (Reading | null)[]> {
    const { clock, outlets } = this.#options
    const beforeNs = clock.monotonicNs()
    const values = await this.#ask(signal)
    const afterNs = clock.monotonicNs()
    return outlets.map((outlet) => outlet.read(values, isAsked, { beforeNs, afterNs }))
  }

  close(): void {
    this.#options.client.close()
  }

  async #identify(signal: AbortSignal): Promise<void> {
    const { client, outlets } = this.#options
    const [id = null] = await client.get([OBJECT_ID], signal)
    const profile = PROFILES[profileOf(id, this.label)]
    for (const outlet of outlets) outlet.identify(profile, `, by its sysObjectID ${id}`)
  }

  async #ask(signal: AbortSignal): Promise<ReadonlyMap<string, SnmpValue>> {
    const { client, outlets } = this.#options
    const oids = [...new Set([UP_TIME, ...outlets.flatMap(({ oids }) => oids)])]
    const values = await client.get(oids, signal)
    const all = new Map(oids.map((oid, index) => [oid, values[index] ?? null]))
    const upTime = all.get(UP_TIME)
    if (typeof upTime === 'bigint' && upTime < SETTLING) {
      throw new SensorError('SENSOR_TRANSIENT', `${this.label}: its SNMP agent started ${upTime / 100n} s ago`)
    }
    return all
  }
}
