import type { Channel, Scope } from '../../model/channel.ts'
import type { HwmonChip } from './chip.ts'
import { type Quantity, railOf } from './quantity.ts'

/** What a quantity stands for in the machine. */
export interface Meaning {
  readonly scope: Scope
  readonly hardware: Channel['hardware']
  readonly nodeMeter: Channel['nodeMeter']
  readonly relativeUncertainty: number
}

export interface ChipRule {
  /** Which one counts where a chip has both `powerN_average` and `powerN_input`. */
  readonly prefersAverage?: boolean
  /** Set where the driver adds up a narrow register only when it is read. */
  readonly longestIntervalMs?: number
  /** Null for what is no measurement, or none of its own. */
  meaning(quantity: Quantity, chip: HwmonChip, rails: Rails): Meaning | null
}

/** The rails of all chips, as `module 0`. */
export type Rails = ReadonlySet<string>

/** Sensors on GPUs and supplies are within 5 % (arXiv 2312.02741), meters of a BMC's class within 2 % (HDEEM). */
const BOARD_SENSOR = 0.05
const METER = 0.02

const part = (scope: Scope, hardware: string | null): Meaning => ({
  scope,
  hardware,
  nodeMeter: null,
  relativeUncertainty: BOARD_SENSOR,
})
const OTHER = part('other', null)
/** By a number that the driver counts sockets with: the last one of a text. */
const socketOf = (text: string): string => `socket-${Number(/(\d+)\D*$/.exec(text)?.[1] ?? 0)}`

/** Each contains the next. `total` is what platforms after Grace call `grace`. */
const SOCKET_RAILS: readonly string[] = ['module', 'grace', 'total']
const INNER_RAILS: ReadonlyMap<string, Scope> = new Map([
  ['cpu', 'core'],
  ['sysio', 'uncore'],
  ['soc', 'uncore'],
])

/**
 * drivers/hwmon/acpi_power_meter.c. On NVIDIA's Arm platforms there is one for each rail, named in its OEM information:
 * Module holds Grace and the GPU, Grace holds CPU, SysIO and the memory. Elsewhere it is the machine's.
 */
function powerMeter({ label }: Quantity, { texts }: HwmonChip, rails: Rails): Meaning {
  const rail = railOf(label)
  if (rail !== null) {
    const level = SOCKET_RAILS.indexOf(rail.part)
    if (level === -1) return part(INNER_RAILS.get(rail.part) ?? 'other', null)
    const isInside = SOCKET_RAILS.slice(0, level).some((outer) => rails.has(`${outer} ${rail.socket}`))
    return part('module', isInside ? null : `socket-${rail.socket}`)
  }
  if (texts.get('power1_is_battery') === '1') return OTHER
  return { scope: 'ac_in', hardware: null, nodeMeter: 'acpi', relativeUncertainty: METER }
}

/** MI300A: cores, compute dies and memory in one socket, behind one sensor. */
const MI300A = '0x74a0'

/** drivers/gpu/drm/amd/pm/amdgpu_pm.c: on an APU, which alone has in1 (vddnb), the sensor covers the CPU cores too. */
function amdgpu(_: Quantity, { address, texts, files }: HwmonChip): Meaning {
  // Each socket of it is a NUMA node.
  if (texts.get('pci_device') === MI300A) return part('module', socketOf(texts.get('numa_node') ?? ''))
  return files.has('in1_input') ? part('package', 'socket-0') : part('gpu', address)
}

/**
 * drivers/gpu/drm/xe/xe_hwmon.c: the card contains the package, but boards without a card sensor show it as 0. The first
 * versions of the driver have one counter and no label.
 */
function xe({ label }: Quantity, { address, texts }: HwmonChip): Meaning | null {
  const hasCard = texts.get('energy1_label') === 'card' && texts.get('energy1_input') !== '0'
  if (label === 'card' && !hasCard) return null
  const isWhole = label === 'card' || label === null || (label === 'pkg' && !hasCard)
  return part('gpu', isWhole ? address : null)
}

/** The output of a PC's supply and its rails (drivers/hwmon/corsair-psu.c). */
function corsairPsu({ label }: Quantity): Meaning {
  if (label !== 'power total') return part('psu', null)
  return { ...part('dc_node', null), nodeMeter: 'corsairpsu' }
}

/**
 * Apple's controller (drivers/hwmon/macsmc-hwmon.c), with the labels of its device trees. What comes in charges a battery too,
 * and the power of the heat pipe is worked out from temperatures.
 */
function macsmc({ label }: Quantity): Meaning | null {
  if (label === 'Total System Power') return { ...part('dc_node', null), nodeMeter: 'macsmc' }
  return label === 'Heatpipe Power' ? null : OTHER
}

/**
 * POWER's on-chip controller, from the host (drivers/hwmon/ibmpowernv.c, with the labels of skiboot's hw/occ-sensor.c, whose
 * scale_energy() makes µJ, which the driver passes on as they are) or from a service processor (drivers/hwmon/occ/common.c: `system`, `0_proc`, `0_vdd`, ...).
 */
function occ({ label }: Quantity): Meaning {
  const text = label?.toLowerCase() ?? ''
  if (text === 'system') return { ...part('dc_node', null), nodeMeter: 'occ' }
  if (/^\d+_system$/.test(text)) return part('dc_node', null)
  if (/^chip \d+$|^\d+_proc$/.test(text)) return part('package', socketOf(text))
  if (/^chip \d+ memory$/.test(text)) return part('dram', socketOf(text))
  if (/[ _]vdd$/.test(text)) return part('core', null)
  if (text === 'fan') return part('fan', null)
  return /[ _]vdn$/.test(text) ? part('uncore', null) : OTHER
}

const gpu: ChipRule['meaning'] = (_, { address }) => part('gpu', address)
/** 32 bits of 61 µJ are full after 4.4 min at 1 kW (xe_hwmon_energy_get()). */
const INTEL_GPU_MS = 60_000

/** By chip name. */
const RULES: ReadonlyMap<string, ChipRule> = new Map(
  Object.entries<ChipRule>({
    power_meter: { meaning: powerMeter },
    amdgpu: { meaning: amdgpu, prefersAverage: true },
    nouveau: { meaning: gpu },
    i915: { meaning: gpu, longestIntervalMs: INTEL_GPU_MS },
    i915_gt: { meaning: () => part('gpu', null), longestIntervalMs: INTEL_GPU_MS },
    xe: { meaning: xe, longestIntervalMs: INTEL_GPU_MS },
    corsairpsu: { meaning: corsairPsu },
    macsmc_hwmon: { meaning: macsmc },
    // The OCC's averages reach back to its start: occ_get_powr_avg().
    occ: { meaning: occ },
    ibmpowernv: { meaning: occ },
    // PMD and SoC: two parts of the processor that do not contain each other (drivers/hwmon/xgene-hwmon.c).
    xgene: { meaning: ({ label, stem }) => part('package', `socket-0/${label ?? stem}`) },
    // Bound to a device of its own for each socket (drivers/platform/x86/amd/hsmp).
    amd_hsmp_hwmon: { meaning: (_, { address }) => part('package', socketOf(address)) },
    amd_energy: { meaning: ({ label }) => (label?.startsWith('Esocket') ? part('package', socketOf(label)) : null) },
    // An estimate of the processor's, not a measurement (Documentation/hwmon/fam15h_power.rst).
    fam15h_power: { meaning: () => null },
  }),
)

const UNKNOWN: ChipRule = { meaning: () => OTHER }

/** The rule of a chip. One that nobody described is a part of the machine of which nothing more is known. */
export function ruleOf(name: string): ChipRule {
  return RULES.get(name) ?? RULES.get(name.replace(/\d+$/, '')) ?? UNKNOWN
}
