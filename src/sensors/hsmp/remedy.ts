import { constants } from 'node:os'
import { readCpu } from '../../machine/cpu-info.ts'
import { SensorError } from '../../model/sensor-error.ts'
import { ReaderError } from '../../native/reader-thread.ts'
import { errnoText, nodeText } from '../failure.ts'
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
  const { absent, isOffered } = whyAbsent(path, context)
  const message = detail > 0 ? nodeText(path, detail, absent) : `${path}: ${describeErrno(detail)}`
  // The unit's list of devices is closed; a mode that forbids it is EACCES.
  if (detail === EPERM) return new SensorError('SENSOR_PERMISSION', message, { ...because, remedy: ALLOW })
  if (detail === EACCES) return new SensorError('SENSOR_PERMISSION', message, { ...because, remedy: OPEN })
  if ((detail !== ENOENT && detail !== ENXIO) || !isOffered) return new SensorError(error.code, message, because)
  return new SensorError('SENSOR_ABSENT', message, { ...because, remedy: LOAD })
}

function whyAbsent(path: string, context: SensorContext): { readonly absent: string; readonly isOffered: boolean } {
  const { isAmd, family, isVirtual } = readCpu(context)
  if (path.startsWith('unix:')) return { absent: 'nobody passes the messages on', isOffered: false }
  if (!isAmd || family < FIRST_FAMILY) return { absent: 'EPYC has HSMP, from Zen 3 on', isOffered: false }
  if (isVirtual) return { absent: 'this is a virtual machine, and its host passes no HSMP on', isOffered: false }
  return { absent: 'amd_hsmp is not loaded, or the firmware does not offer HSMP', isOffered: true }
}

export function describeErrno(errno: number): string {
  return errno > 0 ? errnoText(errno) : 'no socket answers'
}
