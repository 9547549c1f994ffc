import type { Sliced } from '../../io/slices.ts'
import type { IntensityBasis } from '../../model/carbon.ts'
import type { Logger } from '../../model/logger.ts'
import { takeEach } from '../table/table-line.ts'
import { WatchedFile } from '../table/watched-file.ts'
import { IntensitySeries, lengthOf, type Period } from '../time/intensity-series.ts'
import { nearestNames } from '../zone/zone.ts'
import { intensityRows } from './intensity-file.ts'
import type { Coverage, RefreshedSource } from './source.ts'

export interface FileConfig {
  readonly source: 'file'
  readonly path: string
  /** As the file names it; null takes `carbon.zone`, else the file's only one. */
  readonly zone: string | null
  readonly basis: IntensityBasis
}

const NOTHING = new IntensitySeries()

/** A CSV or JSON file that the operator keeps. */
export class FileSource implements RefreshedSource {
  readonly name = 'file'
  readonly basis: IntensityBasis
  readonly #zone: string | null
  readonly #file: WatchedFile<IntensitySeries>

  /** `zone` is `carbon.zone` by the name that figures use. */
  constructor({ path, zone: own, basis }: FileConfig, zone: string | null, logger: Logger) {
    this.basis = basis
    this.#zone = own ?? zone
    const parse = (text: string) => this.#read(text, path)
    this.#file = new WatchedFile({ path, what: 'intensities', event: 'intensity', parse, logger })
  }

  cover(unixMs: number): Coverage {
    return (this.#file.content ?? NOTHING).cover(unixMs)
  }

  get problem(): string | null {
    return this.#file.problem
  }

  get resolutionMs(): number | null {
    return lengthOf(this.#file.content?.last ?? null)
  }

  get revision(): number {
    return this.#file.revision
  }

  check(): readonly string[] {
    return this.#file.check()
  }

  refresh(signal: AbortSignal): Promise<number> {
    return this.#file.refresh(signal)
  }

  *#read(text: string, path: string): Sliced<IntensitySeries> {
    const rows: Period[] = []
    const zones = { all: new Set<string>(), ofBasis: new Set<string>() }
    yield* takeEach(intensityRows(text, path), (row) => {
      zones.all.add(row.zone)
      if (row.basis !== this.basis) return
      zones.ofBasis.add(row.zone)
      if (row.zone === (this.#zone ?? row.zone)) rows.push(row)
    })
    const zone = this.#zone ?? onlyOf(zones.all)
    if (rows.length > 0) return yield* seriesOf(rows)
    const there = nearestNames(zone, zones.ofBasis)
    const hint = there.length === 0 ? '' : ` (did you mean zone ${there.join(' or ')}?)`
    throw new Error(` no line is of zone ${zone} and basis ${this.basis}${hint}`)
  }
}

function* seriesOf(rows: readonly Period[]): Sliced<IntensitySeries> {
  const series = new IntensitySeries()
  yield* series.putAll(rows)
  return series
}

function onlyOf(zones: ReadonlySet<string>): string {
  const [zone = 'any', ...others] = zones
  if (others.length > 0) throw new Error(` set zone to one of ${[...zones].slice(0, 5).join(', ')}`)
  return zone
}
