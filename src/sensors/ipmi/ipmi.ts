/**
 * A BMC's power readings in band: DCMI, sensors of the whole machine and of its supplies, vendors' energy counters.
 * Which requests may be sent at all is decided in native/ipmi/allow_list.cc.
 */
import { setTimeout } from 'node:timers/promises'
import { isSharedChassis } from '../../machine/chassis.ts'
import { readDmi } from '../../machine/dmi.ts'
import type { Clock } from '../../model/clock.ts'
import { SensorError } from '../../model/sensor-error.ts'
import { NS_PER_MS, NS_PER_S } from '../../model/units.ts'
import { type IpmiEndpoint, sensorErrorCode } from '../../native/addon.ts'
import { PolledSensor, type ReaderPlan } from '../../native/polled-sensor.ts'
import type { RawReading } from '../../native/reader-thread.ts'
import type { SensorCode, SensorContext } from '../sensor-type.ts'
import { bindChannels } from './channels.ts'
import { type Answered, type Choice, candidatesOf, choose, saysNoWatts } from './choice.ts'
import { describeIpmi, manufacturerName } from './codes.ts'
import { endpointName, explainIpmi, ipmiEndpoint } from './endpoint.ts'
import { type BmcScan, probe, scanBmc } from './scan.ts'
import type { IpmiSettings } from './schema.ts'

/** The pace of what is not a reading, should readings be rarer than this. */
const LONGEST_PAUSE_MS = 5_000
/** Sensors are looked for anew when the BMC says that they changed, which it is asked after so many pauses. */
const WATCH_PAUSES = 12
/** When something could not be learnt, the next attempt costs a pause in the readings. */
const INCOMPLETE_NS = 1_800n * NS_PER_S

export const ipmi: SensorCode<IpmiSettings> = {
  create: (settings, context) => new IpmiSensor(new BmcSurvey(settings, context)),
}

/** Asks the reader whether the sensors changed, not the BMC: its interface serves one request at a time. */
class IpmiSensor extends PolledSensor {
  readonly #survey: BmcSurvey

  constructor(survey: BmcSurvey) {
    super('ipmi', (signal) => survey.plan(signal))
    this.#survey = survey
  }

  override async changed(): Promise<boolean> {
    return this.isOutdated || (this.isOpen && this.#survey.isDue)
  }
}

/** Finds out what a BMC can tell, and remembers its records across connections. */
class BmcSurvey {
  readonly #settings: IpmiSettings
  readonly #devfs: string
  readonly #sysfs: string
  readonly #clock: Clock
  #known: BmcScan | null = null
  #dueNs: bigint | null = null

  constructor(settings: IpmiSettings, { devfs, sysfs, clock }: SensorContext) {
    this.#settings = settings
    this.#devfs = devfs
    this.#sysfs = sysfs
    this.#clock = clock
  }

  /** True when what could not be learnt last time is worth another attempt. */
  get isDue(): boolean {
    return this.#dueNs !== null && this.#clock.monotonicNs() >= this.#dueNs
  }

  async plan(signal: AbortSignal): Promise<readonly ReaderPlan[]> {
    const { device, deadline: deadlineMs, interval: intervalMs } = this.#settings
    const endpoint = await ipmiEndpoint(device, deadlineMs, this.#devfs)
    const scan = await scanBmc(endpoint, this.#known, signal)
    if (scan.failure === null) this.#known = scan
    // A request that timed out is still in the BMC's hands: it is given time to finish before the next.
    if (scan.failure?.code === 'SENSOR_TIMEOUT') await setTimeout(2 * deadlineMs, undefined, { signal })
    const candidates = candidatesOf(scan, endpoint.port === 0, isSharedChassis(readDmi(this.#sysfs).chassisType))
    const sources = candidates.map(({ source }) => source)
    const again = { when: saysNoWatts, pauseMs: Math.min(intervalMs, LONGEST_PAUSE_MS) }
    const answers = await probe(endpoint, scan.identity, sources, signal, again)
    const choice = choose(candidates, answers, scan)
    if (choice.chosen.length === 0) throw nothingToRead(endpoint, answers, scan)
    this.#dueNs = choice.isIncomplete ? this.#clock.monotonicNs() + INCOMPLETE_NS : null
    return [this.#planFor(endpoint, scan, choice)]
  }

  #planFor(endpoint: IpmiEndpoint, scan: BmcScan, { chosen, absent }: Choice): ReaderPlan {
    const { interval: intervalMs, deadline: deadlineMs } = this.#settings
    const intervalNs = BigInt(Math.round(intervalMs)) * NS_PER_MS
    const notRead = otherNames(scan, chosen)
    const facts = {
      path: endpointName(endpoint),
      bmc: `${manufacturerName(scan.manufacturer)}, firmware ${scan.firmware}`,
      updates: 'usually every 0.5 to 2 s',
      ...(scan.failure !== null && { records: `could not be read: ${scan.failure.message}` }),
      ...(notRead.length > 0 && { notRead: notRead.join(', ') }),
    }
    // The records' stamp is not watched while it is unknown what they say.
    const stamp = scan.failure === null ? scan.stamp : ''
    const sources = chosen.map(({ source }: Answered) => source)
    return {
      reader: {
        type: 'ipmi',
        ...endpoint,
        sources,
        absent,
        identity: scan.identity,
        stamp,
        watchNs: BigInt(WATCH_PAUSES * Math.round(Math.min(intervalMs, LONGEST_PAUSE_MS))) * NS_PER_MS,
      },
      intervalMs,
      // A sweep asks one by one, for want of a reading also the supply's status, and after a lost connection who the BMC
      // is and what its records' stamp is.
      deadlineMs: (2 * sources.length + absent.length + 4) * deadlineMs,
      openTimeoutMs: 2 * deadlineMs + 1_000,
      bind: () => bindChannels(chosen, { intervalNs, facts }),
      explain: (error) => explainIpmi(error, endpoint),
      describe: describeIpmi,
    }
  }
}

/** The reason is that of the power reading, the first source: refused for good, or no answer now. */
function nothingToRead(endpoint: IpmiEndpoint, [power]: readonly RawReading[], scan: BmcScan): SensorError {
  const others = otherNames(scan, [])
  const sensors =
    others.length === 0 ? 'no power sensor' : `no sensor known to meter the machine (${others.join(', ')})`
  const told = `${endpointName(endpoint)}: ${sensors}`
  if (power === undefined || !('code' in power)) return new SensorError('SENSOR_ABSENT', told)
  const reason = describeIpmi(power.detail)
  return new SensorError(sensorErrorCode(power.code), `${told}, and no DCMI power reading: ${reason}`)
}

/** More are no help to a person. */
const MOST_NAMES = 12

/** Sensors of watts that are not read: parts of the machine, and those that nothing says the place of. */
function otherNames({ sensors }: BmcScan, chosen: readonly Answered[]): readonly string[] {
  const read = new Set(chosen.flatMap((one) => ('sensor' in one ? [one.sensor] : [])))
  const names = sensors
    .filter((sensor) => !read.has(sensor))
    .map(({ name, entityId, entityInstance }) => {
      return `"${name}" of entity ${entityId}.${entityInstance}`
    })
  return names.length > MOST_NAMES ? [...names.slice(0, MOST_NAMES), `${names.length - MOST_NAMES} more`] : names
}
