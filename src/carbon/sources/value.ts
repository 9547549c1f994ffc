import type { Intensity, IntensityBasis } from '../../model/carbon.ts'
import { fault } from '../../model/config-fault.ts'
import { SITE_AVERAGE } from './intensity-quality.ts'
import { type Coverage, type IntensitySource, mgPerKwhOf } from './source.ts'

export interface ValueConfig {
  readonly source: 'value'
  readonly g_per_kwh: number
  readonly basis: IntensityBasis
  readonly reference: string
}

/** One figure that the operator vouches for, at any time. */
export class ValueSource implements IntensitySource {
  readonly name = 'value'
  readonly basis: IntensityBasis
  readonly problem = null
  readonly revision = 0
  readonly resolutionMs = null
  readonly #intensity: Intensity

  /** Throws a ConfigFault for a figure out of range. */
  constructor({ g_per_kwh, basis, reference }: ValueConfig, zone: string, key = 'carbon.location') {
    const mgPerKwh = mgPerKwhOf(g_per_kwh)
    if (mgPerKwh === null) throw fault(key, `value: ${g_per_kwh} g/kWh is out of range`)
    this.basis = basis
    // Since the epoch: the operator states no beginning, and an interval of yesterday must be covered too.
    this.#intensity = {
      zone,
      basis,
      mgPerKwh,
      source: `value:${reference}`,
      status: 'final',
      startsUnixMs: 0,
      endsUnixMs: null,
      ...SITE_AVERAGE,
    }
  }

  cover(): Coverage {
    return { intensity: this.#intensity, untilUnixMs: Number.POSITIVE_INFINITY }
  }
}
