import { accessSync, constants, existsSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { SensorError } from '../../model/sensor-error.ts'
import { ReaderError } from '../../native/reader-thread.ts'
import type { SensorContext } from '../sensor-type.ts'
import { NVML, nvmlCodeName } from './code.ts'

/** Nothing but a person's deed ends a mismatch: no use in asking more often. */
const MISMATCH_RETRY_MS = 3_600_000

const RESTART = 'systemctl restart wattledger'
/** The library would create the device nodes by running nvidia-modprobe, which is setuid and so powerless under NoNewPrivileges. */
const MAKE_NODES = `systemctl enable --now nvidia-persistenced && ${RESTART}`

const GROUP_RW = 0o060
/** The library itself sets the nodes' mode, from a parameter of the module. */
const OPEN_NODES =
  "echo 'options nvidia NVreg_DeviceFileMode=0666' > /etc/modprobe.d/60-wattledger-nvidia.conf && " +
  `chmod 0666 /dev/nvidiactl /dev/nvidia[0-9]* && ${RESTART}`

/** What the loader says of a library that no folder has. */
const NOT_THERE = ': cannot open shared object file: No such file or directory'

const DENIED: readonly number[] = [NVML.driverNotLoaded, NVML.noPermission, NVML.operatingSystem, NVML.unknown]

/** Says what to do about an NVML that could not be opened. */
export function explainNvmlError(error: SensorError, { procfs, devfs }: SensorContext): SensorError {
  if (!(error instanceof ReaderError)) return error
  const { detail } = error
  if (detail === NVML.libraryNotFound) {
    if (!error.message.endsWith(NOT_THERE)) return error
    const library = error.message.slice(0, -NOT_THERE.length)
    return new SensorError(error.code, `there is no ${library}: the driver of NVIDIA's GPUs brings it`, {
      cause: error,
    })
  }
  const message = `${error.message}: ${nvmlCodeName(detail)}`
  const because = { cause: error }
  if (detail === NVML.libRmVersionMismatch) {
    const remedy =
      'reboot, or stop all users of the GPUs and run: modprobe -r nvidia_drm nvidia_uvm nvidia && modprobe nvidia'
    const told = `${message}; the library was upgraded under the loaded kernel module`
    return new SensorError('SENSOR_TRANSIENT', told, { ...because, remedy, retryAfterMs: MISMATCH_RETRY_MS })
  }
  const isLoaded = existsSync(join(procfs, 'driver/nvidia/version'))
  if (detail === NVML.driverNotLoaded && !isLoaded) {
    return new SensorError('SENSOR_ABSENT', message, { ...because, remedy: `modprobe nvidia && ${RESTART}` })
  }
  // With the module loaded, DRIVER_NOT_LOADED means that its device nodes could not be opened. UNKNOWN may mean that too.
  if (!DENIED.includes(detail)) return new SensorError(error.code, message, because)
  const code = detail === NVML.unknown ? error.code : 'SENSOR_PERMISSION'
  return new SensorError(code, message, { ...because, remedy: nodesRemedy(devfs) })
}

/** Why a device node cannot be opened: it is not there, its mode forbids it, or the unit's device policy does. */
function nodesRemedy(devfs: string): string {
  if (!existsSync(join(devfs, 'nvidiactl'))) return MAKE_NODES
  const nodes = readdirSync(devfs).filter((name) => /^nvidia(ctl|\d+)$/.test(name))
  const forbidden = nodes.map((name) => join(devfs, name)).find((node) => !isAccessible(node))
  if (forbidden !== undefined) {
    const { mode, gid } = statSync(forbidden)
    return (mode & GROUP_RW) === GROUP_RW ? dropIn(`SupplementaryGroups=${gid}`) : OPEN_NODES
  }
  // Globs are resolved against /proc/devices when the unit starts: the module has to be there before.
  return dropIn('DeviceAllow=/dev/nvidiactl rw\\nDeviceAllow=char-nvidia* rw')
}

function isAccessible(path: string): boolean {
  try {
    accessSync(path, constants.R_OK | constants.W_OK)
    return true
  } catch {
    return false
  }
}

function dropIn(lines: string): string {
  const folder = '/etc/systemd/system/wattledger.service.d'
  return `mkdir -p ${folder} && printf '[Service]\\n${lines}\\n' > ${folder}/nvidia.conf && systemctl daemon-reload && ${RESTART}`
}
