import { constants } from 'node:os'
import { readCpu } from '../../machine/cpu-info.ts'
import { SensorError } from '../../model/sensor-error.ts'
import { ReaderError } from '../../native/reader-thread.ts'
import { errnoText } from '../failure.ts'
import type { SensorContext } from '../sensor-type.ts'

const { ENOENT, ENXIO, EACCES, EPERM } = constants.errno
/** Milan, the first that has the port, is of family 19h. */
const FIRST_FAMILY = 0x19

const RESTART = 'systemctl restart wattledger'
const LOAD = `modprobe amd_hsmp && echo amd_hsmp > /etc/modules-load.d/wattledger-hsmp.conf && ${RESTART}`
const RULE = 'KERNEL=="hsmp", MODE="0444"'
const OPEN =
  `echo '${RULE}' > /etc/udev/rules.d/60-wattledger-hsmp.rules && ` +
  'udevadm control --reload && udevadm trigger --sysname-match=hsmp'
const FOLDER = '/etc/systemd/system/wattledger.service.d'
const ALLOW = `mkdir -p ${FOLDER} && printf '[Service]\\nDeviceAllow=/dev/hsmp r\\n' > ${FOLDER}/hsmp.conf && systemctl daemon-reload && ${RESTART}`

/** Says what to do about a port that could not be opened. */
export function explainHsmpError(error: SensorError, path: string, context: SensorContext): SensorError {
  if (!(error instanceof ReaderError)) return error
  const { detail } = error
  const because = { cause: error }
  const message = `${path}: ${describeErrno(detail)}`
  // The unit's list of devices is closed; a mode that forbids it is EACCES.
  if (detail === EPERM) return new SensorError('SENSOR_PERMISSION', message, { ...because, remedy: ALLOW })
  if (detail === EACCES) return new SensorError('SENSOR_PERMISSION', message, { ...because, remedy: OPEN })
  const { isAmd, family, isVirtual } = readCpu(context)
  const mayHave = isAmd && family >= FIRST_FAMILY && !isVirtual && !path.startsWith('unix:')
  if ((detail !== ENOENT && detail !== ENXIO) || !mayHave) return new SensorError(error.code, message, because)
  return new SensorError('SENSOR_ABSENT', `${message}; the firmware has to offer HSMP`, { ...because, remedy: LOAD })
}

export function describeErrno(errno: number): string {
  return errno > 0 ? errnoText(errno) : 'no socket answers'
}
