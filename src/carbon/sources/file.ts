import type { Sliced } from '../../io/slices.ts'
import type { IntensityBasis } from '../../model/carbon.ts'
import { byLikeness, didYouMean } from '../../model/did-you-mean.ts'
import type { Logger } from '../../model/logger.ts'
import type { IntensityPeriod } from '../intensity/intensity-period.ts'
import type { Coverage, RefreshedSource } from '../intensity/source.ts'
import { takeEach } from '../table/table-line.ts'
import { WatchedFile } from '../table/watched-file.ts'
import { lengthOf, TimeSeries } from '../time/time-series.ts'
import { intensityRows } from './intensity-file.ts'
import type { ConfigOf, Keys, SourceType } from './source-type.ts'

const schema = ({ variant, ABSOLUTE_PATH, optionalText, requiredText, basis, ZONE }: Keys) =>
  variant(
    'file',
    "A CSV file with the header zone,start,end,g_per_kwh,basis, a JSON array of objects with these keys, or a CSV file from Electricity Maps' data portal; read again when it changes.",
    {
      path: requiredText('Path of the file.', ABSOLUTE_PATH),
      zone: optionalText(
        'Name of the zone in the file; null takes carbon.zone, or the only zone that the file has.',
        ZONE,
      ),
      basis,
    },
  )

export type FileConfig = ConfigOf<typeof schema>

export const fileSource: SourceType<typeof schema> = {
  name: 'file',
  schema,
  example: { source: 'file', path: '/etc/wattledger/intensity.csv' },
  create: (config, { zone, logger }) => new FileSource(config, zone, logger),
}

const NOTHING = new TimeSeries<IntensityPeriod>()

/** A CSV or JSON file that the operator keeps. */
export class FileSource implements RefreshedSource {
  readonly name = 'file'
  readonly basis: IntensityBasis
  readonly #zone: string | null
  readonly #file: WatchedFile<TimeSeries<IntensityPeriod>>

  /** `zone` is `carbon.zone` by the name that figures use. */
  constructor({ path, zone: own, basis }: FileConfig, zone: string | null, logger: Logger) {
    this.basis = basis
    this.#zone = own ?? zone
    const parse = (text: string) => this.#read(text, path)
    this.#file = new WatchedFile({ path, what: 'intensities', event: 'intensity', parse, logger })
  }

  cover(unixMs: number): Coverage {
    const { period: intensity, untilUnixMs } = (this.#file.content ?? NOTHING).at(unixMs)
    return { intensity, untilUnixMs }
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

  *#read(text: string, path: string): Sliced<TimeSeries<IntensityPeriod>> {
    const rows: IntensityPeriod[] = []
    const zones = { all: new Set<string>(), ofBasis: new Set<string>() }
    yield* takeEach(intensityRows(text, path), (row) => {
      zones.all.add(row.zone)
      if (row.basis !== this.basis) return
      zones.ofBasis.add(row.zone)
      if (row.zone === (this.#zone ?? row.zone)) rows.push(row)
    })
    const zone = this.#zone ?? onlyOf(zones.all)
    if (rows.length > 0) return yield* seriesOf(rows)
    const hint = didYouMean(byLikeness(zone, zones.ofBasis).map((name, at) => (at === 0 ? `zone ${name}` : name)))
    throw new Error(` no line has zone ${zone} and basis ${this.basis}${hint}`)
  }
}

function* seriesOf(rows: readonly IntensityPeriod[]): Sliced<TimeSeries<IntensityPeriod>> {
  const series = new TimeSeries<IntensityPeriod>()
  yield* series.putAll(rows)
  return series
}

function onlyOf(zones: ReadonlySet<string>): string {
  const [zone = 'any', ...others] = zones
  if (others.length > 0) throw new Error(` set zone to one of ${[...zones].slice(0, 5).join(', ')}`)
  return zone
}
