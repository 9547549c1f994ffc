import { join } from 'node:path'
import type { PowerChannel } from '../../model/channel.ts'
import { NS_PER_MS } from '../../model/units.ts'
import { readAttribute } from '../../native/attribute.ts'
import type { BoundChannel, Value } from '../../native/polled-sensor.ts'
import { readdir } from '../files.ts'
import { readLabel } from '../label.ts'

/** A power domain of the firmware: a zone of powercap that tells power and no energy (drivers/powercap/arm_scmi_powercap.c). */
export interface ScmiZone {
  /** `arm-scmi:0:1` lies in `arm-scmi:0`. */
  readonly directory: string
  /** What the firmware calls it. */
  readonly name: string
  /** Its `power_uw`. */
  readonly path: string
}

const ZONE = /^arm-scmi(?::\d{1,6}){1,8}$/
/** A domain around which there is no other, and that is called what a socket is called. */
const SOCKET = /^(?:soc|socket|package|pkg|chip)[-_ ]?(\d{0,3})$/i
/** Nobody says what firmware is off by; sensors of boards are within 5 % (arXiv 2312.02741). */
const BOARD_SENSOR = 0.05
/** 4,295 W: 32 bits that are all set, of which firmware says that it knows no number. */
const UNKNOWN_UW = 2n ** 32n - 1n
/** No part of a host draws more. Firmware that counts in mW shows its unknown above it. */
const MAX_PART_UW = 10_000_000_000n

/** Domains whose power the firmware monitors; the driver answers EINVAL for the others. */
export async function readScmiZones(root: string): Promise<readonly ScmiZone[]> {
  const entries = (await readdir(root).catch(() => [])).filter((entry) => ZONE.test(entry)).sort()
  const zones = await Promise.all(entries.map((directory) => describeZone(root, directory)))
  return zones.filter((zone) => zone !== null)
}

async function describeZone(root: string, directory: string): Promise<ScmiZone | null> {
  const path = join(root, directory, 'power_uw')
  const name = await readLabel(join(root, directory, 'name'))
  const isMonitored = await readAttribute(path).then(
    () => true,
    ({ code }: NodeJS.ErrnoException) => code !== 'EINVAL' && code !== 'ENOENT',
  )
  return isMonitored ? { directory, name: name === '' ? directory : name, path } : null
}

export function bindScmiZone(zone: ScmiZone, zones: readonly ScmiZone[], intervalMs: number): BoundChannel {
  const { directory, name, path } = zone
  const outer = directory.slice(0, directory.lastIndexOf(':'))
  const isInside = outer !== 'arm-scmi'
  const [whole, number] = SOCKET.exec(name) ?? []
  const isSocket = whole !== undefined && !isInside
  const isAlone = zones.filter((other) => other.name === name).length === 1
  const channel: PowerChannel = {
    sensor: 'scmi',
    scope: isSocket ? 'package' : 'other',
    device: isAlone ? name : `${name} (${directory})`,
    kind: 'power',
    quality: 'measured',
    maxPowerUw: MAX_PART_UW,
    relativeUncertainty: BOARD_SENSOR,
    nodeMeter: null,
    hardware: isSocket && isAlone ? `socket-${Number(number)}` : null,
    intervalNs: BigInt(Math.round(intervalMs)) * NS_PER_MS,
    facts: { path, ...(isInside && { inside: zones.find((other) => other.directory === outer)?.name ?? outer }) },
  }
  return { channel, interpret: (raw) => interpret(raw, channel.hardware !== null) }
}

function interpret(raw: bigint, isSocket: boolean): Value {
  if (raw === 0n && isSocket) return { corrupt: '0 W from a processor that runs' }
  if (raw === UNKNOWN_UW) return { corrupt: `${raw} µW, all bits set, are no power` }
  return raw > MAX_PART_UW ? { corrupt: `${raw} µW are more than any part of a host draws` } : { powerUw: raw }
}
