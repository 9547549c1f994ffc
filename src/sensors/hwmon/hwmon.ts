import { join } from 'node:path'
import { SensorError } from '../../model/sensor-error.ts'
import { PolledSensor, type ReaderPlan } from '../../native/polled-sensor.ts'
import { errnoText } from '../failure.ts'
import { readdir } from '../files.ts'
import { requireReadable } from '../readable.ts'
import type { SensorCode, SensorContext } from '../sensor-type.ts'
import { type ChipChannels, channelsOf } from './channel.ts'
import { HwmonClass } from './class.ts'
import type { HwmonSettings } from './schema.ts'

/** An ACPI meter may ask the BMC (acpi_ipmi.c), and I²C and HID chips take milliseconds to seconds. */
const DEADLINE_MS = 2_000

/**
 * Power and energy of the kernel's hardware monitoring: the ACPI power meter, Grace, GPUs of AMD and Intel, supplies.
 * Every chip is read on a thread of its own, since any driver may wait for firmware or for a bus.
 */
export const hwmon: SensorCode<HwmonSettings> = {
  create(settings, context) {
    const chips = new HwmonClass(context.sysfs)
    return new PolledSensor('hwmon', () => discover(chips, settings, context))
  },
}

async function discover(
  hwmonClass: HwmonClass,
  { interval }: HwmonSettings,
  { sysfs }: SensorContext,
): Promise<readonly ReaderPlan[]> {
  const found = channelsOf(await hwmonClass.chips(), interval)
  if (found.length === 0) throw await absent(sysfs)
  await requireReadable(
    'hwmon',
    found.flatMap(({ paths }) => paths),
  )
  return found.map(planOf)
}

function planOf({ paths, bound, intervalMs }: ChipChannels): ReaderPlan {
  return {
    reader: { type: 'files', paths },
    intervalMs,
    deadlineMs: DEADLINE_MS,
    openTimeoutMs: DEADLINE_MS,
    // The same files can come to mean something else: a second meter, the rail that contains this one.
    topology: bound
      .map(({ channel }) => `${channel.scope}/${channel.device}/${channel.hardware}/${channel.nodeMeter}`)
      .join(),
    bind: () => bound,
    describe: describeFailure,
  }
}

async function absent(sysfs: string): Promise<SensorError> {
  const message = `no chip in ${join(sysfs, 'class/hwmon')} reports power or energy`
  const devices = await readdir(join(sysfs, 'bus/acpi/devices')).catch(() => [])
  const hasMeter = devices.some((device) => device.startsWith('ACPI000D:'))
  return new SensorError('SENSOR_ABSENT', message, hasMeter ? { remedy: 'modprobe acpi_power_meter' } : {})
}

/** `errno` is 0 for a text that is no unsigned number. */
function describeFailure(errno: number): string {
  if (errno === 0) return 'the driver gives no unsigned number'
  return errnoText(errno)
}
