import { amortisedUg } from '../carbon/embodied/amortisation.ts'
import { amortised, type Embodied, type EmbodiedSettings, embodiedOf } from '../carbon/embodied/embodied.ts'
import { type Component, inventoryOf } from '../carbon/embodied/inventory.ts'
import { type MachineParts, readMachineParts } from '../carbon/embodied/machine-parts.ts'
import { type Environment, loadConfig } from '../config/loader.ts'
import { ConfigError } from '../config/problem.ts'
import type { Output } from './config.ts'
import { inventoryText } from './inventory-text.ts'

export interface InventoryCommand {
  readonly file: string | null
  readonly json: boolean
  readonly env: Environment
  readonly stdout: Output
  readonly stderr: Output
  readonly unixMs: () => number
}

export interface InventoryReport {
  /** Vendor and product; null when the firmware does not say. */
  readonly product: string | null
  readonly isVirtual: boolean
  /** By the component formulas, the largest first. None for a virtual machine. */
  readonly components: readonly Component[]
  /** What counts; null when nothing does. */
  readonly embodied: EmbodiedReport | null
  /** What to make of the figures. */
  readonly notes: readonly string[]
}

export interface EmbodiedReport extends Embodied {
  readonly gPerHour: number
  /** What the lifetime since the commissioning has not written off yet; null without a date. */
  readonly remainingKg: number | null
}

const EX_OK = 0
const EX_CONFIG = 78

/** Lists the machine's parts with what making them emitted, and what of it counts. */
export function inventory(command: InventoryCommand): number {
  try {
    const { carbon, paths } = loadConfig(command.file, command.env)
    const parts = readMachineParts(paths)
    const embodied = embodiedOf(carbon.embodied, parts)
    const report: InventoryReport = {
      product: parts.product,
      isVirtual: parts.isVirtual,
      components: parts.isVirtual ? [] : inventoryOf(parts).components,
      embodied: embodied && { ...embodied, ...progress(embodied, command.unixMs()) },
      notes: notesOn(parts, carbon.embodied, embodied),
    }
    command.stdout.write(command.json ? `${JSON.stringify(report, null, 2)}\n` : inventoryText(report))
    return EX_OK
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    command.stderr.write(`${error.message}\n`)
    return EX_CONFIG
  }
}

const GUEST =
  "a virtual machine has no parts of its own; carbon.embodied takes its share of the host's figure as total_kg, if you know it"
const NO_TABLE =
  'memory modules and power supplies are assumed, as in the service: the firmware lists them to root alone. total_kg in carbon.embodied settles it'
const AS_ROOT =
  "memory modules and power supplies are the firmware's list, which the service may not read: it assumes the usual ones. total_kg in carbon.embodied settles it"
const SWITCHED_OFF = 'carbon.embodied is none: nothing is counted'

function notesOn(parts: MachineParts, settings: EmbodiedSettings, embodied: Embodied | null): string[] {
  if (settings === 'none') return [SWITCHED_OFF]
  if (parts.isVirtual) return embodied === null ? [GUEST] : []
  return [parts.hasFirmwareTable ? AS_ROOT : NO_TABLE]
}

const HOUR_MS = 3_600_000
const UG_PER_G = 1e6
const UG_PER_KG = 1e9

function progress(embodied: Embodied, nowUnixMs: number): Pick<EmbodiedReport, 'gPerHour' | 'remainingKg'> {
  const spread = amortised(embodied)
  const hourUg = (Number(spread.totalUg) * HOUR_MS) / spread.lifetimeMs
  const { startsUnixMs, totalUg } = spread
  const leftUg = startsUnixMs === null ? null : totalUg - amortisedUg(spread, startsUnixMs, nowUnixMs)
  return { gPerHour: hourUg / UG_PER_G, remainingKg: leftUg === null ? null : Number(leftUg) / UG_PER_KG }
}
