import { getSystemErrorName } from 'node:util'
import type { Cpu } from '../../machine/cpu-info.ts'
import { SensorError } from '../../model/sensor-error.ts'

/**
 * Gives the service's group the counters, which have been root's alone since CVE-2020-8694. Run for each zone as it
 * appears: the mode is back at 0400 whenever a zone is registered anew. udev's GROUP and MODE do not reach attributes.
 */
export const POWERCAP_UDEV_RULE =
  'ACTION=="add|change", SUBSYSTEM=="powercap", KERNEL=="intel-rapl*:*", ' +
  'RUN+="/bin/chgrp wattledger-sensors /sys%p/energy_uj", RUN+="/bin/chmod 0440 /sys%p/energy_uj"'

export const MSR_UDEV_RULE = 'SUBSYSTEM=="msr", KERNEL=="msr[0-9]*", GROUP="wattledger-sensors", MODE="0440"'

/** For root, and where the zones' links lead nowhere: a container's runtime masks the tree at its usual place only. */
export function containerRemedy(): string {
  return "start the container with the host's /sys at another path (-v /sys:/host/sys:ro) and set paths.sysfs to /host/sys"
}

export function powercapRemedy(): string {
  if (process.geteuid?.() === 0) return containerRemedy()
  return installRule('60-wattledger-rapl.rules', POWERCAP_UDEV_RULE, 'powercap')
}

/**
 * @param paranoid /proc/sys/kernel/perf_event_paranoid. Above 2, an addition of Debian's kernels refuses even
 *   CAP_PERFMON (SECURITY_PERF_EVENTS_RESTRICT)
 */
export function perfRemedy(paranoid: number): string {
  const sysctl = '/etc/sysctl.d/60-wattledger-perf.conf'
  const lower = `echo kernel.perf_event_paranoid=2 > ${sysctl} && sysctl -p ${sysctl} && `
  // perf_event_open is not in @system-service, which the unit's filter begins with.
  return (paranoid > 2 ? lower : '') + dropIn('perf', 'CAP_PERFMON', 'SystemCallFilter=perf_event_open')
}

export function msrRemedy(): string {
  const rule = installRule('60-wattledger-msr.rules', MSR_UDEV_RULE, 'msr')
  return `${rule} && ${dropIn('msr', 'CAP_SYS_RAWIO', 'DeviceAllow=char-cpu/msr r')}`
}

function installRule(file: string, rule: string, subsystem: string): string {
  const path = `/etc/udev/rules.d/${file}`
  return `echo '${rule}' > ${path} && udevadm control --reload && udevadm trigger --subsystem-match=${subsystem}`
}

function dropIn(name: string, capability: string, line: string): string {
  const folder = '/etc/systemd/system/wattledger.service.d'
  const text = `[Service]\\nAmbientCapabilities=${capability}\\nCapabilityBoundingSet=${capability}\\n${line}\\n`
  return `mkdir -p ${folder} && printf '${text}' > ${folder}/${name}.conf && systemctl daemon-reload && systemctl restart wattledger`
}

/** SENSOR_ABSENT, with the module that would bring the interface where one can. */
export function absentInterface(
  what: string,
  module: string,
  { isAmd, isIntel, isVirtual }: Pick<Cpu, 'isAmd' | 'isIntel' | 'isVirtual'>,
): SensorError {
  if (!isAmd && !isIntel) return new SensorError('SENSOR_ABSENT', `${what}: only x86 processors have RAPL`)
  if (isVirtual)
    return new SensorError('SENSOR_ABSENT', `${what}: this is a virtual machine, and its host passes no RAPL on`)
  return new SensorError('SENSOR_ABSENT', what, { remedy: `modprobe ${module}` })
}

/** The name of an errno, such as `EACCES`; `detail` of a reading that failed without one is 0. */
export function errnoName(detail: number): string {
  return detail > 0 ? getSystemErrorName(-detail) : 'no number'
}
