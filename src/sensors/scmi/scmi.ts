import { join } from 'node:path'
import { SensorError } from '../../model/sensor-error.ts'
import { PolledSensor, type ReaderPlan } from '../../native/polled-sensor.ts'
import { errnoText } from '../failure.ts'
import { requireReadable } from '../readable.ts'
import type { SensorCode, SensorContext } from '../sensor-type.ts'
import type { ScmiSettings } from './schema.ts'
import { bindScmiZone, readScmiZones } from './zone.ts'

/** The firmware answers through a mailbox, within milliseconds. */
const DEADLINE_MS = 2_000

/** Power domains of the firmware of Arm servers. Each power is the mean of the time in which the firmware keeps its cap. */
export const scmi: SensorCode<ScmiSettings> = {
  create: (settings, context) => new PolledSensor('scmi', () => discover(settings, context)),
}

async function discover({ interval }: ScmiSettings, { sysfs }: SensorContext): Promise<readonly ReaderPlan[]> {
  const root = join(sysfs, 'class/powercap')
  const zones = await readScmiZones(root)
  if (zones.length === 0)
    throw new SensorError('SENSOR_ABSENT', `no zone arm-scmi in ${root} whose firmware monitors its power`)
  const paths = zones.map(({ path }) => path)
  await requireReadable('scmi', paths)
  return [
    {
      reader: { type: 'files', paths },
      intervalMs: interval,
      deadlineMs: DEADLINE_MS,
      openTimeoutMs: DEADLINE_MS,
      topology: JSON.stringify(zones.map(({ name }) => name)),
      bind: () => zones.map((zone) => bindScmiZone(zone, zones, interval)),
      describe: describeFailure,
    },
  ]
}

/** `errno` is 0 for a text that is no unsigned number. */
function describeFailure(errno: number): string {
  if (errno === 0) return 'the firmware gives no unsigned number'
  return errnoText(errno)
}
