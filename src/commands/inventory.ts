import { amortisedUg } from '../carbon/embodied/amortisation.ts'
import { amortised, type Embodied, embodiedOf } from '../carbon/embodied/embodied.ts'
import { type Component, inventoryOf } from '../carbon/embodied/inventory.ts'
import { type Environment, loadConfig } from '../config/loader.ts'
import { ConfigError } from '../config/problem.ts'
import { partsOf } from '../machine/machine-parts.ts'
import { recall, save, savedPath } from '../machine/saved-file.ts'
import { savedPartsText } from '../machine/saved-parts.ts'
import { look, type Roots, type Sight } from '../machine/sight.ts'
import { HOUR_MS } from '../model/time.ts'
import type { Output } from './config.ts'
import { notesOn } from './inventory-notes.ts'
import { inventoryText } from './inventory-text.ts'

export interface InventoryCommand {
  readonly file: string | null
  readonly json: boolean
  /** Keeps what is seen for the service, which sees less, in place of a report. */
  readonly save: boolean
  /** Folders of the system's tools; by default its own, and none for a machine of fixtures. */
  readonly tools?: readonly string[]
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
const EX_FAILURE = 1
const EX_CONFIG = 78

/** Lists the machine's parts with what making them emitted, and what of it counts; or saves the parts for the service. */
export async function inventory(command: InventoryCommand): Promise<number> {
  try {
    const { carbon, paths } = loadConfig(command.file, command.env)
    const sight = await ask(paths, command.tools)
    if (command.save) return keep(command, sight, paths.state)
    const { saved, said } = recall(paths.state, sight)
    const parts = partsOf(sight, saved)
    const embodied = embodiedOf(carbon.embodied, parts)
    const report: InventoryReport = {
      product: parts.product,
      isVirtual: parts.isVirtual,
      components: parts.isVirtual ? [] : inventoryOf(parts).components,
      embodied: embodied && { ...embodied, ...progress(embodied, command.unixMs()) },
      notes: notesOn({ parts, sight, saved, said }, carbon.embodied, embodied),
    }
    command.stdout.write(command.json ? `${JSON.stringify(report, null, 2)}\n` : inventoryText(report))
    return EX_OK
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    command.stderr.write(`${error.message}\n`)
    return EX_CONFIG
  }
}

const REAL_SYSFS = '/sys'

/** What is seen, with what the tools know of it. They speak of this machine alone, and load only here. */
async function ask(roots: Roots, tools: readonly string[] | undefined): Promise<Sight> {
  const sight = look(roots)
  if (tools === undefined && roots.sysfs !== REAL_SYSFS) return sight
  const { SYSTEM_FOLDERS, survey } = await import('../machine/survey.ts')
  // Names are all that is lost where nothing can be asked, as without a place for temporary files.
  return await survey(sight, { folders: tools ?? SYSTEM_FOLDERS }).catch(() => sight)
}

const UNSEEN = 'unknown'

function keep({ stdout, stderr, unixMs }: InventoryCommand, sight: Sight, state: string): number {
  const path = savedPath(state)
  try {
    save(state, savedPartsText(sight, unixMs()))
  } catch (error) {
    stderr.write(`wattledger: ${path} cannot be written: ${(error as Error).message.replaceAll(/\s+/g, ' ')}\n`)
    return EX_FAILURE
  }
  const { dimmsGb, suppliesW, disks, gpus } = sight
  const listed = [
    `memory modules ${dimmsGb?.length ?? UNSEEN}`,
    `power supplies ${suppliesW?.length ?? UNSEEN}`,
    `disks ${disks.length}`,
    `GPUs ${gpus.length}`,
  ]
  stdout.write(`saved in ${path}: ${listed.join(', ')}\n`)
  return EX_OK
}

const UG_PER_G = 1e6
const UG_PER_KG = 1e9

function progress(embodied: Embodied, nowUnixMs: number): Pick<EmbodiedReport, 'gPerHour' | 'remainingKg'> {
  const spread = amortised(embodied)
  const hourUg = (Number(spread.totalUg) * HOUR_MS) / spread.lifetimeMs
  const { startsUnixMs, totalUg } = spread
  const leftUg = startsUnixMs === null ? null : totalUg - amortisedUg(spread, startsUnixMs, nowUnixMs)
  return { gPerHour: hourUg / UG_PER_G, remainingKg: leftUg === null ? null : Number(leftUg) / UG_PER_KG }
}
