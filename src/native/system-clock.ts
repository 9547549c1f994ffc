import type { Clock } from '../model/clock.ts'
import { native } from './addon.ts'

/** The clocks of this machine. */
export const systemClock: Clock = {
  monotonicNs: () => native.monotonicNs(),
  boottimeNs: () => native.boottimeNs(),
  unixMs: () => Date.now(),
}
