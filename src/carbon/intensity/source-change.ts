import type { Intensity } from '../../model/carbon.ts'
import type { EventRow } from '../../model/event-row.ts'
import type { Logger } from '../../model/logger.ts'
import type { IntensitySource } from './source.ts'

/** Another source than before states the intensity. */
export interface SourceChange {
  readonly from: IntensitySource
  readonly to: IntensitySource
  readonly intensity: Intensity
  readonly atUnixMs: number
  /** True when a preferred source does not cover the time. */
  readonly isFallback: boolean
}

/** Says a change in the log. Returns the same for the ledger. `more`: see `Tell`. */
export function announce(
  { from, to, intensity, atUnixMs, isFallback }: SourceChange,
  logger: Logger,
  more = '',
): Pick<EventRow, 'what' | 'detail'> {
  const since = new Date(atUnixMs).toISOString()
  const figure = `${intensity.source}, ${Math.round(Number(intensity.mgPerKwh) / 1e3)} g/kWh ${intensity.basis}`
  const what = 'intensity_source_changed'
  const fields = { event: what, from: from.name, to: to.name, since }
  const detail = `${from.name} -> ${to.name} from ${since}`
  if (isFallback) {
    const reason = from.problem ?? 'it has no figure for this time'
    logger.warn(
      fields,
      `carbon.location: ${from.name} is replaced from ${since} by ${figure}, estimated: ${reason}${more}`,
    )
    return { what, detail: `${detail}: ${reason}${more}` }
  }
  logger.info(fields, `carbon.location: ${to.name} is used again from ${since}: ${figure}${more}`)
  return { what, detail: `${detail}${more}` }
}
