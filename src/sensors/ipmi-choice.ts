import type { SensorErrorCode } from '../model/sensor-error.ts'
import { DELL, LENOVO } from './ipmi-codes.ts'
import { largestMicrowatts, microwattsOf } from './ipmi-conversion.ts'
import { roleOf } from './ipmi-names.ts'
import type { BmcScan } from './ipmi-scan.ts'
import type { PowerSensor } from './ipmi-sdr.ts'
import { type IpmiSource, sensorErrorCode } from './native.ts'
import type { RawReading } from './reader-thread.ts'

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

const BMC = { owner: 0x20, channel: 0, lun: 0, number: 0 } as const
const DCMI_WATTS = 0xffffn

/** All that may be asked of this BMC. `hasBuses`: sensors of satellite controllers can be reached. */
export function candidatesOf(scan: BmcScan, hasBuses: boolean): readonly Candidate[] {
  const readable = scan.sensors.filter(({ owner, conversion }) => {
    return (owner === BMC.owner || hasBuses) && (largestMicrowatts(conversion) ?? 0n) > 0n
  })
  const roles = readable.map((sensor) => ({ sensor, ...roleOf(sensor.name) }))
  const totals = roles.filter(({ role }) => role === 'total').sort((a, b) => a.rank - b.rank)
  const supplies = roles.filter(({ role }) => role === 'supply')
  const ofSensor = (role: 'total' | 'supply', sensor: PowerSensor): Candidate => {
    const { owner, channel, lun, number } = sensor
    return { role, sensor, source: { kind: 'sensor', owner, channel, lun, number } }
  }
  return [
    { role: 'dcmi', source: { ...BMC, kind: 'power' } },
    ...totals.map(({ sensor }) => ofSensor('total', sensor)),
    ...supplies.map(({ sensor }) => ofSensor('supply', sensor)),
    ...energyCandidates(scan),
  ]
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
  return dcmi !== undefined && 'value' in dcmi && (dcmi.value & DCMI_WATTS) === 0n
}

/**
 * One total: DCMI, else the record of the best name. The inputs of all supplies beside it, as the next best. DCMI that
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
  if ('sensor' in candidate) return microwattsOf(Number(raw), candidate.sensor.conversion)
  return candidate.role === 'dcmi' && (raw & DCMI_WATTS) !== DCMI_WATTS ? (raw & DCMI_WATTS) * 1_000_000n : null
}

const hasWatts = (answered: Answered): boolean => (powerOf(answered) ?? 0n) > 0n
