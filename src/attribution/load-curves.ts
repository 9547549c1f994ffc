import type { Part } from '../model/part.ts'

/** What a usual machine of this size draws, in W at a load from 0 to 1. */
export interface UsualPower {
  readonly processorsW: (load: number) => number
  readonly memoryW: (load: number) => number
}

/** What a part draws at a utilisation from 0 to 1, as a share of what it draws at full load. Never 0, never falls. */
export type LoadCurves = Readonly<Record<Part, (utilisation: number) => number>>

const LEAST = 0.05
/** Of a server of which nothing is known: four fifths of its power follow the load. */
const IDLE_SERVER = 0.2
/** From a tenth (an H100 idles at 70 of 700 W) to a third (an A100 whose memory stays clocked, at 146 of 400 W). */
const IDLE_ACCELERATOR = 0.15

/** How power follows the load, for leaves that nobody has seen idle. */
export function loadCurves(usual: UsualPower | null): LoadCurves {
  const { processorsW, memoryW } = usual ?? { processorsW: straight(IDLE_SERVER), memoryW: straight(IDLE_SERVER) }
  const whole = curve((load) => processorsW(load) + memoryW(load))
  return {
    processors: curve(processorsW),
    memory: curve(memoryW),
    accelerators: curve(straight(IDLE_ACCELERATOR)),
    rest: whole,
    supply_loss: whole,
  }
}

const straight =
  (idle: number) =>
  (load: number): number =>
    idle + (1 - idle) * load

function curve(powerW: (load: number) => number): (utilisation: number) => number {
  const fullW = powerW(1)
  if (!(fullW > 0)) return straight(IDLE_SERVER)
  return (utilisation) => Math.max(LEAST, powerW(Math.min(1, Math.max(0, utilisation))) / fullW)
}
