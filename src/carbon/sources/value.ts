import type { Intensity, IntensityBasis } from '../../model/carbon.ts'
import { fault } from '../../model/config-fault.ts'
import type { Form } from '../../schema/fields.ts'
import { SITE_AVERAGE } from '../intensity/intensity-quality.ts'
import { type Coverage, type IntensitySource, mgPerKwhOf } from '../intensity/source.ts'
import type { ConfigOf, Keys, SourceType } from './source-type.ts'

const REFERENCE: Form = { expected: 'text of 1 to 100 printable characters', pattern: /^[^\p{Cc}]{1,100}$/u }

const schema = ({ variant, requiredNumber, requiredText, requiredBasis }: Keys) =>
  variant('value', 'One figure that you vouch for.', {
    g_per_kwh: requiredNumber('Emission factor, in grams of CO₂e per kilowatt hour.', 0, 2_000),
    basis: requiredBasis,
    reference: requiredText('Source of the figure, shown wherever the figure is.', REFERENCE),
  })

export type ValueConfig = ConfigOf<typeof schema>

export const valueSource: SourceType<typeof schema> = {
  name: 'value',
  schema,
  example: { source: 'value', g_per_kwh: 30, basis: 'direct', reference: 'utility 2026' },
  create: (config, { key, zone }) => new ValueSource(config, zone ?? 'unnamed', key),
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
    // From the epoch on: the operator states no beginning, and yesterday must be covered too.
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
