import { SensorError } from '../model/sensor-error.ts'
import { openAttribute } from '../native/attribute.ts'

/**
 * sysfs grants these files to all; whoever took that back must give it to the service. They are opened and not asked for
 * with access(2), which does not see a capability. Opening a file of sysfs calls no driver.
 */
export async function requireReadable(sensor: string, paths: readonly string[]): Promise<void> {
  const attempts = await Promise.allSettled(paths.map(openAttribute))
  const refusals = attempts.flatMap((attempt) => (attempt.status === 'rejected' ? [attempt.reason] : []))
  const denied = refusals.find(({ code }) => code === 'EACCES' || code === 'EPERM')
  if (refusals.length < attempts.length || denied === undefined) return
  throw new SensorError('SENSOR_PERMISSION', `${sensor}: ${denied.message}`, {
    cause: denied,
    remedy: `chgrp wattledger-sensors ${paths.join(' ')} && chmod g+r ${paths.join(' ')}`,
  })
}
