import { type Machine, memoryAtLoad, modelPowerW, processorsPowerW } from '../model/load-model.ts'
import type { Part } from '../model/part.ts'

/** What a part draws at a utilisation from 0 to 1, as a share of what it draws at full load. Never 0, never falls. */
export type LoadCurves = Readonly<Record<Part, (utilisation: number) => number>>

/** The model's own figure is of processors and memory together, and says nothing below. */
const LEAST = 0.05
/** From a tenth (an H100 idles at 70 of 700 W) to a third (an A100 whose memory stays clocked, at 146 of 400 W). */
const IDLE_ACCELERATOR = 0.15

/** How power follows the load on a usual machine of this size: for leaves that nobody has seen idle. */
export function loadCurves(machine: Machine): LoadCurves {
  // Where the kernel names no sockets, one per share of a host is as good.
  const sized = machine.sockets.length > 0 ? machine : { ...machine, isVirtual: true }
  const whole = curve((utilisation) => modelPowerW(sized, utilisation))
  return {
    processors: curve((utilisation) => processorsPowerW(sized, utilisation)),
    memory: curve(memoryAtLoad),
    accelerators: curve((utilisation) => IDLE_ACCELERATOR + (1 - IDLE_ACCELERATOR) * utilisation),
    rest: whole,
    supply_loss: whole,
  }
}

function curve(powerW: (utilisation: number) => number): (utilisation: number) => number {
  const fullW = powerW(1)
  return (utilisation) => Math.max(LEAST, powerW(Math.min(1, Math.max(0, utilisation))) / fullW)
}
