import { readKey } from '../../io/key-file.ts'
import { keepSecret } from '../../model/secrets.ts'
import { SensorError } from '../../model/sensor-error.ts'

/** The password or community in a file that the configuration names. Throws a SensorError. */
export function secretIn(path: string): string {
  try {
    const { text } = readKey(path)
    keepSecret(text)
    return text
  } catch (cause) {
    const remedy = `chgrp wattledger ${path} && chmod 0640 ${path}`
    throw new SensorError('SENSOR_PERMISSION', (cause as Error).message, { cause, remedy })
  }
}
