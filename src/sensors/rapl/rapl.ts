import { PolledSensor } from '../../native/polled-sensor.ts'
import { FirstUsable } from '../first-usable.ts'
import type { CommonOptions, SensorContext, SensorType } from '../sensor-type.ts'
import { discoverMsr } from './msr.ts'
import { discoverPerf } from './perf.ts'
import { discoverPowercap } from './powercap.ts'

export interface RaplOptions extends CommonOptions {
  /** `auto`: powercap if it may be read, else perf, else msr. */
  readonly interface: 'auto' | RaplInterface
}

export type RaplInterface = keyof typeof INTERFACES

/** The ways to the energy registers of the CPU, best first: what each says of units and zones shrinks from top to bottom. */
const INTERFACES = { powercap: discoverPowercap, perf: discoverPerf, msr: discoverMsr }

/** CPU packages and their memory by RAPL, on Intel, AMD and Hygon. */
export const rapl: SensorType<RaplOptions> = {
  create(options: RaplOptions, context: SensorContext) {
    const sensor = (way: RaplInterface): PolledSensor =>
      new PolledSensor('rapl', () => INTERFACES[way](context, options.intervalMs), true)
    if (options.interface !== 'auto') return sensor(options.interface)
    return new FirstUsable(
      'rapl',
      interfaces().map((label) => ({ label, sensor: sensor(label) })),
    )
  },
  variants: (options) => interfaces().map((label) => ({ label, options: { ...options, interface: label } })),
}

function interfaces(): readonly RaplInterface[] {
  return Object.keys(INTERFACES) as RaplInterface[]
}
