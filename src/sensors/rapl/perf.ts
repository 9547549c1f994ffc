import { join } from 'node:path'
import { readCpu } from '../../machine/cpu-info.ts'
import { findDies, parseCpuList } from '../../machine/cpu-topology.ts'
import { textOf } from '../../machine/files.ts'
import type { Scope } from '../../model/channel.ts'
import type { Rational } from '../../model/rational.ts'
import { SensorError } from '../../model/sensor-error.ts'
import type { BoundChannel, ReaderPlan } from '../../native/polled-sensor.ts'
import type { SensorContext } from '../sensor-type.ts'
import { type RaplDomain, raplChannel, raplIntervalMs, raplMaxPowerUw } from './channel.ts'
import { PERF_EVENTS, parsePerfEvent, parsePerfScale } from './perf-event.ts'
import { absentInterface, errnoName, perfRemedy } from './remedy.ts'
import { type Counter, countersOf, isFirstOfPackage, raplDomain } from './topology.ts'

/** An event of the PMU; `unitUj` is undefined when its scale states no energy. */
interface PerfEvent {
  readonly name: string
  readonly scope: Scope
  readonly config: number
  readonly unitUj: Rational | undefined
}

interface CountedEvent extends PerfEvent {
  readonly domain: RaplDomain
  readonly cpu: number
}

/**
 * Plans to read the events of the `power` PMU, one group per register. Rejects with SENSOR_ABSENT when there is no such
 * PMU; whether it may be opened shows when it is.
 *
 * The count is 64 bits wide and kept by the kernel, yet "it never wraps" is false three times: the PMU of TPMI machines
 * falls by 2^32 counts at each wrap of its register (rapl_event_update in Linux 6.12's intel_rapl_common.c, mended by
 * 7.2); the MSR PMU sign-extends the register's step, so that more than 2^31 raw units between two updates make it fall
 * (arch/x86/events/rapl.c); and an event whose CPU went offline is opened anew and begins at 0. All three are falls. So
 * the modulus is null: a fall is a reset, which adds no energy and opens a gap.
 */
export async function discoverPerf(context: SensorContext, wishedMs: number): Promise<readonly ReaderPlan[]> {
  const folder = join(context.sysfs, 'bus/event_source/devices/power')
  const text = (file: string): string => textOf(join(folder, file)) ?? ''
  const cpu = readCpu(context)
  const pmu = text('type')
  if (!/^\d{1,9}$/.test(pmu)) throw absentInterface(`no power PMU in ${folder}`, 'rapl', cpu)

  const events = readEvents(text, cpu.isAmd)
  const dies = findDies(context.sysfs, parseCpuList(text('cpumask')) ?? [])
  // The PMU of TPMI machines names every CPU, though it counts per package.
  const isPerPackage = cpu.isAmd || dies.some(({ listed }) => listed > 1)
  const counted = countEvents(events, countersOf(dies, isPerPackage))
  if (counted.length === 0)
    throw new SensorError('SENSOR_ABSENT', `the power PMU in ${folder} names no event or no CPU`)

  const intervalMs = raplIntervalMs(wishedMs)
  const remedy = perfRemedy(readParanoia(context.procfs))
  const isSolePsys = counted.filter(({ scope }) => scope === 'psys').length === 1
  return [
    {
      reader: { type: 'perf', pmu: Number(pmu), events: counted.map(({ cpu, config }) => ({ cpu, config })) },
      intervalMs,
      deadlineMs: 250,
      openTimeoutMs: 2_000,
      bind: () => counted.map((event) => bindEvent(event, folder, intervalMs, isSolePsys)),
      explain: ({ code, message, cause }) =>
        new SensorError(code, message, { cause, ...(code === 'SENSOR_PERMISSION' && { remedy }) }),
      describe: describeFailure,
    },
  ]
}

function readEvents(text: (file: string) => string, isAmd: boolean): readonly PerfEvent[] {
  return PERF_EVENTS.flatMap(({ name, scope }) => {
    const config = parsePerfEvent(text(`events/${name}`))
    // On AMD only the package's register is of a package.
    if (config === undefined || (isAmd && scope !== 'package')) return []
    const unitUj = parsePerfScale(text(`events/${name}.scale`), text(`events/${name}.unit`))
    return [{ name, scope, config, unitUj }]
  })
}

/** All events of a register's CPU side by side: they form a group, which one system call reads. */
function countEvents(events: readonly PerfEvent[], counters: readonly Counter[]): readonly CountedEvent[] {
  return counters.flatMap((counter) =>
    events
      .filter(({ scope }) => scope !== 'psys' || isFirstOfPackage(counter, counters))
      .map((event) => ({ ...event, cpu: counter.cpu, domain: raplDomain(event.scope, counter) })),
  )
}

function bindEvent(event: CountedEvent, folder: string, intervalMs: number, isSolePsys: boolean): BoundChannel {
  const { domain, name, cpu, unitUj } = event
  const facts = { interface: 'perf', path: join(folder, 'events', name), cpu: `${cpu}`, resolution: 'not stated' }
  const maxPowerUw = raplMaxPowerUw(domain.scope)
  const counter = { unitUj: unitUj ?? { numerator: 1n, denominator: 1n }, modulus: null, maxPowerUw, facts }
  const channel = raplChannel(domain, counter, { intervalMs, isSolePsys })
  if (unitUj) return { channel, interpret: (count) => ({ count }) }
  return { channel, interpret: () => ({ corrupt: `${name}.scale and ${name}.unit do not describe an energy` }) }
}

function readParanoia(procfs: string): number {
  const text = textOf(join(procfs, 'sys/kernel/perf_event_paranoid')) ?? ''
  return /^-?\d$/.test(text) ? Number(text) : 2
}

function describeFailure(errno: number): string {
  const name = errnoName(errno)
  switch (name) {
    case 'ENODATA':
      return 'the event stopped counting, as when its CPU goes offline; it is opened anew'
    case 'ENOENT':
    case 'EINVAL':
      return `${name}: this processor has no such event`
    default:
      return name
  }
}
