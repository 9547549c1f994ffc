import { SensorError } from '../../model/sensor-error.ts'
import { readMachine } from './estimate.ts'
import { type PowerModel, powerModel } from './model.ts'

/** What a machine like this one draws, whether or not meters tell it; null where the kernel does not tell its size. */
export function usualPower(roots: { readonly procfs: string; readonly sysfs: string }): PowerModel | null {
  try {
    return powerModel(readMachine(roots))
  } catch (error) {
    if (error instanceof SensorError) return null
    throw error
  }
}
