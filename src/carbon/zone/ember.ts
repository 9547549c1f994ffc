import { createRequire } from 'node:module'
import { join } from 'node:path'

/*
 * Average carbon intensity of the electricity generated in a country in a year, over the life cycle of each fuel:
 * Ember, Yearly Electricity Data (CC BY), as bundled with @tgwf/co2.
 */

/** g CO₂e per kWh by ISO 3166 alpha-3 code, or by the name of a region in capitals: `WORLD`, `EU`. */
export type Intensities = Readonly<Record<string, number>>

/** The year of the bundled world average and of every country with recent statistics. */
export const EMBER_YEAR = 2024

/*
 * The bundle takes the last year that Ember has of each country, and leaves the year out. These are the countries that
 * its source (thegreenwebfoundation/co2.js, data/output/average-intensities.json) gives with an earlier year and the
 * same figure. A test fails when the bundle changes.
 */
const OTHER_YEARS: readonly (readonly [year: number | null, countries: string])[] = [
  [
    2022,
    `ABW BHS COK CPV FLK FRO GLP GNB GRD GRL GUF GUM HTI JAM JOR KIR KNA LCA LKA LSO MAC MDG MRT MSR MTQ MWI NCL NPL PRK
    PSE PYF REU SPM STP SYR TCD UGA`,
  ],
  [
    2023,
    `AFG AGO ALB ASM ATG BDI BEN BFA BHR BLZ BRB BRN BTN BWA CIV CMR COD COG COM CUB CYM DJI DMA DZA ERI ETH FJI GAB GHA
    GIN GMB GNQ GTM GUY HKG HND IDN IRQ ISL ISR LAO LBN LBR LBY MDV MLI MOZ MUS NAM NER NIC NRU PAN PNG PRY RWA SDN SEN
    SLB SLE SOM SSD SUR SWZ SYC TCA TGO TKM TON TTO TZA UZB VCT VEN VGB VIR VUT WSM YEM ZMB ZWE`,
  ],
  // Revised since, perhaps to a later year.
  [null, 'ARE SAU UKR'],
]

/** Reads one small file of the package, since importing the package takes 5 MB of memory. */
export function emberIntensities(): Intensities {
  const require = createRequire(import.meta.url)
  const data = join(require.resolve('@tgwf/co2/data'), '../data/average-intensities.min.js')
  const { data: intensities } = require(data) as { readonly data: Intensities }
  // The Central African Republic has 0 g/kWh there, which is a rounding: every plant has a life cycle.
  return Object.fromEntries(Object.entries(intensities).filter(([, gPerKwh]) => gPerKwh > 0))
}

/** The year that a figure is of; null when it is not known. */
export function emberYear(key: string): number | null {
  const other = OTHER_YEARS.find(([, countries]) => countries.split(/\s+/).includes(key))
  return other === undefined ? EMBER_YEAR : other[0]
}
