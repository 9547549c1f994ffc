import type { Channel } from '../../model/channel.ts'
import type { Clock } from '../../model/clock.ts'
import type { Reading } from '../../model/reading.ts'
import { SensorError } from '../../model/sensor-error.ts'
import type { Remote } from '../remote-sensor.ts'
import type { Outlet } from './outlet.ts'
import type { SnmpClient, SnmpValue } from './snmp.ts'

/** SNMPv2-MIB, sysUpTime: hundredths of a second since its agent started. */
const UP_TIME = '1.3.6.1.2.1.1.3.0'
/** An agent that has just started shows zeros before it has asked its meters. */
const SETTLING = 3_000n

export interface RackPduOptions {
  readonly outlets: readonly Outlet[]
  readonly client: Pick<SnmpClient, 'get' | 'close'>
  readonly clock: Pick<Clock, 'monotonicNs'>
}

/** One PDU and its outlets that feed this machine. */
export class RackPdu implements Remote {
  readonly label: string
  readonly #options: RackPduOptions
  readonly #oids: readonly string[]

  constructor(label: string, options: RackPduOptions) {
    this.label = label
    this.#options = options
    this.#oids = [...new Set([UP_TIME, ...options.outlets.flatMap(({ oids }) => oids)])]
  }

  get isOutdated(): boolean {
    return this.#options.outlets.some(({ isOutdated }) => isOutdated)
  }

  channels(): readonly Channel[] {
    return this.#options.outlets.map((outlet) => outlet.channel())
  }

  /** Each outlet has to be there: the others alone are not the machine. */
  async find(signal: AbortSignal): Promise<void> {
    const values = await this.#ask(signal)
    for (const outlet of this.#options.outlets) outlet.find(values)
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

  async #ask(signal: AbortSignal): Promise<ReadonlyMap<string, SnmpValue>> {
    const values = await this.#options.client.get(this.#oids, signal)
    const all = new Map(this.#oids.map((oid, index) => [oid, values[index] ?? null]))
    const upTime = all.get(UP_TIME)
    if (typeof upTime === 'bigint' && upTime < SETTLING) {
      throw new SensorError('SENSOR_TRANSIENT', `${this.label}: its SNMP agent started ${upTime / 100n} s ago`)
    }
    return all
  }
}
