import { join } from 'node:path'
import { type Cpu, readCpu } from '../../machine/cpu-info.ts'
import { findDies, onlineCpus } from '../../machine/cpu-topology.ts'
import { SensorError } from '../../model/sensor-error.ts'
import type { NativeChannel } from '../../native/addon.ts'
import type { BoundChannel, ReaderPlan } from '../../native/polled-sensor.ts'
import { ReaderError } from '../../native/reader-thread.ts'
import { nodeText } from '../failure.ts'
import type { SensorContext } from '../sensor-type.ts'
import { formatResolution, type RaplDomain, raplChannel, raplIntervalMs, raplMaxPowerUw } from './channel.ts'
import { type EnergyRegister, energyRegisters, registerUnitUj } from './msr-unit.ts'
import { absentInterface, errnoName, msrRemedy } from './remedy.ts'
import { countersOf, isFirstOfPackage, raplDomain } from './topology.ts'

/** The energy status is bits 31:0; the rest is reserved (Intel SDM volume 4; AMD64 APM, Core::X86::Msr::PKG_ENERGY_STAT). */
const STATES = 2n ** 32n

interface PlacedRegister extends EnergyRegister {
  readonly path: string
  readonly domain: RaplDomain
}

/**
 * Plans to read the energy registers themselves through `/dev/cpu/N/msr`, one CPU per package. The last resort: it needs
 * CAP_SYS_RAWIO, and knows less than the drivers do. Which registers a processor has shows when they are first read.
 */
export async function discoverMsr(context: SensorContext, wishedMs: number): Promise<readonly ReaderPlan[]> {
  const cpu = readCpu(context)
  const counters = countersOf(findDies(context.sysfs, onlineCpus(context.sysfs)), cpu.isAmd)
  const registers = counters.flatMap((counter) =>
    energyRegisters(cpu)
      .filter(({ scope }) => scope !== 'psys' || isFirstOfPackage(counter, counters))
      .map((register) => ({
        ...register,
        path: join(context.devfs, `cpu/${counter.cpu}/msr`),
        domain: raplDomain(register.scope, counter),
      })),
  )
  if (registers.length === 0) throw absentInterface('no energy register is known for this processor', 'msr', cpu)

  const intervalMs = raplIntervalMs(wishedMs)
  return [
    {
      reader: {
        type: 'msr',
        registers: registers.map(({ path, register, unitRegister }) => ({ path, register, unitRegister })),
      },
      intervalMs,
      deadlineMs: 250,
      openTimeoutMs: 2_000,
      bind: (found) => bindRegisters(found, registers, cpu, intervalMs),
      explain: (error) => explainRefusal(error, registers[0]?.path ?? '', cpu),
      describe: (errno) => (errnoName(errno) === 'EIO' ? 'EIO: the processor refuses the register' : errnoName(errno)),
    },
  ]
}

function explainRefusal(error: SensorError, path: string, cpu: Cpu): SensorError {
  const { code, cause } = error
  const errno = error instanceof ReaderError ? error.detail : 0
  const message = errno > 0 ? nodeText(path, errno) : error.message
  // A guest has the device but no registers behind it: a capability would not help.
  if (code === 'SENSOR_ABSENT' || cpu.isVirtual) return absentInterface(message, 'msr', cpu)
  return code === 'SENSOR_PERMISSION' ? new SensorError(code, message, { cause, remedy: msrRemedy() }) : error
}

function bindRegisters(
  found: readonly NativeChannel[],
  registers: readonly PlacedRegister[],
  cpu: Cpu,
  intervalMs: number,
): readonly BoundChannel[] {
  const bound = found.map(({ attributes }) => ({ unit: attributes.unit, place: registers[Number(attributes.index)] }))
  const isSolePsys = bound.filter(({ place }) => place?.scope === 'psys').length === 1
  return bound.map(({ place, unit }) => {
    if (place === undefined)
      throw new SensorError('SENSOR_CLOSED', 'the msr reader named a register that was not asked for')
    const { scope, domain, path, register } = place
    const unitUj = registerUnitUj(scope, BigInt(unit ?? 0), cpu)
    const facts = {
      interface: 'msr',
      path: `${path} 0x${register.toString(16)}`,
      resolution: formatResolution(unitUj),
    }
    const counter = { unitUj, modulus: STATES, maxPowerUw: raplMaxPowerUw(scope, unitUj), facts }
    const channel = raplChannel(domain, counter, { intervalMs, isSolePsys })
    if (unit === undefined) return { channel, interpret: () => ({ corrupt: 'the unit register could not be read' }) }
    return { channel, interpret: (raw) => ({ count: raw % STATES }) }
  })
}
