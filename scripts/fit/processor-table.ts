import { join } from 'node:path'
import { canonicalCpu } from '../../src/sensors/estimate/cpu-name.ts'
import { generationOf } from '../../src/sensors/estimate/generations.ts'
import { jsonOf } from './json.ts'
import { readCsv } from './rows.ts'
import { UNLISTED } from './unlisted.ts'

interface Entry {
  tdpW: number
  cores: number
  baseMhz: number
  boostMhz: number
}

const NOTHING: Entry = { tdpW: 0, cores: 0, baseMhz: 0, boostMhz: 0 }

const number = (text = ''): number => Number(/\d+(\.\d+)?/.exec(text)?.[0] ?? 0)
const mhz = (text = ''): number => Math.round(number(text) * (/mhz/i.test(text) ? 1 : 1000))

/** The catalogue of processors that the model carries, as JSON: by generation, a line for each model. */
export function processorTable(folder: string): string {
  const entries = new Map<string, Entry>()
  const add = (name: string, facts: Entry): void => {
    const key = canonicalCpu(name)
    const known = entries.get(key) ?? NOTHING
    // What was read first stands: catalogues come before the list of names.
    entries.set(key, {
      tdpW: known.tdpW || facts.tdpW,
      cores: known.cores || facts.cores,
      baseMhz: known.baseMhz || facts.baseMhz,
      boostMhz: known.boostMhz || facts.boostMhz,
    })
  }
  for (const line of UNLISTED.trim().split('\n')) {
    const [name = '', ...facts] = line.split(';')
    const [tdpW = 0, cores = 0, baseMhz = 0, boostMhz = 0] = facts.map(Number)
    add(name, { tdpW, cores, baseMhz, boostMhz })
  }
  for (const row of readCsv(join(folder, 'cpu/amd_server.csv'))) {
    add(row.Name ?? '', {
      tdpW: number(row['Default TDP']),
      cores: number(row['# of CPU Cores']),
      baseMhz: mhz(row['Base Clock']),
      boostMhz: mhz(row['Max. Boost Clock']),
    })
  }
  for (const row of readCsv(join(folder, 'cpu/intel_ark.csv'))) {
    add(row.cpu_name ?? '', {
      tdpW: number(row.tdp),
      cores: number(row.total_cores),
      baseMhz: mhz(row.processor_base_frequency),
      boostMhz: mhz(row.max_turbo_frequency),
    })
  }
  for (const row of readCsv(join(folder, 'cpu/cpu_tdp.csv'))) add(row.Name ?? '', { ...NOTHING, tdpW: number(row.TDP) })
  // Catalogues leave out old processors: what their servers' results say of them.
  for (const row of readCsv(join(folder, 'specpower/servers.csv'))) {
    const chips = Number(row.chips)
    add(row.cpu ?? '', {
      tdpW: number(row.tdp_w_per_chip),
      cores: Math.round(number(row.cores) / chips),
      baseMhz: number(row.base_mhz),
      boostMhz: 0,
    })
  }
  return tableOf(entries)
}

function tableOf(entries: ReadonlyMap<string, Entry>): string {
  const usable = [...entries].filter(([key, { tdpW }]) => tdpW > 0 && generationOf(key) !== null)
  const groups = Object.groupBy(usable, ([key]) => generationOf(key)?.name ?? '')
  const generations = Object.fromEntries(
    Object.entries(groups)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, members = []]) => [name, members.map(lineOf).sort().join('\n')]),
  )
  const source = 'Intel ARK, AMD and a list of names as collected in mlco2/codecarbon (MIT); spec.org'
  return jsonOf({ source, columns: 'name;TDP in W;cores;base clock;boost clock, both in 10 MHz', generations })
}

function lineOf([key, { tdpW, cores, baseMhz, boostMhz }]: [string, Entry]): string {
  const clock = (mhz: number): string => (mhz > 0 ? String(Math.round(mhz / 10)) : '')
  return [key, String(tdpW), cores || '', clock(baseMhz), clock(boostMhz)].join(';').replace(/;+$/, '')
}
