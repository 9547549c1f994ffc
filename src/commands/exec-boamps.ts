import type { MachineParts } from '../machine/machine-parts.ts'
import type { WindowAnswer } from '../windows/answers.ts'
import type { BoampsFacts } from './boamps-facts.ts'
import type { Report } from './exec-report.ts'

/** What the document says besides what was measured. */
export interface BoampsContext {
  readonly facts: BoampsFacts
  readonly parts: MachineParts
  /** Of os-release(5). */
  readonly system: { readonly distribution: string | null; readonly distributionVersion: string | null }
  /** Of the grid, ISO 3166-1; null where no zone is configured. */
  readonly country: string | null
  readonly version: string
  readonly id: string
  readonly unixMs: number
}

const J_PER_KWH = 3.6e6
const VENDORS: Readonly<Record<number, string>> = { 4318: 'nvidia', 4098: 'amd', 32902: 'intel' }

/**
 * A report of BoAmps (https://github.com/Boavizta/BoAmps): a measure for each run. What is not known has no key. Null where
 * nothing told the energy of any run.
 */
export function boampsOf({ runs, baseline }: Report, context: BoampsContext): object | null {
  const windows = runs.flatMap(({ window }) => (window !== null && window.covered_s > 0 ? [window] : []))
  if (windows.length === 0) return null
  const { facts, parts, system, version, id, unixMs } = context
  return known({
    header: known({
      licensing: facts.header?.licensing,
      formatVersionSpecificationUri: 'https://raw.githubusercontent.com/Boavizta/BoAmps/main/model/report_schema.json',
      reportId: id,
      reportDatetime: dateTime(new Date(unixMs).toISOString()),
      reportStatus: windows.every(({ status }) => status === 'final') ? 'final' : 'draft',
      publisher: facts.header?.publisher,
    }),
    task: facts.task,
    measures: windows.map((window) => measureOf(window, baseline, version)),
    system: known({ os: 'linux', ...system }),
    software: facts.software,
    infrastructure: { ...facts.infrastructure, components: componentsOf(parts) },
    environment: environmentOf(windows, context),
    quality: qualityOf(windows),
  })
}

function measureOf(window: WindowAnswer, baseline: WindowAnswer | null, version: string): object {
  const isMeasured = baseline !== null && baseline.covered_s > 0
  return known({
    measurementMethod: 'wattledger',
    version,
    cpuTrackingMode: trackingOf(window, 'processors'),
    gpuTrackingMode: trackingOf(window, 'accelerators'),
    powerCalibrationMeasurement: isMeasured ? baseline.energy_j / J_PER_KWH : null,
    durationCalibrationMeasurement: isMeasured ? baseline.covered_s : null,
    powerConsumption: window.energy_j / J_PER_KWH,
    // Of what is not covered there is no energy in it either.
    measurementDuration: window.covered_s,
    measurementDateTime: dateTime(window.started),
  })
}

/** How a part's energy was obtained: `measured`, or `estimated+measured` where it changed meanwhile. */
function trackingOf({ parts }: WindowAnswer, part: string): string | null {
  const own = parts.filter((one) => one.part === part)
  const joules = own.reduce((sum, { energy_j }) => sum + energy_j, 0)
  // What is a millionth of it is the rounding of a relation.
  const told = own.filter(({ energy_j }) => energy_j > 1e-5 * joules).map(({ quality }) => quality)
  return told.length === 0 ? null : told.sort().join('+')
}

/** The energy is that of the whole machine, and so all of it is used. */
function componentsOf({ processors, dimmsGib, areModulesKnown, memoryGb, disks, gpus }: MachineParts): object[] {
  const share = 1
  const modules = areModulesKnown ? dimmsGib : memoryGb > 0 ? [Math.round(memoryGb * 10) / 10] : []
  return [
    ...counted(processors.map(({ name }) => ({ componentName: name, componentType: 'cpu' }))),
    ...counted(modules.map((memorySize) => ({ componentType: 'ram', memorySize }))),
    ...counted(
      gpus.map(({ name, vendor }) =>
        known({ componentName: name, componentType: 'gpu', manufacturer: VENDORS[vendor] }),
      ),
    ),
    ...counted(
      disks.map(({ name, gb, rotates }) => ({
        componentName: name,
        componentType: rotates ? 'hdd' : 'ssd',
        memorySize: Math.round(gb),
      })),
    ),
  ].map((component) => ({ ...component, share }))
}

/** Equal ones are one with their number. */
function counted<Component extends object>(all: readonly Component[]): (Component & { nbComponent: number })[] {
  const groups = Map.groupBy(all, (component) => JSON.stringify(component))
  return [...groups.values()].flatMap(([first, ...others]) =>
    first === undefined ? [] : [{ ...first, nbComponent: 1 + others.length }],
  )
}

/** The format has no place for an intensity without a country. */
function environmentOf(windows: readonly WindowAnswer[], { facts, country }: BoampsContext): object | null {
  const where = facts.environment?.country ?? country
  if (where === null) return null
  return known({ ...facts.environment, country: where, powerSourceCarbonIntensity: intensityOf(windows) })
}

/** Mean by energy; null where it is not known for all of it. */
function intensityOf(windows: readonly WindowAnswer[]): number | null {
  const used = windows.filter(({ energy_j }) => energy_j > 0)
  const joules = used.reduce((sum, { energy_j }) => sum + energy_j, 0)
  if (joules === 0 || used.some(({ intensity_g_per_kwh: grams }) => grams === null)) return null
  return used.reduce((sum, { energy_j, intensity_g_per_kwh: grams }) => sum + energy_j * Number(grams), 0) / joules
}

/** By the 95 % interval, in the classes of the format; null for what is less sure than its last one. */
function qualityOf(windows: readonly WindowAnswer[]): string | null {
  const sum = (of: (window: WindowAnswer) => number) => windows.reduce((all, window) => all + of(window), 0)
  const ratio = sum(({ uncertainty_95_j }) => uncertainty_95_j) / sum(({ energy_j }) => energy_j)
  return ratio <= 0.1 ? 'high' : ratio <= 0.25 ? 'medium' : ratio <= 0.5 ? 'low' : null
}

/** `2026-10-31 22:00:00`, UTC */
function dateTime(iso: string): string {
  return iso.slice(0, 19).replace('T', ' ')
}

/** Without the keys that have no value. */
function known(values: Readonly<Record<string, unknown>>): object {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== null && value !== undefined))
}
