import { closeSync, constants, fstatSync, openSync, readFileSync, statSync } from 'node:fs'
import type { IntensityBasis } from '../../model/carbon.ts'
import type { Logger } from '../../model/logger.ts'
import { IntensitySeries, type Period } from '../intensity-series.ts'
import { parseIntensityCsv } from './intensity-csv.ts'
import { parseIntensityJson } from './intensity-json.ts'
import type { Coverage, RefreshedSource } from './source.ts'

export interface FileConfig {
  readonly source: 'file'
  readonly path: string
  /** As the file names it; null takes `carbon.zone`, else the file's only one. */
  readonly zone: string | null
  readonly basis: IntensityBasis
}

const LOOK_EVERY_MS = 10_000
/** Ten years of hours are 5 MB. */
const MAX_BYTES = 1 << 24

/** A CSV or JSON file that the operator keeps. Read again when it changes; a bad one is refused as a whole. */
export class FileSource implements RefreshedSource {
  readonly name = 'file'
  readonly basis: IntensityBasis
  readonly #config: FileConfig
  readonly #zone: string | null
  readonly #logger: Logger
  #series = new IntensitySeries<Period>()
  #revision = 0
  #version: string | null = null
  #problem: string | null = null

  /** `zone` is `carbon.zone` by the name that figures use. */
  constructor(config: FileConfig, zone: string | null, logger: Logger) {
    this.basis = config.basis
    this.#config = config
    this.#zone = config.zone ?? zone
    this.#logger = logger
  }

  cover(unixMs: number): Coverage {
    return this.#series.cover(unixMs)
  }

  get problem(): string | null {
    return this.#problem
  }

  get revision(): number {
    return this.#revision
  }

  check(): string | null {
    this.reload()
    return this.#problem
  }

  async refresh(): Promise<number> {
    this.reload()
    return LOOK_EVERY_MS
  }

  /** Reads the file if it is not the one that was read last. What is wrong is logged once, and what was good stays. */
  reload(): void {
    const { path } = this.#config
    const before = this.#problem
    try {
      const { mtimeNs, ctimeNs, size, ino } = statSync(path, { bigint: true })
      const version = `${ino} ${size} ${mtimeNs} ${ctimeNs}`
      if (version === this.#version) return
      this.#version = version
      this.#series = this.#parse(readText(path))
      this.#revision += 1
      this.#problem = null
      this.#logger.info({ event: 'intensity_file_read', path }, `intensities read from ${path}`)
    } catch (cause) {
      const { code, message } = cause as NodeJS.ErrnoException
      if (code !== undefined) this.#version = null
      this.#problem = `${path}:${message.startsWith('ENOENT') ? ' there is no such file' : message}`
      if (this.#problem === before) return
      this.#logger.warn(
        { event: 'intensity_file_refused', path },
        `${this.#problem}: the file is refused, the last good data stay in force`,
      )
    }
  }

  #parse(text: string): IntensitySeries<Period> {
    const rows = parseIntensities(text, this.#config.path)
    const zone = this.#zone ?? onlyZoneOf(rows)
    const series = new IntensitySeries<Period>()
    for (const row of rows) if (row.zone === zone && row.basis === this.basis) series.put(row)
    if (series.last === null) throw new Error(` no line is of zone ${zone} and basis ${this.basis}`)
    return series
  }
}

/** JSON by its first character, so that a name without an extension does. */
function parseIntensities(text: string, path: string): Period[] {
  const content = text.replace(/^\uFEFF/, '')
  const isJson = path.endsWith('.json') || /^\s*\[/.test(content)
  return isJson ? parseIntensityJson(content) : parseIntensityCsv(content)
}

function onlyZoneOf(rows: readonly Period[]): string {
  const zones = [...new Set(rows.map(({ zone }) => zone))]
  const [zone = 'any', ...others] = zones
  if (others.length > 0) throw new Error(` set zone to one of ${zones.slice(0, 5).join(', ')}`)
  return zone
}

function readText(path: string): string {
  // O_NONBLOCK: a FIFO without a writer must not hold up the agent.
  const descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
  try {
    const stat = fstatSync(descriptor)
    if (!stat.isFile()) throw new Error(' it is no regular file')
    if (stat.size > MAX_BYTES) throw new Error(` it has more than ${MAX_BYTES} bytes`)
    return readFileSync(descriptor, 'utf8')
  } finally {
    closeSync(descriptor)
  }
}
