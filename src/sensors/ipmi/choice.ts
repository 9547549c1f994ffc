import type { SensorErrorCode } from '../../model/sensor-error.ts'
import { type IpmiSource, sensorErrorCode } from '../../native/addon.ts'
import type { RawReading } from '../../native/reader-thread.ts'
import { DELL, LENOVO } from './codes.ts'
import { largestMicrowatts } from './conversion.ts'
import { dcmiMicrowatts } from './dcmi.ts'
import { sensorValue } from './reading.ts'
import { oncePerSupply, roleOf } from './role.ts'
import type { BmcScan } from './scan.ts'
import type { PowerSensor, SensorPlace } from './sdr.ts'

/** A quantity that the BMC may tell, and what is known of it before it was asked. */
export type Candidate =
  | { readonly role: 'dcmi' | EnergyKind; readonly source: IpmiSource }
  | { readonly role: 'total' | 'supply'; readonly source: IpmiSource; readonly sensor: PowerSensor }

export type EnergyKind = Exclude<IpmiSource['kind'], 'power' | 'sensor'>

/** A candidate that answered, with its value then. */
export type Answered = Candidate & { readonly raw: bigint | null }

/** What is read from now on. */
export interface Choice {
  readonly chosen: readonly Answered[]
  /** Sensors of supplies that are not plugged in. */
  readonly absent: readonly IpmiSource[]
  /** Something could not be learnt now, and may be another time. */
  readonly isIncomplete: boolean
}

/** Reserved (table 43-1). */
const NO_SENSOR = 0xff
const BMC = { owner: 0x20, channel: 0, lun: 0, number: 0, status: NO_SENSOR } as const

/**
 * All that may be asked of this BMC. `hasBuses`: sensors of satellite controllers can be reached. `sharesChassis`: other
 * machines are in the same chassis.
 */
export function candidatesOf(scan: BmcScan, hasBuses: boolean, sharesChassis: boolean): readonly Candidate[] {
  const readable = scan.sensors.filter(({ owner, conversion }) => {
    return (owner === BMC.owner || hasBuses) && (largestMicrowatts(conversion) ?? 0n) > 0n
  })
  const roles = readable.map((sensor) => ({ sensor, its: roleOf(sensor, sharesChassis) }))
  const totals = roles
    .flatMap(({ sensor, its }) => (its.role === 'total' ? [{ sensor, rank: its.rank }] : []))
    .sort((a, b) => a.rank - b.rank)
  const supplies = oncePerSupply(roles.flatMap(({ sensor, its }) => (its.role === 'supply' ? [sensor] : [])))
  const ofSensor = (role: 'total' | 'supply', sensor: PowerSensor): Candidate => {
    const { owner, channel, lun, number } = sensor
    const status = role === 'supply' ? statusOf(sensor, scan.statuses) : NO_SENSOR
    return { role, sensor, source: { kind: 'sensor', owner, channel, lun, number, status } }
  }
  return [
    { role: 'dcmi', source: { ...BMC, kind: 'power' } },
    ...totals.map(({ sensor }) => ofSensor('total', sensor)),
    ...supplies.map((sensor) => ofSensor('supply', sensor)),
    ...energyCandidates(scan),
  ]
}

/** The status of the same supply, by the entity that both records name. */
function statusOf(sensor: PowerSensor, statuses: readonly SensorPlace[]): number {
  const placeOf = ({ owner, channel, lun, entityId, entityInstance }: SensorPlace) =>
    [owner, channel, lun, entityId, entityInstance].join()
  const place = placeOf(sensor)
  return statuses.find((status) => placeOf(status) === place)?.number ?? NO_SENSOR
}

function energyCandidates({ manufacturer, meterHandle }: BmcScan): readonly Candidate[] {
  const of = (role: EnergyKind, number = 0): Candidate => ({ role, source: { ...BMC, kind: role, number } })
  if (manufacturer === DELL) return [of('dell-energy')]
  if (manufacturer !== LENOVO) return []
  const meter = meterHandle === null ? [] : (['lenovo-ac-energy', 'lenovo-dc-energy'] as const)
  return [of('lenovo-node-energy'), ...meter.map((role) => of(role, meterHandle ?? 0))]
}

/** A first reading of 0 W may be a BMC that has not measured yet. */
export function saysNoWatts(answers: readonly RawReading[]): boolean {
  const [dcmi] = answers
  return dcmi !== undefined && 'value' in dcmi && dcmiMicrowatts(dcmi.value) === 0n
}

/**
 * One total: DCMI, else the most certain record. The inputs of all supplies beside it, as the next best. DCMI that
 * says 0 W is taken only when there is nothing else: it is then a failure that shows, and may begin to speak.
 */
export function choose(candidates: readonly Candidate[], answers: readonly RawReading[], scan: BmcScan): Choice {
  const outcomes = candidates.map((candidate, index) => ({ candidate, ...outcomeOf(answers[index]) }))
  const answered = outcomes.flatMap(({ candidate, raw }) => (raw === null ? [] : [{ ...candidate, raw }]))
  const of = (role: Candidate['role']) => answered.filter((one) => one.role === role)
  const silentSupplies = outcomes.flatMap(({ candidate, isUnknown }) =>
    candidate.role === 'supply' && isUnknown ? [{ ...candidate, raw: null }] : [],
  )
  const supplies = [...of('supply'), ...silentSupplies]
  const [dcmi] = of('dcmi')
  const total = of('total').find((one) => hasWatts(one))
  const whole = dcmi && hasWatts(dcmi) ? dcmi : (total ?? (supplies.some(hasWatts) ? undefined : dcmi))
  const [counter] = answered.filter(({ role }) => role.endsWith('-energy'))
  return {
    chosen: [whole, ...supplies, counter].filter((one) => one !== undefined),
    absent: outcomes.flatMap(({ candidate, isMissing }) =>
      candidate.role === 'supply' && isMissing ? [candidate.source] : [],
    ),
    isIncomplete:
      scan.failure !== null || outcomes.some(({ candidate, isUnknown }) => isUnknown && candidate.role === 'dcmi'),
  }
}

interface Outcome {
  readonly raw: bigint | null
  /** It could not be told whether the BMC has it. */
  readonly isUnknown: boolean
  /** It is refused for good, with CB (or CC, by ipmi_sim) for a supply that is not plugged in. */
  readonly isMissing: boolean
}

const PASSING: readonly SensorErrorCode[] = ['SENSOR_TRANSIENT', 'SENSOR_TIMEOUT', 'SENSOR_CORRUPT']

function outcomeOf(answer: RawReading | undefined): Outcome {
  if (answer === undefined) return { raw: null, isUnknown: true, isMissing: false }
  if ('value' in answer) return { raw: answer.value, isUnknown: false, isMissing: false }
  const code = sensorErrorCode(answer.code)
  return { raw: null, isUnknown: PASSING.includes(code), isMissing: code === 'SENSOR_ABSENT' }
}

/** Power at the time of the choice; null when it is none that can be believed. */
export function powerOf({ raw, ...candidate }: Answered): bigint | null {
  if (raw === null) return null
  if (!('sensor' in candidate)) return candidate.role === 'dcmi' ? dcmiMicrowatts(raw) : null
  const value = sensorValue(raw, candidate.sensor)
  return 'powerUw' in value ? value.powerUw : null
}

const hasWatts = (answered: Answered): boolean => (powerOf(answered) ?? 0n) > 0n
