import { PolledSensor } from '../../native/polled-sensor.ts'
import { FirstUsable } from '../first-usable.ts'
import type { SensorCode } from '../sensor-type.ts'
import { discoverMsr } from './msr.ts'
import { discoverPerf } from './perf.ts'
import { discoverPowercap } from './powercap.ts'
import type { RaplSettings } from './schema.ts'

export type RaplInterface = keyof typeof INTERFACES

/** The ways to the energy registers of the CPU, best first: what each says of units and zones shrinks from top to bottom. */
const INTERFACES = { powercap: discoverPowercap, perf: discoverPerf, msr: discoverMsr }

/** CPU packages and their memory by RAPL, on Intel, AMD and Hygon. */
export const rapl: SensorCode<RaplSettings> = {
  create(settings, context) {
    const sensor = (way: RaplInterface): PolledSensor =>
      new PolledSensor('rapl', () => INTERFACES[way](context, settings.interval), true)
    if (settings.interface !== 'auto') return sensor(settings.interface)
    return new FirstUsable(
      'rapl',
      interfaces().map((label) => ({ label, sensor: sensor(label) })),
    )
  },
  variants: (settings) => interfaces().map((label) => ({ label, settings: { ...settings, interface: label } })),
}

function interfaces(): readonly RaplInterface[] {
  return Object.keys(INTERFACES) as RaplInterface[]
}
