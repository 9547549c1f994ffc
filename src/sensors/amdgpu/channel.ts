import type { Channel, CounterChannel, PowerChannel } from '../../model/channel.ts'
import { NS_PER_MS } from '../../model/units.ts'
import type { BoundChannel, Value } from '../../native/polled-sensor.ts'
import { CardSleep, sleeping } from '../card-sleep.ts'
import { type Comparison, doubtFacts, doubtOf } from '../counter-check.ts'
import type { FoundCard } from './found.ts'
import { isMissing, type Layout } from './layout.ts'

/** Above every board's and socket's limit and its peaks. */
const MOST_UW = 2_500_000_000n
/** Sensors on cards are within 5 % (arXiv 2312.02741). */
const BOARD_SENSOR = 0.05
/** No processor draws half a kilowatt, and none half a watt: of a bare number that is enough to tell the unit. */
const MOST_WATTS = 500n

/** The reader's channels of one card: its power, and its energy where the table has one. */
export function channelsOf(
  found: FoundCard,
  intervalMs: number,
  alsoCovers: readonly string[],
  disagreement: Comparison | null,
): readonly BoundChannel[] {
  const { card, layout } = found
  const base = {
    sensor: 'amdgpu',
    ...placeOf(found),
    device: card.address,
    quality: 'measured',
    maxPowerUw: MOST_UW,
    relativeUncertainty: Math.hypot(BOARD_SENSOR, doubtOf(disagreement)),
    nodeMeter: null,
    intervalNs: BigInt(intervalMs) * NS_PER_MS,
    facts: {
      path: card.metrics,
      ...(card.model !== '' && { model: card.model }),
      ...(layout && { layout: `gpu_metrics ${layout.version}` }),
      ...(alsoCovers.length > 0 && { alsoCovers: alsoCovers.join(', ') }),
      ...doubtFacts(disagreement),
    },
  } as const
  const sleep = new CardSleep(card.powerState)
  const power = powerOf({ ...base, kind: 'power' }, layout)
  if (layout?.energy == null) return [sleeping(power, sleep)]
  const energy = energyOf({ ...base, kind: 'counter', ...register(layout.energy) }, layout.energy)
  return [sleeping(power, sleep), sleeping(energy, sleep)]
}

/** Graphics inside a processor tell what the processor draws, which its own meter counts. */
function placeOf({ card, layout }: FoundCard): Pick<Channel, 'scope' | 'hardware'> {
  if (layout === null || layout.isProcessor) return { scope: 'other', hardware: null }
  return card.socket === null ? { scope: 'gpu', hardware: card.address } : { scope: 'module', hardware: card.socket }
}

/** One of 64 bits is full after ten thousand years: a fall is a driver loaded anew, or a card that was reset. */
function register({ width }: Layout['power']): Pick<CounterChannel, 'modulus' | 'unitUj'> {
  return {
    modulus: width === 8 ? null : 1n << BigInt(8 * width),
    unitUj: { numerator: 1_000_000n, denominator: 65_536n },
  }
}

function powerOf(channel: PowerChannel, layout: Layout | null): BoundChannel {
  if (layout === null) return { channel, interpret: () => ({ unavailable: 'its metrics are not known' }) }
  const source = layout.isProcessor || layout.version < '1.4' ? 'average_socket_power' : 'curr_socket_power'
  return {
    channel: { ...channel, facts: { ...channel.facts, source } },
    interpret: (raw) => (isMissing(raw, layout.power) ? NO_POWER : powerFrom(raw, layout.powerUnitUw)),
  }
}

const NO_POWER: Value = { unavailable: 'the firmware tells no power' }
const NO_ENERGY: Value = { unavailable: 'the firmware tells no energy' }

function powerFrom(raw: bigint, unitUw: bigint | null): Value {
  const powerUw = raw * (unitUw ?? (raw > MOST_WATTS ? 1_000n : 1_000_000n))
  return powerUw > MOST_UW ? { corrupt: `${raw} is more than the card can draw` } : { powerUw }
}

function energyOf(channel: CounterChannel, energy: Layout['power']): BoundChannel {
  return {
    channel: { ...channel, facts: { ...channel.facts, source: 'energy_accumulator', resolution: '15.26 µJ' } },
    interpret: (raw) => (isMissing(raw, energy) ? NO_ENERGY : { count: raw }),
  }
}
