import { amortisedUg } from '../carbon/embodied/amortisation.ts'
import { amortised, checkEmbodied, type Embodied, embodiedOf } from '../carbon/embodied/embodied.ts'
import { inventoryOf } from '../carbon/embodied/inventory.ts'
import { type StageFootprint, stagesOf } from '../carbon/embodied/stages.ts'
import { loadConfig } from '../config/loader.ts'
import { type Host, readHost } from '../machine/host.ts'
import { byWhom, Inventory } from '../machine/inventory.ts'
import type { Roots } from '../machine/roots.ts'
import { savedPartsText } from '../machine/saved-parts.ts'
import { save, savedPath } from '../machine/saved-parts-file.ts'
import { COUNTED_STAGE, STAGE_CATEGORY } from '../model/life-stage.ts'
import { HOUR_MS } from '../model/time.ts'
import { UsageError } from '../model/usage-error.ts'
import { tellerIn } from '../sensors/redfish/teller.ts'
import { EX_OK } from './exit-codes.ts'
import { notesOn } from './inventory-notes.ts'
import { lifetimeQuestion } from './inventory-options.ts'
import type { EmbodiedReport, InventoryReport, StageReport } from './inventory-report.ts'
import { inventoryText } from './inventory-text.ts'
import { whatIfOf } from './inventory-what-if.ts'
import { answer, type Context, type Output } from './run.ts'

/** `save` keeps what is seen for the service, which sees less, in place of a report. */
export interface InventoryContext extends Pick<Context, 'file' | 'json' | 'save' | 'env' | 'unixMs' | 'options'> {
  readonly stdout: Output
  /** Folders of the system's tools; by default its own, and none for a machine of fixtures. */
  readonly tools?: readonly string[]
}

/** Lists the machine's parts with what making them emitted, and what of it counts; or saves the parts for the service. */
export async function inventory(context: InventoryContext): Promise<number> {
  const question = lifetimeQuestion(context.options ?? {})
  if (question !== null && context.save) throw new UsageError('--save and --lifetime: give one of them')
  const { carbon, paths, sensors } = loadConfig(context.file, context.env)
  const host = await ask(paths, context.tools)
  if (context.save) return keep(context, host, paths.state)
  const known = await Inventory.open(paths.state, host, tellerIn(sensors.redfish))
  const { parts, told } = known
  checkEmbodied(carbon.embodied)
  const embodied = embodiedOf(carbon.embodied, parts)
  const components = parts.isVirtual ? [] : inventoryOf(parts).components
  const report: InventoryReport = {
    product: parts.product,
    isVirtual: parts.isVirtual,
    components,
    knownBy: parts.isVirtual ? null : { ...parts.knownBy, teller: told && byWhom(told.parts) },
    embodied: embodied && { ...embodied, ...progress(embodied, context.unixMs()) },
    stages: embodied === null ? [] : stagesOf(embodied, carbon.embodied, parts).map(stageReport),
    whatIf: whatIfOf(question, embodied, components, carbon, context.unixMs()),
    notes: notesOn(known, carbon.embodied, embodied),
  }
  answer(context, report, inventoryText)
  return EX_OK
}

const REAL_SYSFS = '/sys'

/** What is seen, with what the tools know of it. They speak of this machine alone, and load only here. */
async function ask(roots: Roots, tools: readonly string[] | undefined): Promise<Host> {
  const host = readHost(roots)
  if (tools === undefined && roots.sysfs !== REAL_SYSFS) return host
  const { SYSTEM_FOLDERS, askTools } = await import('../machine/system-tools.ts')
  // Names are all that is lost where nothing can be asked, as without a place for temporary files.
  return await askTools(host, { folders: tools ?? SYSTEM_FOLDERS }).catch(() => host)
}

const UNSEEN = 'unknown'

/** Throws with the system's code where the folder of state cannot be written. */
function keep({ stdout, unixMs }: InventoryContext, host: Host, state: string): number {
  const path = savedPath(state)
  try {
    save(state, savedPartsText(host, unixMs()))
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException
    const remedy = code === 'EACCES' ? 'permission denied. Run this as root' : message.replaceAll(/\s+/g, ' ')
    const text = `${path} cannot be written: ${remedy}`
    throw Object.assign(new Error(text, { cause }), { code })
  }
  const { dimmsGib, suppliesW, disks, gpus } = host
  const listed = [
    `memory modules ${dimmsGib?.length ?? UNSEEN}`,
    `power supplies ${suppliesW?.length ?? UNSEEN}`,
    `disks ${disks.length}`,
    `GPUs ${gpus.length}`,
  ]
  stdout.write(`saved in ${path}: ${listed.join(', ')}\n`)
  return EX_OK
}

function stageReport(figure: StageFootprint): StageReport {
  const { about, category } = STAGE_CATEGORY[figure.stage]
  return { ...figure, about, scope3Category: category, isCounted: figure.stage === COUNTED_STAGE }
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
