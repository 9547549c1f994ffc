import { lookup } from 'node:dns/promises'
import { existsSync } from 'node:fs'
import { isIP } from 'node:net'
import { constants } from 'node:os'
import { join } from 'node:path'
import { SensorError } from '../../model/sensor-error.ts'
import { NS_PER_MS } from '../../model/units.ts'
import type { IpmiEndpoint } from '../../native/addon.ts'
import { ReaderError } from '../../native/reader-thread.ts'
import { nodeText } from '../failure.ts'

const VM_SCHEME = 'vm:'
const DEFAULT_DEVICE = '/dev/ipmi0'
/** Where older systems have the first interface, below the root of devices. */
const DEVICE_NAMES: readonly string[] = ['ipmi0', 'ipmi/0', 'ipmidev/0']

const RULE = 'SUBSYSTEM=="ipmi", KERNEL=="ipmi[0-9]*", GROUP="wattledger-sensors", MODE="0440"'
/** A group of its own, for the service alone: whoever may read the device governs the BMC, power switch included. */
const GRANT =
  'groupadd -rf wattledger-sensors && ' +
  `echo '${RULE}' > /etc/udev/rules.d/70-wattledger-ipmi.rules && ` +
  'udevadm control --reload && udevadm trigger --subsystem-match=ipmi'
const LOAD =
  'modprobe -a ipmi_devintf ipmi_si && ' +
  "printf 'ipmi_devintf\\nipmi_si\\n' > /etc/modules-load.d/wattledger-ipmi.conf  # ipmi_ssif for a BMC on I2C"
/** systemd resolves the device group of DeviceAllow= when the unit starts, and not again when the module is loaded. */
const RESTART = 'systemctl restart wattledger  # its DeviceAllow=char-ipmidev counts from the next start on'

/**
 * Where the BMC is: a character device, or `vm://HOST:PORT`. Paths under /dev are taken under `devfs`. Rejects with
 * SENSOR_ABSENT when the host has no address.
 */
export async function ipmiEndpoint(device: string, deadlineMs: number, devfs: string): Promise<IpmiEndpoint> {
  const deadlineNs = BigInt(Math.round(deadlineMs)) * NS_PER_MS
  if (!device.startsWith(VM_SCHEME)) return { path: devicePath(device, devfs), host: '', port: 0, deadlineNs }
  const { hostname, port } = new URL(device)
  return { path: '', host: await numericAddress(hostname.replace(/^\[|\]$/g, '')), port: Number(port), deadlineNs }
}

function devicePath(device: string, devfs: string): string {
  if (!device.startsWith('/dev/')) return device
  const names = device === DEFAULT_DEVICE ? DEVICE_NAMES : [device.slice('/dev/'.length)]
  const paths = names.map((name) => join(devfs, name))
  return paths.find((path) => existsSync(path)) ?? paths[0] ?? device
}

async function numericAddress(host: string): Promise<string> {
  if (isIP(host) !== 0) return host
  try {
    return (await lookup(host)).address
  } catch (cause) {
    throw new SensorError('SENSOR_ABSENT', `vm://${host}: no such host`, { cause })
  }
}

/** Adds to an error of the native reader what a person can do about it. */
export function explainIpmi(error: SensorError, endpoint: IpmiEndpoint): SensorError {
  if (!(error instanceof ReaderError) || endpoint.port !== 0) return error
  const { ENOENT, EACCES, EPERM } = constants.errno
  const remedies = new Map([
    [ENOENT, LOAD],
    [EACCES, GRANT],
    [EPERM, RESTART],
  ])
  const remedy = remedies.get(-error.detail)
  if (remedy === undefined) return error
  const message = nodeText(endpoint.path, -error.detail, 'the machine has no BMC, or the modules for it are not loaded')
  return new SensorError(error.code, message, { cause: error, remedy })
}

/** For people: `/dev/ipmi0` or `vm://127.0.0.1:9002`. */
export function endpointName({ path, host, port }: IpmiEndpoint): string {
  return port === 0 ? path : `vm://${isIP(host) === 6 ? `[${host}]` : host}:${port}`
}
