import { constants } from 'node:os'
import { join } from 'node:path'
import { SensorError } from '../../model/sensor-error.ts'
import { NS_PER_MS } from '../../model/units.ts'
import { PolledSensor, type ReaderPlan } from '../../native/polled-sensor.ts'
import { errnoText } from '../failure.ts'
import { readdir } from '../files.ts'
import { requireReadable } from '../readable.ts'
import type { SensorCode, SensorContext } from '../sensor-type.ts'
import { crayChannel, energyFilesOf, placesIn } from './channel.ts'
import type { CraySettings } from './schema.ts'

const FOLDER = 'cray/pm_counters'
/** The files are in memory, which the blade's controller writes. */
const DEADLINE_MS = 2_000
/** The controller renews them ten times a second (raw_scan_hz); until then a count that stands still adds nothing anyway. */
const STALE_MS = 3_000

/** The node and its parts by the counters that the controller of a Cray's blade keeps, which anybody may read. */
export const cray: SensorCode<CraySettings> = {
  create: (settings, context) => new PolledSensor('cray', () => discover(settings, context)),
}

async function discover({ interval }: CraySettings, { sysfs }: SensorContext): Promise<readonly ReaderPlan[]> {
  const directory = join(sysfs, FOLDER)
  const names = energyFilesOf((await readdir(directory).catch(() => [])).sort())
  if (names.length === 0) throw new SensorError('SENSOR_ABSENT', `no energy counter in ${directory}`)
  await requireReadable(
    'cray',
    names.map((name) => join(directory, name)),
  )
  const places = placesIn(sysfs)
  return [
    {
      reader: { type: 'pm-counters', directory, names, staleNs: BigInt(STALE_MS) * NS_PER_MS },
      intervalMs: interval,
      deadlineMs: DEADLINE_MS,
      openTimeoutMs: DEADLINE_MS,
      bind: (found) => found.map((one) => crayChannel(one, places, interval)),
      describe: describeFailure,
    },
  ]
}

/** `errno` is 0 for a text that is no number of joules. */
function describeFailure(errno: number): string {
  if (errno === 0) return 'the file holds no number of joules'
  if (errno === constants.errno.ESTALE)
    return `the blade's controller did not renew it for ${STALE_MS} ms, or started anew`
  return errnoText(errno)
}
