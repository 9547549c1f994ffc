import type { IntensityBasis } from '../../model/carbon.ts'
import type { Logger } from '../../model/logger.ts'
import { IntensitySeries, lengthOf, type Period } from '../intensity-series.ts'
import { WatchedFile } from '../watched-file.ts'
import { nearestNames } from '../zone.ts'
import { parseIntensities } from './intensity-file.ts'
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
    const parse = (text: string) => this.#seriesOf(parseIntensities(text, path))
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

  check(): string | null {
    return this.#file.check()
  }

  refresh(): Promise<number> {
    return this.#file.refresh()
  }

  reload(): void {
    this.#file.reload()
  }

  #seriesOf(rows: readonly Period[]): IntensitySeries {
    const zone = this.#zone ?? onlyZoneOf(rows)
    const series = new IntensitySeries()
    for (const row of rows) if (row.zone === zone && row.basis === this.basis) series.put(row)
    if (series.last === null) {
      const there = nearestNames(
        zone,
        rows.filter(({ basis }) => basis === this.basis).map((row) => row.zone),
      )
      const hint = there.length === 0 ? '' : ` (did you mean zone ${there.join(' or ')}?)`
      throw new Error(` no line is of zone ${zone} and basis ${this.basis}${hint}`)
    }
    return series
  }
}

function onlyZoneOf(rows: readonly Period[]): string {
  const zones = [...new Set(rows.map(({ zone }) => zone))]
  const [zone = 'any', ...others] = zones
  if (others.length > 0) throw new Error(` set zone to one of ${zones.slice(0, 5).join(', ')}`)
  return zone
}
