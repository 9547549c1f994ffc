import { type ConfigFault, fault } from '../../model/config-fault.ts'
import { didYouMean, nearest } from '../../model/did-you-mean.ts'
import { DESNZ } from './desnz.ts'
import { EGRID } from './egrid.ts'
import { NGA, NGA_RESIDUAL } from './nga.ts'
import type { Edition, Publication } from './publication.ts'

export const PUBLICATIONS: readonly Publication[] = [EGRID, DESNZ, NGA, NGA_RESIDUAL]

/** A figure of an authority for one region. */
export interface OfficialFigure {
  readonly publication: Publication
  readonly region: string
  /** Editions that have it, the oldest first. */
  readonly editions: readonly [Edition, ...Edition[]]
}

/** `egrid/CAMX`. Throws a ConfigFault, which names what was meant. */
export function officialFigure(name: string, use: Publication['use'], key: string): OfficialFigure {
  const found = ALL.get(name.toLowerCase())
  if (found === undefined) throw unknown(name, use, key)
  const other = use === 'location' ? 'a residual mix: only carbon.market may count with it' : 'the average of a grid'
  if (found.publication.use !== use) throw fault(key, `expected ${EXPECTED[use]}, received ${name}, which is ${other}`)
  return found
}

/** The country whose grid it is of; null for a name that is in no publication. */
export function countryOf(name: string): string | null {
  return ALL.get(name.toLowerCase())?.publication.country ?? null
}

/** The figure of a year: of the newest edition up to it, else of the oldest. */
export function editionOf({ editions }: OfficialFigure, year: number): Edition {
  return editions.findLast((edition) => edition.year <= year) ?? editions[0]
}

/** How figures and reports name an edition: `static:egrid-2023`. */
export function sourceOf({ name }: Publication, { year }: Edition): string {
  return `static:${name}-${year}`
}

/** The zone in figures: `US-CAMX`, or the country where there is no other region. */
export function zoneOf({ publication, region }: OfficialFigure): string {
  return region === publication.country ? region : `${publication.country}-${region}`
}

/** What a source in the books was published as; null for one that is no official figure. */
export function published(source: string): { readonly publication: Publication; readonly edition: Edition } | null {
  for (const publication of PUBLICATIONS) {
    const edition = publication.editions.find((one) => sourceOf(publication, one) === source)
    if (edition !== undefined) return { publication, edition }
  }
  return null
}

const UG_PER_LB = 453_592_370n
const UG_PER_KG = 1_000_000_000n
const KWH_PER_MWH = 1_000n
const UG_PER_MG = 1_000n

/** Whole mg/kWh, half of one up. A pound is 453.59237 g by definition, so that nothing else is rounded. */
export function mgPerKwh({ unit, figures }: Edition, region: string): bigint {
  const [whole = '', decimals = ''] = (figures[region] ?? '').split('.')
  const product = BigInt(`${whole}${decimals}`) * (unit === 'kg/kWh' ? UG_PER_KG * KWH_PER_MWH : UG_PER_LB)
  const scale = 10n ** BigInt(decimals.length) * KWH_PER_MWH * UG_PER_MG
  return (2n * product + scale) / (2n * scale)
}

const ALL: ReadonlyMap<string, OfficialFigure> = new Map(
  PUBLICATIONS.flatMap((publication) => {
    const regions = new Set(publication.editions.flatMap(({ figures }) => Object.keys(figures)))
    return [...regions].map((region) => {
      const editions = publication.editions.filter(({ figures }) => region in figures)
      const figure: OfficialFigure = { publication, region, editions: editions as [Edition, ...Edition[]] }
      return [`${publication.name}/${region}`.toLowerCase(), figure] as const
    })
  }),
)

const EXPECTED = {
  location: 'an official figure of a grid, such as egrid/CAMX, desnz/GB or nga/NSW',
  residual: 'an official residual mix, such as nga-residual/AU',
} as const

/** People leave the region out, or write it as the post does, so that the part behind the slash is compared too. */
function unknown(name: string, use: Publication['use'], key: string): ConfigFault {
  const names = [...ALL.values()]
    .filter(({ publication }) => publication.use === use)
    .map(({ publication, region }) => `${publication.name}/${region}`)
  const [table = '', region = ''] = name.toUpperCase().split('/')
  const alike = names.filter((one) => {
    const [own = '', part = ''] = one.toUpperCase().split('/')
    return (own === table && (region === '' || part.startsWith(region))) || part === table || part === region
  })
  const meant = alike.length > 0 ? alike : [nearest(name, names)]
  return fault(key, `expected ${EXPECTED[use]}, received ${JSON.stringify(name)}${didYouMean(meant)}`)
}
