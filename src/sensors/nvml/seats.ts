import type { Channel } from '../../model/channel.ts'
import { CounterCheck } from '../counter-check.ts'
import type { Seat } from '../watched-sensor.ts'
import type { NvmlGpu } from './gpu.ts'
import { unseenShare } from './uncertainty.ts'

/**
 * The GPUs, each once: of those that tell the power of one module the first that answers counts. A counter's witness is the
 * power of what it counts, a GPU or its module.
 */
export function seatsOf(gpus: readonly NvmlGpu[], channels: readonly Channel[], compareMs: number): readonly Seat[] {
  const seats: (Seat & { readonly at: number[] })[] = []
  for (const [at, gpu] of gpus.entries()) {
    const channel = channels[at]
    if (channel === undefined || gpu.isWitness) continue
    const first = seats.find((seat) => isOfOneModule(seat.channel, channel))
    if (first === undefined)
      seats.push({ channel, title: gpu.title, at: [at], watch: watchOf(gpu, channel, gpus, compareMs) })
    else first.at.push(at)
  }
  return seats
}

const isOfOneModule = (a: Channel, b: Channel): boolean =>
  a.scope === 'module' && b.scope === 'module' && a.hardware === b.hardware

function watchOf(gpu: NvmlGpu, channel: Channel, gpus: readonly NvmlGpu[], compareMs: number): Seat['watch'] {
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
  return { witnessAt, check: new CounterCheck(channel, sight, compareMs) }
}
