import { join } from 'node:path'
import { readCpu } from '../../machine/cpu-info.ts'
import { SensorError } from '../../model/sensor-error.ts'
import { openAttribute } from '../../native/attribute.ts'
import type { BoundChannel, ReaderPlan } from '../../native/polled-sensor.ts'
import type { SensorContext } from '../sensor-type.ts'
import { formatResolution, raplChannel, raplIntervalMs, raplMaxPowerUw } from './channel.ts'
import { absentInterface, containerRemedy, errnoName, powercapRemedy } from './remedy.ts'
import { readZones, type Zone } from './zone.ts'

const ONE_UJ = { numerator: 1n, denominator: 1n }

/**
 * Plans to read the counter of every RAPL zone of powercap. Rejects with SENSOR_ABSENT when there is no zone, and with
 * SENSOR_PERMISSION when none may be read.
 */
export async function discoverPowercap(context: SensorContext, wishedMs: number): Promise<readonly ReaderPlan[]> {
  const root = join(context.sysfs, 'class/powercap')
  const cpu = readCpu(context)
  const zones = await readZones(root, cpu.isAmd)
  if (zones.length === 0) throw absentInterface(`no RAPL zone in ${root}`, 'intel_rapl_msr', cpu)
  const paths = zones.map(({ path }) => path)
  await requireReadable(paths)

  const intervalMs = raplIntervalMs(wishedMs)
  const isSolePsys = zones.filter(({ domain }) => domain.scope === 'psys').length === 1
  return [
    {
      reader: { type: 'files', paths },
      intervalMs,
      deadlineMs: 250,
      openTimeoutMs: 2_000,
      // Numbers are given out anew when zones are registered anew: the path of a package can become that of psys.
      topology: JSON.stringify(zones.map(({ identity }) => identity)),
      bind: () => zones.map((zone) => bindZone(zone, intervalMs, isSolePsys)),
      describe: describeFailure,
    },
  ]
}

/**
 * Opens each counter once, as access(2) would ask for the user without its ambient capabilities. One that opens is
 * enough: the others fail for themselves.
 */
async function requireReadable(paths: readonly string[]): Promise<void> {
  const attempts = await Promise.allSettled(paths.map(openAttribute))
  const refusals = attempts.flatMap((attempt) => (attempt.status === 'rejected' ? [attempt.reason] : []))
  if (refusals.length < attempts.length) return
  const denied = refusals.find(({ code }) => code === 'EACCES' || code === 'EPERM')
  const cause: NodeJS.ErrnoException = denied ?? refusals[0]
  // Zones whose links lead nowhere: the container's runtime hid the tree behind them.
  const remedy = denied ? powercapRemedy() : containerRemedy()
  throw new SensorError('SENSOR_PERMISSION', `powercap: ${cause.message}`, { remedy, cause })
}

function bindZone(zone: Zone, intervalMs: number, isSolePsys: boolean): BoundChannel {
  const { domain, modulus } = zone
  const facts = {
    interface: `powercap (${zone.directory.controlType})`,
    path: zone.path,
    ...(zone.leftOut.length > 0 && { leftOut: zone.leftOut.join(', ') }),
  }
  if (modulus === undefined || zone.trouble !== undefined) {
    const corrupt = `${zone.directory.directory}: ${zone.trouble}`
    const maxPowerUw = raplMaxPowerUw(domain.scope)
    const isUnidentified = modulus === undefined
    const counter = { unitUj: ONE_UJ, modulus: null, maxPowerUw, facts: { ...facts, trouble: corrupt }, isUnidentified }
    return { channel: raplChannel(domain, counter, { intervalMs, isSolePsys: false }), interpret: () => ({ corrupt }) }
  }
  const resolutionUj = { numerator: modulus, denominator: 2n ** 32n }
  const maxPowerUw = raplMaxPowerUw(domain.scope, resolutionUj)
  const counter = {
    unitUj: ONE_UJ,
    modulus,
    maxPowerUw,
    facts: { ...facts, resolution: formatResolution(resolutionUj) },
  }
  return {
    channel: raplChannel(domain, counter, { intervalMs, isSolePsys }),
    interpret: (raw) =>
      raw < modulus ? { count: raw } : { corrupt: `${raw} is above the register's ${modulus} states` },
  }
}

function describeFailure(errno: number): string {
  const name = errnoName(errno)
  switch (name) {
    case 'EACCES':
    case 'EPERM':
      return `${name}: may not be read. Remedy: ${powercapRemedy()}`
    case 'ENODEV':
    case 'ENOENT':
      return `${name}: the zone is gone`
    case 'EINVAL': // what sysfs makes of the driver's EIO
      return `${name}: the driver could not read the register`
    default:
      return name
  }
}
