import { least } from '../../model/bigint.ts'
import type { Channel, CounterChannel, PowerChannel, Scope } from '../../model/channel.ts'
import type { Rational } from '../../model/rational.ts'
import { UJ_PER_J, wattsOf } from '../../model/units.ts'
import type { BoundChannel, Value } from '../../native/polled-sensor.ts'
import { type Answered, type EnergyKind, powerOf } from './choice.ts'
import { largestMicrowatts, microwattsOf } from './conversion.ts'
import { dcmiInterpreter, dcmiPower, MOST_DCMI_UW } from './dcmi.ts'
import { isStatus, MOST_UW, sensorValue } from './reading.ts'
import type { PowerSensor } from './sdr.ts'

/** Error of DCMI and of the supplies' sensors: meters of this kind (HDEEM, PMBus) are within 2 %. */
const METER_UNCERTAINTY = 0.02
const UW_PER_W = 1_000_000n
/** For the resolution of a sensor that had no reading. */
const MIDDLE_RAW = 0x40n

export interface ChannelContext {
  readonly intervalNs: bigint
  /** Facts of the BMC that every channel shares. */
  readonly facts: Readonly<Record<string, string>>
}

/** The channels of what was chosen, in its order, each with the meaning of its raw values. */
export function bindChannels(chosen: readonly Answered[], context: ChannelContext): readonly BoundChannel[] {
  const supplies = chosen.filter(({ role }) => role === 'supply')
  const isLit = supplies.some((supply) => powerOf(supply) !== 0n)
  const hasMeter = chosen.some(({ role }) => role === 'dcmi' || role === 'total') || (supplies.length > 0 && isLit)
  const interpretSupply = supplyInterpreter(supplies.length)
  const names = new Map<string, number>()
  return chosen.map((one) => {
    switch (one.role) {
      case 'dcmi':
        return dcmi(one, context)
      case 'total':
        return total(one, one.sensor, context)
      case 'supply': {
        const { name } = one.sensor
        const count = (names.get(name) ?? 0) + 1
        names.set(name, count)
        const device = count === 1 ? name : `${name} #${count}`
        return supply(one, one.sensor, device, isLit, interpretSupply, context)
      }
      default:
        return counter(one.role, !hasMeter, context)
    }
  })
}

function dcmi(answered: Answered, context: ChannelContext): BoundChannel {
  const { isActive } = dcmiPower(answered.raw ?? 0n)
  return {
    channel: {
      ...power(answered, context, UW_PER_W, MOST_DCMI_UW),
      scope: 'ac_in',
      device: 'bmc',
      nodeMeter: 'dcmi',
      facts: {
        ...context.facts,
        source: 'DCMI Get Power Reading',
        resolution: '1 W',
        // OpenBMC measures and says that it does not; others say so and report 0 W, which is refused anyway.
        measurement: isActive ? 'active' : 'reported as inactive; its watts are used all the same',
      },
    },
    interpret: dcmiInterpreter(),
  }
}

function total(answered: Answered, sensor: PowerSensor, context: ChannelContext): BoundChannel {
  return {
    channel: {
      ...sensorPower(answered, sensor, context),
      scope: 'ac_in',
      device: 'bmc',
      nodeMeter: 'sdr',
    },
    interpret: (raw) => {
      const value = sensorValue(raw, sensor)
      return 'powerUw' in value && value.powerUw === 0n ? { corrupt: '0 W from a running host' } : value
    },
  }
}

type InterpretSupply = (value: Value) => Value

function supply(
  answered: Answered,
  sensor: PowerSensor,
  device: string,
  isLit: boolean,
  interpret: InterpretSupply,
  context: ChannelContext,
): BoundChannel {
  return {
    channel: {
      ...sensorPower(answered, sensor, context),
      scope: 'psu',
      device,
      // Supplies that all say 0 W while this program runs on them have no meter behind their sensors.
      nodeMeter: isLit ? 'psu' : null,
    },
    interpret: (raw) => interpret(sensorValue(raw, sensor)),
  }
}

/** One supply may idle at 0 W. All of them in a row cannot: the last one's 0 W then is no number to believe. */
function supplyInterpreter(count: number): InterpretSupply {
  let zeros = 0
  return (value) => {
    if (!('powerUw' in value)) return value
    zeros = value.powerUw === 0n ? zeros + 1 : 0
    return zeros > 0 && zeros >= count ? { corrupt: '0 W from every supply of a running host' } : value
  }
}

function sensorPower(answered: Answered, sensor: PowerSensor, context: ChannelContext) {
  const { conversion, name, number } = sensor
  const largest = largestMicrowatts(conversion) ?? 0n
  const raw = Number(answered.raw === null || isStatus(answered.raw) ? MIDDLE_RAW : answered.raw)
  const [low, high] = [microwattsOf(raw, conversion), microwattsOf(raw < 0xff ? raw + 1 : raw - 1, conversion)]
  const step = low === null || high === null ? largest / 256n : low > high ? low - high : high - low
  return {
    ...power(answered, context, step, least(largest, MOST_UW)),
    facts: {
      ...context.facts,
      source: `sensor ${number.toString(16).padStart(2, '0')}h "${name}"`,
      resolution: `${wattsOf(step)} W`,
      range: `${wattsOf(largest)} W`,
    },
  }
}

function power(answered: Answered, { intervalNs }: ChannelContext, stepUw: bigint, maxPowerUw: bigint) {
  const levelUw = powerOf(answered) || maxPowerUw / 4n
  return {
    kind: 'power',
    sensor: 'ipmi',
    quality: 'measured',
    maxPowerUw,
    // A reading is within half a step of the truth, evenly spread (GUM 4.3.7), beside the meter's own error.
    relativeUncertainty: Math.hypot(METER_UNCERTAINTY, Number(stepUw) / Math.sqrt(12) / Number(levelUw)),
    hardware: null,
    intervalNs,
  } satisfies Partial<PowerChannel>
}

const MJ: Rational = { numerator: 1_000n, denominator: 1n }
const WH: Rational = { numerator: 3_600n * UJ_PER_J, denominator: 1n }

interface CounterFacts {
  readonly scope: Scope
  readonly device: string
  readonly unitUj: Rational
  readonly modulus: bigint | null
  readonly source: string
  readonly resolution: string
}

const COUNTERS: Readonly<Record<EnergyKind, CounterFacts>> = {
  'dell-energy': {
    scope: 'ac_in',
    device: 'bmc-energy',
    unitUj: WH,
    modulus: null, // an operator resets it at will
    source: 'Dell cumulative energy, 30h/9Ch',
    resolution: '1 Wh',
  },
  'lenovo-node-energy': {
    scope: 'dc_node',
    device: 'bmc-energy',
    unitUj: MJ,
    modulus: 1_000n << 32n, // joules of 32 bits beside the millijoules
    source: 'Lenovo node energy, 3Ah/32h',
    resolution: '1 mJ',
  },
  'lenovo-dc-energy': {
    scope: 'dc_node',
    device: 'bmc-energy',
    unitUj: MJ,
    modulus: null,
    source: 'Lenovo energy meter, DC side, 2Eh/81h',
    resolution: '1 mJ',
  },
  'lenovo-ac-energy': {
    scope: 'ac_in',
    device: 'bmc-energy',
    unitUj: MJ,
    modulus: null,
    source: 'Lenovo energy meter, AC side, 2Eh/81h',
    resolution: '1 mJ',
  },
}

/** Vendors' counters. They stand for the node only where nothing else does: Dell's steps are 36 s apart at 360 W. */
function counter(kind: EnergyKind, isOnly: boolean, { intervalNs, facts }: ChannelContext): BoundChannel {
  const { source, resolution, ...rest } = COUNTERS[kind]
  const channel: CounterChannel = {
    ...rest,
    kind: 'counter',
    sensor: 'ipmi',
    quality: 'measured',
    maxPowerUw: MOST_UW,
    relativeUncertainty: METER_UNCERTAINTY,
    nodeMeter: isOnly ? 'oem' : null,
    hardware: null,
    intervalNs,
    facts: { ...facts, source, resolution },
  }
  return { channel: channel satisfies Channel, interpret: (raw) => ({ count: raw }) }
}
