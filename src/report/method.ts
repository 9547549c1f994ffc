import { fixed } from './digits.ts'
import type { Fact } from './document-shape.ts'
import type { Report } from './report.ts'

/** How the figures were made, in sentences. */
export function methodOf({ about, quality, by, statement }: Report): Fact[] {
  const { allocation, tariff, currency } = about
  const { dataQuality: dq } = quality
  const isSplit = by === 'consumer' || by === 'tenant' || statement !== null
  const rules = `version ${allocation.version}, ${allocation.rules} rules of tenants (sha256 ${allocation.rulesSha256})`
  return [
    [
      'Energy',
      'Counters and power of sensors, integrated to whole microjoules; each piece of hardware counts once, by its best meter. What no meter covers is modelled and labelled estimated.',
    ],
    [
      'Scope 2',
      `Energy × PUE (mean ${fixed(quality.pue, 3)}) × intensity of the grid at that time. Location-based: the average of the grid. Market-based: contracts, then residual mix, then the average, in the order of the Scope 2 Guidance (2015).`,
    ],
    [
      'Scope 3',
      'The making of the machine (raw material and manufacturing), evenly over its lifetime, for the time that is covered. The other stages of its life are shown in proportion to it.',
    ],
    [
      'Uncertainty',
      'Half-width of the 95 % interval (k = 2) by the GUM: errors of a meter, a source and the PUE add up linearly over time, and in quadrature with each other.',
    ],
    [
      'Data quality',
      `After PCAF, 1 is best: energy ${fixed(dq.energy, 2)}, intensity ${fixed(dq.intensity, 2)}, making of the machine ${fixed(dq.embodied, 2)}.`,
    ],
    ...(by === 'part'
      ? ([
          [
            'Parts',
            "Emissions, water and cost of each hour in proportion to the part's energy in it; the making of the machine is not known by part.",
          ],
        ] as Fact[])
      : []),
    ...(isSplit
      ? ([
          [
            'Allocation',
            `By idle energy, which goes to reservations, and dynamic energy, which goes to use; ${rules}. Emissions and water follow energy hour by hour, the making of the machine follows idle energy, cost follows energy by the mean price of the UTC day.`,
          ],
          [
            'Unallocated',
            allocation.unallocated === 'spread'
              ? 'What nobody had reserved is divided among the reservations, so that it is in the figures.'
              : 'What nobody had reserved or used is a consumer of its own. A statement has its part of it apart, by the energy of each UTC day.',
          ],
        ] as Fact[])
      : []),
    ...(tariff === null || currency === null
      ? []
      : ([
          ['Cost', `${tariff}; of the energy of the machine, without PUE. Nothing is rounded before the sum.`],
        ] as Fact[])),
  ]
}
