import type { Channel } from '../../model/channel.ts'
import { NS_PER_MS, UJ_PER_J } from '../../model/units.ts'
import type { NativeChannel } from '../../native/addon.ts'
import type { BoundChannel, Value } from '../../native/polled-sensor.ts'
import { type Comparison, doubtFacts, doubtOf } from '../counter-check.ts'

/** The firmware's own figures, which are those of RAPL, off by 3 to 5 % against wattmeters (Khan et al., 2018). */
const UNCERTAINTY = 0.04
const UW_PER_MW = 1_000n
/** No socket has a limit above 1 kW. */
const MOST_UW = 1_500_000_000n
/** Protocol of the MI300A, whose socket holds compute dies and memory too. */
const OF_MI300A = '6'

/** Attributes: native/hsmp/hsmp_reader.h. */
export function hsmpChannel(
  { attributes }: NativeChannel,
  device: string,
  intervalMs: number,
  disagreement: Comparison | null,
): BoundChannel {
  const { socket = '0', protocol, mostMw, unit } = attributes
  const limitUw = BigInt(mostMw ?? 0) * UW_PER_MW
  const base = {
    sensor: 'hsmp',
    scope: protocol === OF_MI300A ? 'module' : 'package',
    device: `socket-${socket}`,
    quality: 'measured',
    // Half as much again as the greatest limit that can be set: its loop lets peaks of milliseconds through.
    maxPowerUw: limitUw > 0n && limitUw < MOST_UW ? (limitUw * 3n) / 2n : MOST_UW,
    relativeUncertainty: Math.hypot(UNCERTAINTY, doubtOf(disagreement)),
    nodeMeter: null,
    hardware: `socket-${socket}`,
    intervalNs: BigInt(Math.round(intervalMs)) * NS_PER_MS,
    facts: {
      path: device,
      ...(protocol && { protocol }),
      ...(limitUw > 0n && { greatestLimit: `${limitUw / 1_000_000n} W` }),
      ...doubtFacts(disagreement),
    },
  } as const
  if (!isEnergy(attributes)) {
    const facts = { ...base.facts, source: 'message 0x04, socket power', resolution: '1 mW' }
    const channel: Channel = { ...base, kind: 'power', facts }
    return { channel, interpret: (raw) => interpretPower(raw * UW_PER_MW, channel.maxPowerUw) }
  }
  const unitUj = { numerator: UJ_PER_J, denominator: 1n << ((BigInt(unit ?? 0) >> 8n) & 0x1fn) }
  const facts = { ...base.facts, source: 'message 0x32, package energy' }
  const channel: Channel = { ...base, kind: 'counter', modulus: null, unitUj, facts }
  return { channel, interpret: interpretEnergy }
}

/** Whether a channel of the reader is a counter that counts. */
export function countsEnergy({ attributes }: NativeChannel): boolean {
  return isEnergy(attributes) && !isMissing(BigInt(attributes.value ?? 0))
}

const isEnergy = ({ quantity }: NativeChannel['attributes']): boolean => quantity === 'energy'
const isMissing = (raw: bigint): boolean => raw === 0n || raw === 2n ** 64n - 1n

function interpretEnergy(raw: bigint): Value {
  return isMissing(raw) ? { unavailable: 'no energy is told' } : { count: raw }
}

function interpretPower(powerUw: bigint, mostUw: bigint): Value {
  if (powerUw === 0n) return { corrupt: '0 W from a processor that answers' }
  return powerUw > mostUw ? { corrupt: `${powerUw} µW are more than the socket can draw` } : { powerUw }
}
