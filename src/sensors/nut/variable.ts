import { SensorError, type SensorErrorCode } from '../../model/sensor-error.ts'

const MEANINGS: Readonly<
  Record<string, { readonly code: SensorErrorCode; readonly text: string; readonly remedy?: string }>
> = {
  'DATA-STALE': { code: 'SENSOR_TRANSIENT', text: 'its driver hears nothing from it' },
  'DRIVER-NOT-CONNECTED': { code: 'SENSOR_TRANSIENT', text: 'its driver does not run' },
  'UNKNOWN-UPS': { code: 'SENSOR_ABSENT', text: 'upsd does not know it', remedy: 'upsc -l lists the names' },
  'VAR-NOT-SUPPORTED': {
    code: 'SENSOR_ABSENT',
    text: 'it has no such variable',
    remedy: 'upsc lists what it tells: without a realpower it meters no watts',
  },
  'ACCESS-DENIED': {
    code: 'SENSOR_PERMISSION',
    text: 'upsd does not let this host in',
    remedy: 'a LISTEN line in upsd.conf for this network, and upsd started anew',
  },
}

/** The text of a variable in an answer to `GET VAR`. Throws a SensorError. */
export function variableIn(answer: string, ups: string, variable: string): string {
  const place = `${ups} ${variable}`
  const [, told, name, text] = /^VAR (\S+) (\S+) "((?:[^"\\]|\\.)*)"$/.exec(answer) ?? []
  if (told === ups && name === variable && text !== undefined) return text.replace(/\\(.)/g, '$1')
  const reason = /^ERR ([A-Z-]{1,40})/.exec(answer)?.[1]
  if (reason === undefined) throw new SensorError('SENSOR_CORRUPT', `${place}: upsd answers something else`)
  const { code, text: meaning, remedy } = MEANINGS[reason] ?? { code: 'SENSOR_TRANSIENT', text: 'upsd refuses' }
  throw new SensorError(code, `${place}: ${meaning} (${reason})`, remedy === undefined ? {} : { remedy })
}
