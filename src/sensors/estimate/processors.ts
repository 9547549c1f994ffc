import { canonicalCpu } from './cpu-name.ts'
import { type Generation, generationOf } from './generations.ts'
import { tableReader } from './table.ts'

/** What a maker's catalogue says of a processor; null where it is not known. */
export interface Specification {
  readonly tdpW: number
  /** Of one processor. */
  readonly cores: number | null
  readonly baseMhz: number | null
  readonly boostMhz: number | null
}

/** How a name was recognised: as it is, as the nearest of its family, by its generation alone, or not at all. */
export type Match = 'exact' | 'family' | 'generation' | 'none'

export interface KnownProcessor {
  /** Its canonical name. */
  readonly key: string
  readonly match: Match
  readonly generation: Generation | null
  /** Null when nothing is known. */
  readonly specification: Specification | null
}

interface ProcessorsFile {
  /** Lines of processors, by the name of their generation. */
  readonly generations: Readonly<Record<string, string>>
}

const processors = tableReader<ProcessorsFile>('processors')
/** The table has clocks in units of 10 MHz. */
const MHZ = 10

/** @param generation what else says the generation, where the name does not */
export function findProcessor(name: string, generation: Generation | null = null): KnownProcessor {
  const key = canonicalCpu(name)
  const own = generationOf(key) ?? generation
  const lines = own === null ? undefined : processors().generations[own.name]
  if (own === null || lines === undefined) return { key, match: 'none', generation: own, specification: null }
  const exact = lineOf(lines, key)
  if (exact !== null) return { key, match: 'exact', generation: own, specification: specificationOf(exact) }
  const relative = relativeOf(lines, key)
  if (relative !== null) return { key, match: 'family', generation: own, specification: specificationOf(relative) }
  return { key, match: 'generation', generation: own, specification: usualOf(lines) }
}

function lineOf(lines: string, key: string): string | null {
  const text = `\n${lines}`
  const at = text.indexOf(`\n${key};`)
  return at === -1 ? null : (text.slice(at + 1).split('\n', 1)[0] ?? null)
}

/** One that differs in the letters behind its number, as 8280L from 8280, else the nearest number of the same hundred. */
function relativeOf(lines: string, key: string): string | null {
  const [, stem, number] = /^(.*?)(\d{4,5})[a-z+]*( v\d)?$/.exec(key) ?? []
  if (stem === undefined || number === undefined) return null
  let best: string | null = null
  let least = 100
  for (const line of lines.split('\n')) {
    const [, otherStem, other] = /^(.*?)(\d{4,5})[a-z+]*( v\d)?;/.exec(line) ?? []
    if (otherStem !== stem || other === undefined || other.slice(0, -2) !== number.slice(0, -2)) continue
    const distance = Math.abs(Number(other) - Number(number))
    if (distance < least) [best, least] = [line, distance]
  }
  return best
}

function specificationOf(line: string): Specification {
  const [, tdp, cores, base, boost] = line.split(';')
  return {
    tdpW: Number(tdp),
    cores: Number(cores) || null,
    baseMhz: Number(base) * MHZ || null,
    boostMhz: Number(boost) * MHZ || null,
  }
}

/** The medians of a generation. */
function usualOf(lines: string): Specification {
  const all = lines.split('\n').map(specificationOf)
  const median = (of: (one: Specification) => number | null): number | null => {
    const values = all.flatMap((one) => of(one) ?? []).sort((a, b) => a - b)
    return values[Math.floor(values.length / 2)] ?? null
  }
  return {
    tdpW: median(({ tdpW }) => tdpW) ?? 0,
    cores: median(({ cores }) => cores),
    baseMhz: median(({ baseMhz }) => baseMhz),
    boostMhz: median(({ boostMhz }) => boostMhz),
  }
}
