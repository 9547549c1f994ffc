import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { csvRecords } from '../../src/carbon/table/csv-record.ts'
import { canonicalCpu } from '../../src/sensors/estimate/cpu-name.ts'
import { type Platform, platformOf, type Seen } from '../../src/sensors/estimate/platform.ts'
import { findProcessor } from '../../src/sensors/estimate/processors.ts'

/** A server whose power at the wall was measured. */
export interface Row {
  readonly system: string
  readonly cpu: string
  /** As it was published. */
  readonly seen: Seen
  readonly platform: Platform
  /** Power in W at 0, 10, ..., 100 % of full throughput; null where it was not published. */
  readonly loadsW: readonly (number | null)[]
}

type Fields = Readonly<Record<string, string>>

export function readCsv(file: string): readonly Fields[] {
  if (!existsSync(file))
    throw new Error(`${file} is missing: name the folder of the measurements with --data DIR or in WATTLEDGER_DATA`)
  const [header, ...records] = [...csvRecords(readFileSync(file, 'utf8'))].flatMap((record) => {
    if (record === null) return []
    if (!('fields' in record)) throw new Error(`${file}: a line is no CSV`)
    return [record.fields]
  })
  return records.map((fields) => Object.fromEntries((header ?? []).map((name, index) => [name, fields[index] ?? ''])))
}

/** Several nodes in one chassis were measured as one. */
const MANY_NODES =
  /synergy|\bBL\d|\bM[56]\d\d|\bFC\d|\bBX9|\bCX\d|apollo|\bXL\d|\bDL1[67]0h|2x2|twin|blade|\bnode|CH121|\bSD\d|\bXR[48]\d|AW2000h|altix (xe3|ice)|\bXE320|D44N|RS7\d0Q|-F\d|\bC6\d\d\d|SE100|moonshot|\bMS\d+\b|X6000|tecal (CH|XH|E)|UCS.?B|hyve/i
const SHARED_SUPPLY = 'Shared'
/** Before, a Xeon was known by its clock alone. */
const FIRST_NUMBERED_YEAR = 2007
const NETBURST = { name: 'netburst', year: 2005 }
const CHIPS = [1, 2, 4, 8]
/** Below, terabytes were written as gigabytes. */
const MIN_GIB_PER_THREAD = 0.1

/** Rows of one of the two files of SPECpower results, repaired. One without its load levels between has null there. */
export function readRows(file: string): readonly Row[] {
  return readCsv(file).flatMap((fields) => rowOf(fields) ?? [])
}

function rowOf(fields: Fields): Row | null {
  const number = (name: string): number => Number(fields[name]) || 0
  const system = fields.system ?? ''
  const cores = number('cores')
  const threads = number('threads')
  const chips = chipsOf(fields, cores)
  const memoryGib =
    number('memory_gib') / threads < MIN_GIB_PER_THREAD ? number('memory_gib') * 1024 : number('memory_gib')
  const year = number('available_year') || Number(fields.published?.slice(-4)) || null
  const levels = ['idle_w', ...Array.from({ length: 10 }, (_, index) => `load${index + 1}0_w`)]
  const loadsW = levels.map((name) => number(name) || null)
  if (chips === null || loadsW[0] === null || MANY_NODES.test(system) || fields.psu === SHARED_SUPPLY) return null
  const seen: Seen = {
    cpu: fields.cpu ?? '',
    chips,
    cores,
    threads,
    memoryGib,
    product: system,
    year,
    tdpW: number('tdp_w_per_chip') || null,
    baseMhz: number('base_mhz') || null,
    generation: year !== null && year < FIRST_NUMBERED_YEAR ? NETBURST : null,
  }
  return { system, cpu: canonicalCpu(seen.cpu), seen, platform: platformOf(seen), loadsW }
}

/** Some rows give the cores in place of the processors: the catalogue tells. Null where that cannot be repaired. */
function chipsOf(fields: Fields, cores: number): number | null {
  const { match, specification } = findProcessor(fields.cpu ?? '')
  const counted = match === 'generation' ? Number.NaN : cores / (specification?.cores ?? 0)
  const chips = Number.isInteger(counted) ? counted : Number(fields.chips)
  return CHIPS.includes(chips) && chips <= cores ? chips : null
}

/** Both files as one: what stands in both under different names is taken once. */
export function readMeasurements(folder: string): readonly Row[] {
  const curves = readRows(join(folder, 'specpower/servers.csv'))
  const known = new Set(curves.map(fingerprint))
  const ends = readRows(join(folder, 'specpower/servers-idle-full.csv'))
  return [...curves, ...ends.filter((row) => !known.has(fingerprint(row)))]
}

function fingerprint({ cpu, platform, loadsW }: Row): string {
  return [cpu, platform.chips, loadsW[0], loadsW[10]].join(' ')
}

/** A server's product, however it is spelled: its words with a number. */
export function productOf({ system }: Pick<Row, 'system'>): string {
  const words = system
    .toLowerCase()
    .replace(/\(.*/, '')
    .split(/[^a-z0-9]+/)
  const numbered = [...new Set(words.filter((word) => /\d/.test(word)))]
  return numbered.length > 0 ? numbered.join(' ') : words.join(' ')
}

/**
 * Leaves out CPU models, from whichever file their rows are.
 * @param names a model in each line, however it is spelled; a bare number is that of any maker
 */
export function withoutCpus(rows: readonly Row[], names: string): readonly Row[] {
  const left = names
    .split(/\r?\n/)
    .map((line) => canonicalCpu(line.replaceAll('"', '')))
    .filter((key) => key !== '')
  const isLeft = (cpu: string): boolean => left.some((key) => cpu === key || cpu.endsWith(` ${key}`))
  return rows.filter(({ cpu }) => !isLeft(cpu))
}
