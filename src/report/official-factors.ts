import { published } from '../carbon/official/official.ts'
import type { Fact } from './document-shape.ts'
import type { Report } from './report.ts'

const YEARS = 2

/** Where a figure of an authority or a bundled average was published, by the name that the books give it. */
export function publishedAs(source: string): string | null {
  const official = published(source)
  if (official === null) {
    const year = /^static:ember-(\d{4})$/.exec(source)?.[1]
    return year === undefined
      ? null
      : `Ember, Yearly Electricity Data of ${year}; life cycle of each fuel; CC BY 4.0; https://ember-energy.org`
  }
  const { publication, edition } = official
  const { publisher, title, table, licence, page } = edition
  const use = publication.use === 'residual' ? 'Scope 2 by market, residual mix' : 'Scope 2 by location'
  return `${publisher}, ${title}, ${table}; ${use}; ${publication.contents}; ${licence}; ${page}`
}

/** The year that a yearly figure is of; null for one of its own time, or of which the year is not known. */
export function yearOf(source: string): number | null {
  const year = published(source)?.edition.year ?? /^static:ember-(\d{4})$/.exec(source)?.[1]
  return year === undefined ? null : Number(year)
}

/** A line for each publication that the figures are from. */
export function publications({ factors }: Report): Fact[] {
  const sources = [...new Set(factors.flatMap(({ source }) => source.split(' + ')))].sort()
  return sources.flatMap((source) => {
    const text = publishedAs(source)
    return text === null ? [] : [[source, text] as const]
  })
}

/** Whether yearly figures counted that were more than two years old at the end of the time. */
export function ageOfFactors({ factors, about }: Report): string {
  const dated = [...new Set(factors.map(({ source }) => source))].flatMap((source) => {
    const year = yearOf(source)
    return year === null ? [] : [{ source, year }]
  })
  const old = dated.filter(({ year }) => isOld(year, about.untilUnixMs))
  if (old.length > 0) {
    const named = old.map(({ source, year }) => `${source} is of ${year}`).join(', ')
    return `${named}: more than ${YEARS} years before the end of the period.`
  }
  if (dated.length > 0) return `No yearly figure is older than ${YEARS} years.`
  return 'No figure of a past year counted, as far as sources tell their year.'
}

/** The year was over more than two years before. */
export function isOld(year: number, untilUnixMs: number): boolean {
  return Date.UTC(year + 1 + YEARS) < untilUnixMs
}
