import { AnswerError } from '../../io/answer.ts'
import { HttpError, TIMED_OUT } from '../../io/http.ts'
import { SensorError } from '../../model/sensor-error.ts'
import { CertificateError } from './connection.ts'

/** What a failure of the connection means for the sensor, with what a person can do. A controller must not break the agent. */
export function explain(error: unknown): SensorError {
  if (error instanceof SensorError) return error
  if (error instanceof CertificateError) return certificate(error)
  if (error instanceof HttpError) return answerOrNone(error)
  if (error instanceof AnswerError) {
    return new SensorError('SENSOR_CORRUPT', `the controller answers, but not as Redfish: ${error.message}`, {
      remedy: 'check that sensors.redfish.url is the address of the management controller',
    })
  }
  return new SensorError('SENSOR_CORRUPT', `the controller's answer makes no sense: ${String(error)}`, { cause: error })
}

function certificate({ message, fingerprint }: CertificateError): SensorError {
  return new SensorError('SENSOR_PERMISSION', `${message}; nothing was sent to it`, {
    remedy: `if the controller's own interface shows this fingerprint, set sensors.redfish.fingerprint: "${fingerprint}"`,
  })
}

const UNREACHED =
  "check sensors.redfish.url, that the controller's network reaches this host, and that Redfish is switched on there"

function answerOrNone({ message, status, retryAfterMs, code }: HttpError): SensorError {
  const wait = retryAfterMs === null ? {} : { retryAfterMs: Math.round(retryAfterMs) }
  if (code === TIMED_OUT) {
    return new SensorError('SENSOR_TIMEOUT', message, {
      ...wait,
      remedy:
        'check sensors.redfish.url and the network between, and raise sensors.redfish.deadline for a slow controller',
    })
  }
  if (status === 401 || status === 403) {
    return new SensorError('SENSOR_PERMISSION', message, {
      ...wait,
      remedy: 'set sensors.redfish.username to an account that may read (role ReadOnly)',
    })
  }
  if (status === 404) return new SensorError('SENSOR_ABSENT', `${message}: it is not there`, wait)
  return new SensorError('SENSOR_TRANSIENT', message, { ...wait, ...(status === null && { remedy: UNREACHED }) })
}
