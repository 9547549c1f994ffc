import type { Channel } from '../../model/channel.ts'
import { NS_PER_MS } from '../../model/units.ts'
import { CounterCheck } from '../counter-check.ts'
import type { Seat } from '../watched-sensor.ts'
import type { NvmlGpu } from './gpu.ts'
import { unseenShare } from './uncertainty.ts'
import { WakeCost } from './wake-cost.ts'

/** Time between two readings, and between two comparisons of a counter. */
interface Pace {
  readonly intervalMs: number
  readonly compareMs: number
}

/**
 * The GPUs, each once: of those that tell the power of one module the first that answers counts. A counter's witness is the
 * power of what it counts, a GPU or its module.
 * @param onWaste told what a GPU drew for no other reason than that it was asked
 */
export function seatsOf(
  gpus: readonly NvmlGpu[],
  channels: readonly Channel[],
  pace: Pace,
  onWaste: (energyUj: bigint) => void,
): readonly Seat[] {
  const seats: (Seat & { readonly at: number[] })[] = []
  for (const [at, gpu] of gpus.entries()) {
    const channel = channels[at]
    if (channel === undefined || gpu.isWitness || gpu.countsWakes) continue
    const first = seats.find((seat) => isOfOneModule(seat.channel, channel))
    const watch = watchOf(gpu, channel, gpus, pace)
    const onSweep = onSweepOf(gpu, channel, gpus, onWaste)
    if (first === undefined) seats.push({ channel, title: gpu.title, at: [at], watch, onSweep })
    else first.at.push(at)
  }
  return seats
}

const isOfOneModule = (a: Channel, b: Channel): boolean =>
  a.scope === 'module' && b.scope === 'module' && a.hardware === b.hardware

function onSweepOf(
  gpu: NvmlGpu,
  channel: Channel,
  gpus: readonly NvmlGpu[],
  onWaste: (energyUj: bigint) => void,
): NonNullable<Seat['onSweep']> {
  const wakesAt = gpus.findIndex((one) => one.countsWakes && one.uuid === gpu.uuid)
  if (channel.kind !== 'counter' || wakesAt === -1) return () => {}
  const cost = new WakeCost(channel)
  return ({ first, readings }) => onWaste(cost.observe(readings[gpus.indexOf(gpu) - first], readings[wakesAt - first]))
}

/** One that may sleep is compared while it is read as often as the others. */
function watchOf(
  gpu: NvmlGpu,
  channel: Channel,
  gpus: readonly NvmlGpu[],
  { intervalMs, compareMs }: Pace,
): Seat['watch'] {
  const intervalNs = BigInt(Math.round(intervalMs)) * NS_PER_MS
  const isOfIt = (one: NvmlGpu): boolean =>
    one.isWitness && one.uuid === gpu.uuid && one.source.isModule === gpu.coversModule
  const witnessAt = gpus.findIndex(isOfIt)
  const witness = gpus[witnessAt]
  if (channel.kind !== 'counter' || witness === undefined) return null
  const sight = {
    unseenByCounter: unseenShare(gpu, 0),
    unseenByPower: (intervalMs: number) => unseenShare(witness, intervalMs),
    windowMs: witness.windowMs,
  }
  return { witnessAt, check: new CounterCheck({ ...channel, intervalNs }, sight, compareMs) }
}
