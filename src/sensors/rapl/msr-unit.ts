import type { CpuInfo } from '../../machine/cpu-info.ts'
import type { Scope } from '../../model/channel.ts'
import type { Rational } from '../../model/rational.ts'
import { UJ_PER_J } from '../../model/units.ts'

/** A model-specific register that counts energy, and the one that holds its unit. */
export interface EnergyRegister {
  readonly scope: Scope
  readonly register: number
  readonly unitRegister: number
}

const INTEL_UNIT = 0x606 // MSR_RAPL_POWER_UNIT
const AMD_UNIT = 0xc0010299

/** arch/x86/include/asm/msr-index.h. AMD's 0xC001029A is one core's, and is left alone. */
const INTEL_REGISTERS: readonly EnergyRegister[] = [
  { scope: 'package', register: 0x611, unitRegister: INTEL_UNIT },
  { scope: 'core', register: 0x639, unitRegister: INTEL_UNIT },
  { scope: 'uncore', register: 0x641, unitRegister: INTEL_UNIT },
  { scope: 'dram', register: 0x619, unitRegister: INTEL_UNIT },
  { scope: 'psys', register: 0x64d, unitRegister: INTEL_UNIT },
]
const AMD_REGISTERS: readonly EnergyRegister[] = [{ scope: 'package', register: 0xc001029b, unitRegister: AMD_UNIT }]

export function energyRegisters({ isAmd, isIntel }: Pick<CpuInfo, 'isAmd' | 'isIntel'>): readonly EnergyRegister[] {
  if (isAmd) return AMD_REGISTERS
  return isIntel ? INTEL_REGISTERS : []
}

/**
 * Intel family 6 models whose DRAM counts in 15.3 µJ whatever the unit register says: Haswell-EP, Broadwell-DE and -EP,
 * Skylake-SP to Cooper Lake, Ice Lake-SP and -D, Knights Landing and Mill (rapl_defaults_hsw_server in
 * intel_rapl_common.c; Broadwell-DE by model_hsx in arch/x86/events/rapl.c and by turbostat). Not Sapphire Rapids: taken
 * for one of them it would show a quarter of its memory's energy.
 */
const DRAM_15_3_UJ: ReadonlySet<number> = new Set([0x3f, 0x56, 0x4f, 0x55, 0x6a, 0x6c, 0x57, 0x85])
/** Sapphire and Emerald Rapids: psys counts in 1 J (rapl_defaults_spr_server). */
const PSYS_1_J: ReadonlySet<number> = new Set([0x8f, 0xcf])
/**
 * Bay Trail, Merrifield, Cherry Trail and Braswell, Moorefield: the field is a power of two of µJ, not a negative one of
 * J (rapl_check_unit_atom and rapl_ids in drivers/powercap/intel_rapl_common.c). Not Avoton (0x4D), a Silvermont too,
 * which the driver does not know: with a power of two of µJ its 20 W would be tens of kilowatts, and turbostat takes the
 * power of two for Bay Trail alone. Goldmont and later Atoms are as all others.
 */
const ATOM_UNIT: ReadonlySet<number> = new Set([0x37, 0x4a, 0x4c, 0x5a])

/** µJ per count, exact. `unitRegister` is the raw unit register, whose bits 12:8 are the energy unit. */
export function registerUnitUj(
  scope: Scope,
  unitRegister: bigint,
  { isIntel, family, model }: Pick<CpuInfo, 'isIntel' | 'family' | 'model'>,
): Rational {
  const exponent = (unitRegister >> 8n) & 0x1fn
  if (isIntel && family === 6) {
    if (scope === 'dram' && DRAM_15_3_UJ.has(model)) return { numerator: 153n, denominator: 10n }
    if (scope === 'psys' && PSYS_1_J.has(model)) return { numerator: UJ_PER_J, denominator: 1n }
    if (ATOM_UNIT.has(model)) return { numerator: 1n << exponent, denominator: 1n }
  }
  return { numerator: UJ_PER_J, denominator: 1n << exponent }
}
