import type { CpuInfo } from '../../machine/cpu-info.ts'
import type { Generation } from './generations.ts'

type Models = Readonly<Record<number, readonly [name: string, year: number]>>

/** Of servers and what guests run on: Intel's models of family 6 (arch/x86/include/asm/intel-family.h). */
const INTEL: Models = {
  15: ['core', 2006],
  23: ['penryn', 2008],
  26: ['nehalem', 2009],
  30: ['nehalem', 2009],
  44: ['westmere', 2010],
  46: ['nehalem-ex', 2010],
  47: ['westmere-ex', 2011],
  42: ['sandybridge', 2011],
  45: ['sandybridge-ep', 2012],
  58: ['ivybridge', 2012],
  62: ['ivybridge-ep', 2013],
  60: ['haswell', 2013],
  63: ['haswell-ep', 2014],
  71: ['broadwell', 2015],
  79: ['broadwell-ep', 2016],
  86: ['broadwell-de', 2015],
  94: ['skylake', 2015],
  85: ['skylake-sp', 2017],
  106: ['icelake-sp', 2021],
  108: ['icelake-d', 2022],
  143: ['sapphirerapids', 2023],
  158: ['coffeelake', 2018],
  165: ['coffeelake', 2018],
  167: ['rocketlake', 2021],
  173: ['graniterapids', 2024],
  174: ['graniterapids', 2024],
  175: ['sierraforest', 2024],
  207: ['emeraldrapids', 2023],
}

const NETBURST_FAMILY = 15

/** AMD's, by family and model (arch/x86/kernel/cpu/amd.c). Servers have the first numbers of a family. */
const AMD: readonly (readonly [family: number, from: number, to: number, name: string, year: number])[] = [
  [15, 0, 255, 'k8', 2005],
  [16, 0, 3, 'barcelona', 2008],
  [16, 4, 7, 'shanghai', 2008],
  [16, 8, 8, 'istanbul', 2009],
  [16, 9, 9, 'magny-cours', 2010],
  [21, 0, 1, 'bulldozer', 2011],
  [21, 2, 2, 'piledriver', 2012],
  [23, 0, 47, 'naples', 2017],
  [23, 48, 95, 'rome', 2019],
  [23, 96, 255, 'zen2', 2019],
  [25, 0, 15, 'milan', 2021],
  [25, 16, 31, 'genoa', 2022],
  [25, 32, 95, 'zen3', 2020],
  [25, 96, 159, 'raphael', 2022],
  [25, 160, 175, 'bergamo', 2023],
  [26, 0, 31, 'turin', 2024],
  [26, 32, 255, 'zen5', 2024],
]

/** The generation that CPUID tells, for names without a number as guests have them: `Intel(R) Xeon(R) CPU @ 2.20GHz`. */
export function generationByCpuid({ isIntel, isAmd, family, model }: CpuInfo): Generation | null {
  if (isIntel && family === NETBURST_FAMILY) return { name: 'netburst', year: 2005 }
  if (isIntel && family === 6) {
    const [name, year] = INTEL[model] ?? []
    return name === undefined || year === undefined ? null : { name, year }
  }
  const found = isAmd ? AMD.find(([own, from, to]) => own === family && model >= from && model <= to) : undefined
  return found === undefined ? null : { name: found[3], year: found[4] }
}
